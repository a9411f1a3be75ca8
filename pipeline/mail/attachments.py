"""Statements, with their files and pages, to those who are configured."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
from stamina.instrumentation import set_on_retry_hooks

from pipeline.config import Mail, Settings
from pipeline.export import contents
from pipeline.mail import smtp
from pipeline.mail.deliver import deliver
from pipeline.report import month_page, statement_page


def mail_out(
    settings: Settings, mail: Mail, as_of: date, now: datetime, dry_run: Path | None
) -> None:
    """Send what is due on *as_of*; with *dry_run*, write it into that folder.

    Raises:
        DeliveryError: Somebody was not reached; the next time just they are tried.
    """
    set_on_retry_hooks([smtp.log_retry])
    deliver(
        settings.warehouse,
        settings.delivered,
        mail,
        _Enclosures(settings, mail.attach),
        as_of=as_of,
        now=now,
        locale=settings.report.locale,
        issuer=settings.charge.issuer,
        dry_run=dry_run,
    )


@dataclass(frozen=True, slots=True)
class _Enclosures:
    """The files of a month and cost centre (None: of all), in the forms *attach*."""

    settings: Settings
    attach: tuple[str, ...]

    def __call__(
        self, connection: duckdb.DuckDBPyConnection, month: date, center: str | None
    ) -> dict[str, bytes]:
        charge = self.settings.charge
        made: dict[str, bytes] = {}
        for form in self.attach:
            if form == "html":
                made |= self._pages(month, center)
            else:
                made |= contents(connection, month, form, center, charge=charge)
        return made

    def _pages(self, month: date, center: str | None) -> dict[str, bytes]:
        """The page of the month, or those of the cost centre, as they were rendered."""
        names = [month_page(month)]
        if center is not None:
            of = {"month": month, "cost_center": center}
            tenants = (tenant.name for tenant in self.settings.tenants)
            names = [statement_page({**of, "tenant": tenant}) for tenant in tenants]
        paths = (self.settings.reports / name for name in names)
        return {path.name: path.read_bytes() for path in paths if path.exists()}
