"""One run of the pipeline: the day, the moment, the settings that all stages share."""

from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.metadata import version

from pipeline.config.settings import Settings, TenantAccess
from pipeline.dates import month_of


@dataclass(frozen=True, slots=True)
class Run:
    """What is the same for every stage of a run, decided once by the command line.

    *as_of* is the day that counts as today, UTC: the days before it are complete.
    *now* is when the run started; *since*, if set, is the first day to extract again.
    *tenants* are those to extract, all that are configured unless some were named.
    *version* is that of this package. *lost_days* (tenant, source, day) were read, but
    their rows are not in the lake any more: they count as never read. If it *is_full*,
    a build takes no month as it was made before.
    """

    settings: Settings
    as_of: date
    now: datetime
    since: date | None = None
    tenants: tuple[TenantAccess, ...] = ()
    quiet: bool = False
    log_format: str = "text"
    lost_days: tuple[tuple[str, str, date], ...] = ()
    is_full: bool = False
    version: str = field(default_factory=lambda: version("chargeback"))

    @property
    def is_today(self) -> bool:
        """Whether the run's day is not over: only then are listings of that day."""
        return self.as_of >= self.now.date()

    @property
    def month(self) -> date:
        """The month of *as_of*, as its first day."""
        return month_of(self.as_of)

    @property
    def locale(self) -> str:
        """How numbers and dates are written for people."""
        return self.settings.report.written

    @property
    def language(self) -> str:
        """The language of what people read, but for names that they typed."""
        return self.settings.report.language

    @property
    def issuer(self) -> str:
        """Who charges, as statements name the issuer."""
        return self.settings.charge.issuer

    @property
    def contact(self) -> str | None:
        """Whom to ask about a statement, as statements say; None if nobody is named."""
        return self.settings.charge.contact
