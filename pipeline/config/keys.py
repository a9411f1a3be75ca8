"""The keys of `chargeback.toml`, with their types, ranges and defaults."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, get_args

import msgspec

_ONE_OR_MORE = msgspec.Meta(ge=1)
_Positive = Annotated[int, _ONE_OR_MORE]
_MOST_DAYS = 36_500  # a hundred years, so that no day is before the calendar's first
_Addresses = Annotated[list[str], msgspec.Meta(min_length=1)]
_Mark = Annotated[int, msgspec.Meta(ge=1, le=1000)]
_Words = Annotated[str, msgspec.Meta(pattern=r"\A\S(.{0,98}\S)?\Z")]
# A share of the machine's memory, or an amount: "25%", "2GB", "1.5 GiB".
_MEMORY = r"\A([1-9][0-9]?%|[1-9][0-9]*(\.[0-9]+)? ?([MGT]i?B))\Z"
# From one time of day to another: "20:00-07:00".
_PERIOD = r"\A([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]\Z"
# A server of Spark Connect.
_CONNECT = r"\Asc://\S{1,2000}\Z"
_TenantName = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z")]


class _Section(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A table of the file; an unknown key is an error."""


class TenantKeys(_Section, frozen=True):
    """One `[[tenant]]`; a secret is a reference to where it is kept."""

    name: _TenantName
    url: str
    api_key: str | None = None
    oauth_client_id: str | None = None
    oauth_client_secret: str | None = None
    first_day: date | None = None
    formerly: list[_TenantName] = []


class Extract(_Section, frozen=True):
    """`[extract]`: which days are read, and how fast: requests a minute, seconds."""

    requests_per_minute: _Positive = 450
    lookback_days: Annotated[int, msgspec.Meta(ge=0, le=_MOST_DAYS)] = 3
    run_history_days: Annotated[int, msgspec.Meta(ge=1, le=_MOST_DAYS)] = 30
    shrink_ratio: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 30
    retries: Annotated[int, msgspec.Meta(ge=0)] = 6


class Sources(_Section, frozen=True):
    """`[sources]`: the optional sources, each of which needs a right of the caller."""

    audit_events: bool = False
    audit_archive_from: date | None = None
    run_detail: bool = False
    licence: bool = False
    consumption: bool = False


class ChargeKeys(_Section, frozen=True):
    """`[charge]`: the finance files, a second currency, limits, issuer and accounts."""

    rate_card: str | None = None
    cost_centers: str | None = None
    budgets: str | None = None
    fixed_costs: str | None = None
    entitlements: str | None = None
    markups: str | None = None
    exchange_rates: str | None = None
    display_currency: str | None = None
    tolerance: Decimal = Decimal("0.5")
    anomaly_floor: Decimal | None = None
    issuer: _Words = "Internal chargeback"
    contact: _Words | None = None
    expense_account: _Words = "6000"
    clearing_account: _Words = "1000"


class Report(_Section, frozen=True):
    """`[report]`: how numbers and dates are written; where people open the pages."""

    locale: str = "en"
    url: str | None = None


class FilesKeys(_Section, frozen=True):
    """`[files]`: the mode of all that a run writes, and its group."""

    mode: Annotated[str, msgspec.Meta(pattern=r"\A0?6[046][04]\Z")] = "0600"
    group: _Words | None = None


class Privacy(_Section, frozen=True):
    """`[privacy]`: how people are shown, how long what is removable is kept.

    *returned* are ids of users who were forgotten and whose names are read again.
    """

    owners: Literal["names", "pseudonyms", "none"] = "names"
    retention_months: Annotated[int, msgspec.Meta(ge=1, le=1200)] | None = None
    returned: tuple[str, ...] = ()


