"""The keys of `[checks]`, `[monitor]` and `[alerts]`."""

from typing import Annotated, Literal, get_args

import msgspec

from pipeline.config.section import Addresses, Section, Words, form

_Mark = Annotated[int, msgspec.Meta(ge=1, le=1000)]
_PERIOD = form(
    r"\A([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]\Z",
    'two times of day like "20:00-07:00"',
)


class ChecksKeys(Section, frozen=True):
    """`[checks]`: the warnings that stop a run as a failed check does."""

    fail_on: tuple[str, ...] = ()


class MonitorKeys(Section, frozen=True):
    """`[monitor]`: who learns that a run began and ended; where its figures go."""

    ping_url: str | None = None
    metrics_file: str | None = None
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 10


Subject = Literal[
    "runs",
    "sources",
    "endpoints",
    "closing",
    "budgets",
    "forecasts",
    "quota",
    "anomalies",
]


class AlertsKeys(Section, frozen=True):
    """`[alerts]`: who learns of what, at which marks, and when.

    Marks are percent of a budget or of a quota.
    """

    recipients: tuple[str, ...] = ()
    webhook: str | None = None
    webhook_format: Literal["text", "card", "json"] = "text"
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=600)] = 60
    on: tuple[Subject, ...] = get_args(Subject)
    cost_centers: dict[str, Addresses] = {}
    cost_center_owners: bool = False
    figures: Literal["daily", "weekly"] = "daily"
    quiet_hours: Annotated[str, _PERIOD] | None = None
    time_zone: Words = "UTC"
    late_after_hours: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 26
    budget_marks: tuple[_Mark, ...] = (80, 100)
    quota_marks: tuple[_Mark, ...] = (75, 90, 100)
