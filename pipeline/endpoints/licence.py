"""The licence of a tenant, an optional source: its quotas, and what is used of them."""

from contextlib import suppress
from typing import Annotated, Any

import msgspec
import polars as pl

from pipeline.endpoints.endpoint import Endpoint, same_named
from pipeline.endpoints.records import Count, Id, Record, Time
from pipeline.lake.tables import TIMESTAMP, Table

# A limit may be written as -1 where there is none.
Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class Quota(Record):
    """How much of something a licence includes."""

    quantity: Whole | None = None
    period_type: str | None = None
    unlimited: bool | None = None


class LicenceParameter(Record):
    """One parameter of a licence; its *values* are a quota, or dropped."""

    name: Any = None
    values: Any = None

    def __post_init__(self) -> None:
        """Decode the quota; the values of other parameters have no known shape."""
        values, self.values = self.values, None
        if not self.is_quota:
            return
        with suppress(msgspec.ValidationError):
            self.values = msgspec.convert(values or {}, Quota, strict=False)

    @property
    def is_odd(self) -> bool:
        """Whether the values of a quota are not as documented."""
        return self.is_quota and self.values is None

    @property
    def is_quota(self) -> bool:
        """Whether its values say how many runs of automations are included."""
        name = self.name
        return isinstance(name, str) and name.lower().endswith("automationruns")


class LicenceOverview(Record):
    """The licence of a tenant; of its parameters, some are quotas."""

    parameters: list[LicenceParameter] | None = None


LICENCE = Endpoint(
    path="/api/v1/licenses/overview",
    record=LicenceOverview,
    page_size=None,
    table=Table(
        name="licence",
        columns={
            "parameter": pl.String,
            "quantity": pl.Int64,
            "period_type": pl.String,
            "is_unlimited": pl.Boolean,
        },
        key=("parameter",),
    ),
    sources={
        "parameter": "name",
        "quantity": "values.quantity",
        "period_type": "values.period_type",
        "is_unlimited": "values.unlimited",
    },
)


class AutomationSettings(Record):
    """What a tenant sets for each of its automations."""

    max_concurrent_runs_per_automation: Whole | None = None


SETTINGS = "/api/workflows/automations/settings"
# It is kept beside the limits of the licence, under its own name.
PER_AUTOMATION = "maxConcurrentRunsPerAutomation"


class Execution(Record):
    """What was used of a quota in a period, as the provider counts it."""

    resource_action: Id
    period_start: Time
    period_type: str | None = None
    period_end: Time | None = None
    local_usage: Count | None = None
    global_usage: Count | None = None
    capacity_limit: Whole | None = None
    overage: bool | None = None


CONSUMPTION = Endpoint(
    path="/api/v1/consumption/executions",
    record=Execution,
    page_size=200,
    table=Table(
        name="consumption",
        columns={
            "resource_action": pl.String,
            "period_type": pl.String,
            "period_start": TIMESTAMP,
            "period_end": TIMESTAMP,
            "tenant_usage": pl.Int64,
            "licence_usage": pl.Int64,
            "capacity_limit": pl.Int64,
            "is_overage": pl.Boolean,
        },
        key=("resource_action", "period_type", "period_start"),
    ),
    sources={
        **same_named("resource_action", "period_type", "period_start", "period_end"),
        "tenant_usage": "local_usage",
        "licence_usage": "global_usage",
        **same_named("capacity_limit"),
        "is_overage": "overage",
    },
    transforms=(pl.col("period_type").fill_null(""),),
    agreed=("period_start", "period_end"),
)