class MailKeys(_Section, frozen=True, rename={"sender": "from"}):
    """`[mail]`: the server, the sender, the recipients, the attachments."""

    host: str
    sender: str
    recipients: _Addresses
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    auth: Literal["password", "oauth"] = "password"
    user: str | None = None
    password: str | None = None
    oauth_token_url: str | None = None
    oauth_client_id: _Words | None = None
    oauth_client_secret: str | None = None
    oauth_service_account: str | None = None
    oauth_scope: _Words | None = None
    cost_centers: dict[str, _Addresses] = {}
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=600)] = 60
    attach: tuple[Literal["xlsx", "csv", "html"], ...] = ("xlsx", "csv")
    open_month: Literal["weekly", "monthly", "never"] = "monthly"
    webhook: str | None = None
    webhook_format: Literal["text", "card"] = "text"


class Engine(_Section, frozen=True):
    """`[engine]`: how much memory and how many threads a build takes at most.

    What is beyond the memory is written to the data folder, and removed at the end.
    Who makes the models by month, and where Spark is, if it does.
    """

    memory_limit: Annotated[str, msgspec.Meta(pattern=_MEMORY)] = "25%"
    threads: Annotated[int, msgspec.Meta(ge=1, le=1024)] | None = None
    facts: Literal["duckdb", "spark"] = "duckdb"
    spark_master: _Words | None = None
    spark_remote: Annotated[str, msgspec.Meta(pattern=_CONNECT)] | None = None


class BucketKeys(_Section, frozen=True):
    """`[bucket]`: how the bucket of `lake` is reached; secrets are references."""

    endpoint: str | None = None
    region: _Words | None = None
    path_style: bool = True
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 60
    retries: Annotated[int, msgspec.Meta(ge=0, le=100)] = 8
    lock_minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 30


class ChecksKeys(_Section, frozen=True):
    """`[checks]`: the warnings that stop a run as a failed check does."""

    fail_on: tuple[str, ...] = ()


class MonitorKeys(_Section, frozen=True):
    """`[monitor]`: who is told that a run began and ended; where its figures go."""

    ping_url: str | None = None
    metrics_file: str | None = None
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 10


class ExportKeys(_Section, frozen=True):
    """`[export]`: what each run exports for other tools, and where to."""

    marts: str | None = None


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


class AlertsKeys(_Section, frozen=True):
    """`[alerts]`: who learns of what, at which marks, and when.

    Marks are percent of a budget or of a quota.
    """

    recipients: tuple[str, ...] = ()
    webhook: str | None = None
    webhook_format: Literal["text", "card"] = "text"
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=600)] = 60
    on: tuple[Subject, ...] = get_args(Subject)
    cost_centers: dict[str, _Addresses] = {}
    cost_center_owners: bool = False
    figures: Literal["daily", "weekly"] = "daily"
    quiet_hours: Annotated[str, msgspec.Meta(pattern=_PERIOD)] | None = None
    time_zone: _Words = "UTC"
    late_after_hours: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 26
    budget_marks: tuple[_Mark, ...] = (80, 100)
    quota_marks: tuple[_Mark, ...] = (75, 90, 100)


_Tenants = Annotated[list[TenantKeys], msgspec.Meta(min_length=1)]


class TenantsFile(_Section, frozen=True):
    """A file in the folder `tenants`: it has `[[tenant]]` sections alone."""

    tenant: _Tenants


class File(_Section, frozen=True):
    """The whole file; only `[[tenant]]` or a folder of `tenants` is required."""

    tenant: _Tenants = []
    tenants: str | None = None
    data_dir: str = "data"
    lake: str | None = None
    currency: str = "EUR"
    first_day: date | None = None
    extract: Extract = Extract()
    sources: Sources = Sources()
    charge: ChargeKeys = ChargeKeys()
    report: Report = Report()
    files: FilesKeys = FilesKeys()
    bucket: BucketKeys = BucketKeys()
    mail: MailKeys | None = None
    checks: ChecksKeys = ChecksKeys()
    monitor: MonitorKeys = MonitorKeys()
    alerts: AlertsKeys | None = None
    export: ExportKeys = ExportKeys()
    privacy: Privacy = Privacy()
    engine: Engine = Engine()
