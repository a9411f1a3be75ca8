"""Settings: everything that a configuration says, with its paths resolved."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipeline.config.bucket import Bucket
from pipeline.config.charge import Charge
from pipeline.config.keys import Engine, Extract, Privacy, Report, Sources
from pipeline.config.look import Look
from pipeline.config.mail import Mail
from pipeline.config.notices import Alerts, Monitor
from pipeline.files.access import Access

DEFAULT_FILE = "chargeback.toml"

# The folder in which a data folder mirrors the lake of a bucket.
LAKE_MIRROR = "lake-mirror"


@dataclass(frozen=True, slots=True)
class TenantAccess:
    """Where a tenant is and how it is spoken to: a key, or a client and its secret.

    *first_day*, if set, is its own; *formerly* are names that it had before.
    """

    name: str
    url: str
    api_key: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    first_day: date | None = None
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a command needs to know about where it runs.

    *marts* is the folder that runs export the marts into, if they do. *part*, like
    `3/8`, says that the tenants are those of one machine of several; *tenants_folder*
    has the files of tenants that are not in the configuration itself.
    """

    tenants: tuple[TenantAccess, ...]
    data_dir: Path
    currency: str = "EUR"
    first_day: date | None = None
    extract: Extract = field(default_factory=Extract)
    sources: Sources = field(default_factory=Sources)
    charge: Charge = field(default_factory=Charge)
    report: Report = field(default_factory=Report)
    look: Look = field(default_factory=Look)
    files: Access = field(default_factory=Access)
    mail: Mail | None = None
    fail_on: frozenset[str] = frozenset()
    monitor: Monitor = field(default_factory=Monitor)
    alerts: Alerts | None = None
    privacy: Privacy = field(default_factory=Privacy)
    engine: Engine = field(default_factory=Engine)
    bucket: Bucket | None = None
    marts: Path | None = None
    part: str = ""
    tenants_folder: Path | None = None

    @property
    def lake(self) -> Path:
        """The folder of the lake; where that is a bucket, the one that mirrors it."""
        return self.data_dir / (LAKE_MIRROR if self.bucket else "lake")

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that analysts read."""
        return self.data_dir / "warehouse.duckdb"

    @property
    def build(self) -> Path:
        """The folder of what models by month made, which is kept to make less."""
        return self.data_dir / "build"

    @property
    def closed(self) -> Path:
        """The folder of the closed months."""
        return self.data_dir / "closed"

    @property
    def reports(self) -> Path:
        """The folder of the pages."""
        return self.data_dir / "reports"

    @property
    def quarantine(self) -> Path:
        """The folder of the pages of a tenant that were refused."""
        return self.data_dir / "quarantine"

    @property
    def state(self) -> Path:
        """The folder of what was done: the delivery ledger, the register's head."""
        return self.data_dir / "state"

    @property
    def written(self) -> tuple[Path, ...]:
        """The folders and files that runs write in the data folder."""
        folders = (
            *(self.lake, self.build, self.closed, self.reports),
            *(self.quarantine, self.state),
        )
        log = self.warehouse.with_name(f"{self.warehouse.name}.wal")
        return (*folders, self.warehouse, log)

    @property
    def own(self) -> tuple[Path, ...]:
        """What a run writes or reads, and no other command may write to."""
        finance = (path for _, path in self.charge.files)
        logo = self.look.logo and self.look.logo.path
        more = (one for one in (self.tenants_folder, self.marts, logo) if one)
        return (*self.written, self.data_dir / ".lock", *finance, *more)

    @property
    def run_records(self) -> Path:
        """The folder of the run records."""
        return self.state / "runs"

    @property
    def tenant_names(self) -> tuple[str, ...]:
        """The configured tenants, by name."""
        return tuple(tenant.name for tenant in self.tenants)

    def first_day_of(self, tenant: str) -> date | None:
        """The first day of *tenant* that is kept, charged and shown; None: any."""
        own = (one.first_day for one in self.tenants if one.name == tenant)
        return next(own, None) or self.first_day

    @property
    def renamed(self) -> dict[str, str]:
        """Today's name of each tenant by the names that it had before."""
        return {old: one.name for one in self.tenants for old in one.formerly}

    @property
    def delivered(self) -> Path:
        """The folder of the delivery ledger."""
        return self.state / "delivered"
