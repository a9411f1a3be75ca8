"""The stages of a night, in the order in which they stand on each other."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from stamina.instrumentation import set_on_retry_hooks

from pipeline import build, finance, warehouse
from pipeline.build import checks
from pipeline.closing import archive
from pipeline.closing.archive import ClosedMonth
from pipeline.closing.freeze import Closing, check_order, freeze, summary
from pipeline.config import Settings, TenantAccess, proxies
from pipeline.errors import PipelineError, TenantError
from pipeline.export.query import Answer
from pipeline.extract import (
    Extracted,
    IncompleteError,
    Night,
    extract,
    extract_all,
    optional,
    progress,
)
from pipeline.extract.progress import Listings, Outcome, Task
from pipeline.lake import Lake
from pipeline.mail.attachments import mail_out
from pipeline.report import pages_of, render
from pipeline.tenant import Tenant, log_retry

log = logging.getLogger(__name__)


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

    def extract(self) -> PipelineError | None:
        """Tenants to lake; what is to be raised when the pages are done, if anything.

        Where something was read, the pages are worth making: they say what is missing.

        Raises:
            ConfigError: The way to a tenant, or later to the webhook, leads through a
                proxy that cannot be spoken to.
            PipelineError: No tenant could be read at all.
        """
        settings = self.settings
        self._check_webhook()
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
        """One tenant to the lake, then what is optional, also where some is missing.

        Raises:
            IncompleteError: Something is missing; the pages say what.
            TenantError: So much is missing that no page is worth making.
        """
        settings, lake = self.settings, Lake(self.settings.lake)
        night = Night(self.as_of, self.now, settings.first_day, self.since)
        shown = Listings(tenant, task)
        tenant.on_request = task.request
        incomplete: IncompleteError | None = None
        try:
            extract(tenant, lake, settings.extract, night, shown)
        except IncompleteError as exc:
            incomplete = exc
        try:
            optional.read(
                tenant,
                lake,
                settings.sources,
                as_of=self.as_of,
                now=self.now,
                since=self.since,
                shown=shown,
            )
        except TenantError as exc:
            log.warning("%s", exc)
            incomplete = incomplete or IncompleteError(str(exc), shown.outcomes)
        if incomplete:
            raise incomplete
        return shown.outcomes

    def build(self) -> None:
        """Lake to warehouse; the old one stands unless every check passes."""
        held = archive.load(self.settings.closed)
        with warehouse.replacing(self.settings.warehouse) as connection:
            self._fill(connection, held)

    def close(self, month: date, reason: str | None) -> list[str] | None:
        """Warehouse to a closed month of each tenant; what is new, in words.

        Nothing is closed until all of it is written and rendered, beside; then each
        tenant's month takes its place by one rename. A repeat completes what a kill
        left, and changes nothing else: where all is done, None.

        Raises:
            CheckError: The month is not whole, or a check fails.
        """
        settings = self.settings
        closing = self._closing(month, reason)
        held = archive.load(settings.closed)
        check_order(closing, held)
        done = {one.tenant for one in held if one.month == month}
        if done >= set(closing.tenants) and self._shows(month):
            return None
        drafts: list[archive.Draft] = []
        try:
            with warehouse.replacing(settings.warehouse) as connection:
                self._fill(connection, held)
                drafts += freeze(connection, settings.closed, closing, held)
            self._publish(month, held, drafts)
        finally:
            for draft in drafts:
                draft.discard()
        return [summary(draft.manifest) for draft in drafts]

    def _publish(
        self, month: date, held: Sequence[ClosedMonth], drafts: Sequence[archive.Draft]
    ) -> None:
        """Show *drafts* as closed in a warehouse and on pages; then close them."""
        settings = self.settings
        beside = settings.data_dir / ".closing.duckdb"
        with warehouse.replacing(beside) as connection:
            self._fill(connection, [*held, *(draft.closed for draft in drafts)])
        made = pages_of(
            beside, month, self.as_of, settings.report.locale, settings.charge.issuer
        )
        for draft in drafts:
            draft.add_pages(made)
            draft.finish()
        for draft in drafts:
            draft.publish()
        beside.replace(settings.warehouse)

    def _fill(
        self, connection: duckdb.DuckDBPyConnection, months: Sequence[ClosedMonth]
    ) -> None:
        """All marts, with *months* as closed, and what the checks say of them."""
        settings = self.settings
        names = tuple(tenant.name for tenant in settings.tenants)
        finance_files = finance.load(settings.charge, settings.currency, names)
        build.build(
            connection,
            settings.lake,
            finance_files,
            self.as_of,
            tenants=names,
            first_day=settings.first_day,
            charge=settings.charge,
            closed=months,
        )
        checks.check(connection)

    def simulate(self, month: date) -> Answer:
        """What *month* is charged by each way to share an allowance; nothing is kept.

        Raises:
            ConfigError: Nothing is included in *month*, or nothing of it was used.
        """
        settings = self.settings
        names = tuple(tenant.name for tenant in settings.tenants)
        finance_files = finance.load(settings.charge, settings.currency, names)
        with (
            TemporaryDirectory() as folder,
            warehouse.replacing(Path(folder) / "simulated.duckdb") as connection,
        ):
            rows = build.simulate(
                connection,
                settings.lake,
                finance_files,
                month,
                as_of=self.as_of,
                tenants=names,
            )
            return Answer.of(rows)

    def report(self) -> Path:
        """Warehouse to pages, those of closed months as they were; the first page."""
        settings = self.settings
        return render(
            settings.warehouse,
            settings.reports,
            as_of=self.as_of,
            issuer=settings.charge.issuer,
            locale=settings.report.locale,
            kept=archive.pages(archive.load(settings.closed)),
            quarantine=settings.data_dir / "quarantine",
        )

    def deliver(self, dry_run: Path | None = None) -> None:
        """Statements to people, if mail is configured; with *dry_run* into a folder.

        Raises:
            ConfigError: The way to the webhook leads through a proxy that cannot be
                spoken to.
            DeliveryError: Somebody was not reached; the next time just they are tried.
        """
        if self.settings.mail is None:
            log.info("no [mail] is configured: nothing is sent")
            return
        if dry_run is None:
            self._check_webhook()
        mail_out(self.settings, self.settings.mail, self.as_of, self.now, dry_run)

    def _check_webhook(self) -> None:
        if self.settings.mail is not None:
            proxies.check(self.settings.mail.webhook_proxy)

    def _closing(self, month: date, reason: str | None) -> Closing:
        settings = self.settings
        return Closing(
            month,
            self.as_of,
            self.now,
            tuple(tenant.name for tenant in settings.tenants),
            settings.charge,
            settings.currency,
            reason,
        )

    def _shows(self, month: date) -> bool:
        """Whether the warehouse was made since *month* was closed."""
        if not self.settings.warehouse.exists():
            return False
        with warehouse.read(self.settings.warehouse) as connection:
            shown = connection.execute("select month from closed_months").fetchall()
        return (month,) in shown


def _failure(extracted: Extracted) -> PipelineError | None:
    """The one failure, or one that names all tenants that failed."""
    failures = extracted.failures
    if len(failures) < 2:  # noqa: PLR2004 (one speaks for itself)
        return next(iter(failures.values()), None)
    first = str(next(iter(failures.values()))).splitlines()[0]
    told = f"{len(failures)} tenants could not be read whole: {', '.join(failures)}"
    by_tenant = all(isinstance(one, TenantError) for one in failures.values())
    return (TenantError if by_tenant else PipelineError)(f"{told}\n{first}")
