"""The stages of a night, in the order in which they stand on each other."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from stamina.instrumentation import set_on_retry_hooks

from pipeline import build, check, progress, seeds, sources, warehouse
from pipeline.config import Settings, TenantAccess
from pipeline.errors import DeliveryError, TenantError
from pipeline.extract import Extracted, IncompleteError, Night, extract, extract_all
from pipeline.lake import Lake
from pipeline.progress import Outcome, Task
from pipeline.report import render
from pipeline.tenant import Tenant, log_retry


@dataclass(frozen=True, slots=True)
class Job:
    """What the stages of one night share."""

    settings: Settings
    as_of: date
    since: date | None
    now: datetime
    tenants: tuple[TenantAccess, ...]
    quiet: bool
    form: str

    def extract(self) -> TenantError | None:
        """Tenants to lake; what is to be raised when the pages are done, if anything.

        Where something was read, the pages are worth making: they say what is missing.

        Raises:
            TenantError: No tenant could be read at all.
        """
        settings = self.settings
        set_on_retry_hooks([log_retry])
        with progress.start(quiet=self.quiet, form=self.form) as shown:
            extracted = extract_all(
                self.tenants, settings.extract, shown, self._read_tenant
            )
        shown.summary(extracted.outcomes)
        failure = _failure(extracted)
        if failure and not extracted.outcomes:
            raise failure
        return failure

    def _read_tenant(self, tenant: Tenant, task: Task) -> list[Outcome]:
        """One tenant to the lake, then what is optional, also where some is missing."""
        settings, lake = self.settings, Lake(self.settings.lake)
        night = Night(self.as_of, self.now, settings.first_day, self.since)
        incomplete: IncompleteError | None = None
        outcomes: list[Outcome] = []
        try:
            outcomes = extract(tenant, lake, settings.extract, night, task)
        except IncompleteError as exc:
            incomplete = exc
        sources.read(
            tenant,
            lake,
            settings.sources,
            as_of=self.as_of,
            now=self.now,
            since=self.since,
        )
        if incomplete:
            raise incomplete
        return outcomes

    def build(self) -> None:
        """Lake to warehouse; the old one stands unless every check passes."""
        settings = self.settings
        names = tuple(tenant.name for tenant in settings.tenants)
        finance = seeds.load(settings.charge, settings.currency, names)
        with warehouse.replacing(settings.warehouse) as connection:
            build.build(
                connection,
                settings.lake,
                finance,
                self.as_of,
                tenants=names,
                first_day=settings.first_day,
                charge=settings.charge,
            )
            check.check(connection)

    def report(self) -> Path:
        """Warehouse to pages; the first page."""
        settings = self.settings
        return render(
            settings.warehouse,
            settings.reports,
            as_of=self.as_of,
            locale=settings.report.locale,
        )

    def deliver(self) -> None:
        """Pages to people, if a mail server is configured."""
        if self.settings.mail is not None:
            raise DeliveryError(
                "[mail] is set, but this version does not send mail yet\n"
                "take the pages from the reports folder, and run with --no-deliver"
            )


def _failure(extracted: Extracted) -> TenantError | None:
    """The one failure, or one that names all tenants that failed."""
    failures = extracted.failures
    if len(failures) < 2:  # noqa: PLR2004 (one speaks for itself)
        return next(iter(failures.values()), None)
    first = str(next(iter(failures.values()))).splitlines()[0]
    names = ", ".join(failures)
    return TenantError(
        f"{len(failures)} tenants could not be read whole: {names}\n{first}"
    )
