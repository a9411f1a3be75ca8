"""The keys of `chargeback.toml`, with their types, ranges and defaults."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from pipeline.config.notice_keys import AlertsKeys, ChecksKeys, MonitorKeys
from pipeline.config.section import Addresses, Section, Words, form
from pipeline.formats.language import msgid

_ONE_OR_MORE = msgspec.Meta(ge=1)
_Positive = Annotated[int, _ONE_OR_MORE]
_MOST_DAYS = 36_500  # a hundred years, so that no day is before the calendar's first
_MEMORY = form(
    r"\A([1-9][0-9]?%|[1-9][0-9]*(\.[0-9]+)? ?([MGT]i?B))\Z",
    'a share of the machine\'s memory like "25%", or an amount like "2GB"',
)
_CONNECT = form(
    r"\Asc://\S{1,2000}\Z", 'a server of Spark Connect like "sc://spark.example:15002"'
)
_MODE = form(r"\A0?6[046][04]\Z", 'a mode like "0600" or "0640"')
_COLOR = form(r"\A#[0-9A-Fa-f]{6}\Z", 'a colour like "#0b5cad"')
_COUNTRY = form(
    r"\A[A-Z]{2,3}(-\S.{0,49})?\Z", 'a country like "DE", or a part of one like "DE-BY"'
)
_TENANT_NAME = form(r"\A[A-Za-z0-9_-]{1,64}\Z", "letters, digits, - and _, 64 at most")
_TenantName = Annotated[str, _TENANT_NAME]


class TenantKeys(Section, frozen=True):
    """One `[[tenant]]`; a secret is a reference to where it is kept."""

    name: _TenantName
    url: str
    api_key: str | None = None
    oauth_client_id: str | None = None
    oauth_client_secret: str | None = None
    first_day: date | None = None
    formerly: list[_TenantName] = []


class Extract(Section, frozen=True):
    """`[extract]`: which days are read, and how fast: requests a minute, seconds."""

    requests_per_minute: _Positive = 450
    lookback_days: Annotated[int, msgspec.Meta(ge=0, le=_MOST_DAYS)] = 3
    run_history_days: Annotated[int, msgspec.Meta(ge=1, le=_MOST_DAYS)] = 30
    shrink_ratio: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 30
    retries: Annotated[int, msgspec.Meta(ge=0)] = 6


class Sources(Section, frozen=True):
    """`[sources]`: the optional sources, each of which needs a right of the caller."""

    audit_events: bool = False
    audit_archive_from: date | None = None
    run_detail: bool = False
    licence: bool = False
    consumption: bool = False


class ChargeKeys(Section, frozen=True):
    """`[charge]`: the finance files, a second currency, limits, issuer and accounts."""

    rate_card: str | None = None
    cost_centers: str | None = None
    budgets: str | None = None
    fixed_costs: str | None = None
    entitlements: str | None = None
    markups: str | None = None
    values: str | None = None
    exchange_rates: str | None = None
    notes: str | None = None
    ledger: str | None = None
    display_currency: str | None = None
    tolerance: Decimal = Decimal("0.5")
    anomaly_floor: Decimal | None = None
    issuer: Words = msgid("Internal chargeback")
    contact: Words | None = None
    dispute_days: Annotated[int, msgspec.Meta(ge=1, le=366)] | None = None
    expense_account: Words = "6000"
    clearing_account: Words = "1000"


class Report(Section, frozen=True):
    """`[report]`: language and locale, where people open the pages, holidays, look."""

    language: str = "en"
    locale: str | None = None
    url: str | None = None
    holidays: Annotated[str, _COUNTRY] | None = None
    logo: str | None = None
    accent: Annotated[str, _COLOR] | None = None
    accent_dark: Annotated[str, _COLOR] | None = None

    @property
    def written(self) -> str:
        """The locale in which numbers and dates are written."""
        return self.locale or self.language


class FilesKeys(Section, frozen=True):
    """`[files]`: the mode of all that a run writes, and its group."""

    mode: Annotated[str, _MODE] = "0600"
    group: Words | None = None


class Privacy(Section, frozen=True):
    """`[privacy]`: how people are shown, how long what is removable is kept.

    *returned* are ids of users who were forgotten and whose names are read again.
    """

    owners: Literal["names", "pseudonyms", "none"] = "names"
    retention_months: Annotated[int, msgspec.Meta(ge=1, le=1200)] | None = None
    returned: tuple[str, ...] = ()


class MailKeys(Section, frozen=True, rename={"sender": "from"}):
    """`[mail]`: the server, the sender, the recipients, the attachments."""

    host: str
    sender: str
    recipients: Addresses
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    auth: Literal["password", "oauth"] = "password"
    user: str | None = None
    password: str | None = None
    oauth_token_url: str | None = None
    oauth_client_id: Words | None = None
    oauth_client_secret: str | None = None
    oauth_service_account: str | None = None
    oauth_scope: Words | None = None
    cost_centers: dict[str, Addresses] = {}
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=600)] = 60
    attach: tuple[Literal["xlsx", "csv", "pdf", "html"], ...] = ("xlsx", "csv")
    open_month: Literal["weekly", "monthly", "never"] = "monthly"
    webhook: str | None = None
    webhook_format: Literal["text", "card"] = "text"


class Engine(Section, frozen=True):
    """`[engine]`: how much memory and how many threads a build takes at most.

    What is beyond the memory is written to the data folder, and removed at the end.
    Who makes the models by month, and where Spark is, if it does.
    """

    memory_limit: Annotated[str, _MEMORY] = "25%"
    threads: Annotated[int, msgspec.Meta(ge=1, le=1024)] | None = None
    facts: Literal["duckdb", "spark"] = "duckdb"
    spark_master: Words | None = None
    spark_remote: Annotated[str, _CONNECT] | None = None


class BucketKeys(Section, frozen=True):
    """`[bucket]`: how the bucket of `lake` is reached; secrets are references."""

    endpoint: str | None = None
    region: Words | None = None
    path_style: bool = True
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 60
    retries: Annotated[int, msgspec.Meta(ge=0, le=100)] = 8
    lock_minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 30


class ExportKeys(Section, frozen=True):
    """`[export]`: what each run exports for other tools, and where to."""

    marts: str | None = None


_Tenants = Annotated[list[TenantKeys], msgspec.Meta(min_length=1)]


class TenantsFile(Section, frozen=True):
    """A file in the folder `tenants`: it has `[[tenant]]` sections alone."""

    tenant: _Tenants


class File(Section, frozen=True):
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
