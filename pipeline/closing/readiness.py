"""Whether a month may be closed: it has ended, it is the next, it was read whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import duckdb

from pipeline import warehouse
from pipeline.closing.archive import Archive
from pipeline.closing.manifest import Coverage, Manifest
from pipeline.config import Run
from pipeline.dates import days_between, last_day, month_of, next_month
from pipeline.errors import CheckError
from pipeline.lake import present

_MOST_DAYS_NAMED = 3


@dataclass(frozen=True)
class Closing:
    """The month to close, and the reason to accept that days of it are missing."""

    run: Run
    month: date
    reason: str | None

    @cached_property
    def left(self) -> dict[str, list[date]]:
        """The days that were read of each tenant that left the configuration."""
        return present.left(self.run.settings)

    @property
    def tenants(self) -> tuple[str, ...]:
        """The tenants whose month is closed, those that left too."""
        return (*self.run.settings.tenant_names, *self.left)

    def has_month(self, tenant: str, month: date) -> bool:
        """Whether *tenant* was read in *month*, or may yet be."""
        days = self.left.get(tenant)
        return days is None or month in map(month_of, days)

    @property
    def label(self) -> str:
        """The month as people write it."""
        return f"{self.month:%Y-%m}"


def check_order(closing: Closing, existing: Archive) -> None:
    """Refuse a month that has not ended, or that is not the next one to close.

    Raises:
        CheckError: It is still running, or an earlier month is open.
    """
    following = next_month(closing.month)
    if closing.run.as_of < following:
        raise CheckError(
            f"{closing.label} has not ended: close it on {following} or later"
        )
    for tenant in closing.tenants:
        months = existing.of(tenant)
        first = existing.first(tenant)
        if first is None or closing.month in months:
            continue
        if closing.month < first:
            raise CheckError(
                f"{closing.label} of {tenant} comes before {first:%Y-%m}, the first"
                " that was closed\nmonths close in order: it stays as it is"
            )
        due = next_month(months[-1]) if months else first
        if due < closing.month and closing.has_month(tenant, due):
            raise CheckError(
                f"{due:%Y-%m} of {tenant} is still open, and comes before"
                f" {closing.label}\nmonths close in order: close {due:%Y-%m} first"
            )


def coverage_of(
    connection: duckdb.DuckDBPyConnection, closing: Closing, tenant: str
) -> Coverage | None:
    """How the month's days were read; None if the tenant has nothing in it.

    Days before the tenant's first one were never to be read, nor those after it left,
    so that none is missing.
    """
    rows = connection.execute(
        f"select source, date, status from {warehouse.MARTS}.coverage"
        " where tenant = $1 and date_trunc('month', date) = $2"
        " and source in ('usage', 'runs')",
        [tenant, closing.month],
    ).fetchall()
    if not rows:
        return None
    statuses = {(source, day): status for source, day, status in rows}
    days = days_between(closing.month, last_day(closing.month))
    whole = {
        source: sum(statuses.get((source, day)) == "complete" for day in days)
        for source in ("usage", "runs")
    }
    first = present.first_day_of(closing.run.settings, tenant) or closing.month
    last = closing.left.get(tenant, days)[-1]
    gaps = [
        f"{day} {source} {status}"
        for day in days
        if first <= day <= last
        for source in ("usage", "runs")
        if (status := statuses.get((source, day), "missing")) != "complete"
    ]
    return Coverage(
        days_in_month=len(days),
        usage_days=whole["usage"],
        runs_days=whole["runs"],
        incomplete=tuple(gaps),
    )


def refuse_gaps(closing: Closing, manifests: Sequence[Manifest]) -> None:
    """Refuse months of which days are missing.

    Raises:
        CheckError: The message names the first days.
    """
    for manifest in manifests:
        if gaps := manifest.coverage.incomplete:
            first = ", ".join(gaps[:_MOST_DAYS_NAMED])
            more = len(gaps) - _MOST_DAYS_NAMED
            rest = f" and {more} more" if more > 0 else ""
            raise CheckError(
                f"{closing.label} of {manifest.tenant} was not read whole: {first}"
                f"{rest}\n{_advice(closing, manifest.tenant, gaps)}"
                ' with --accept-incomplete "reason"'
            )


def _advice(closing: Closing, tenant: str, gaps: Sequence[str]) -> str:
    """What can be done about *gaps*: runs of long ago are listed by no tenant."""
    if tenant in closing.left:
        return f"{tenant} left the configuration, so that nobody reads them: close it"
    history = closing.run.settings.extract.run_history_days
    listed_from = closing.run.as_of - timedelta(history)
    found = [
        (date.fromisoformat(day), source) for day, source, _ in map(str.split, gaps)
    ]
    readable = [d for d, source in found if source == "usage" or d >= listed_from]
    unlisted = f"the tenant lists runs of {history} days alone, so that days"
    if not readable:
        return f"{unlisted} before {listed_from} stay missing: close it"
    again = f"chargeback extract --since {min(readable)} reads them again"
    if len(readable) < len(found):
        again += f", but {unlisted} before {listed_from} stay without them"
    return f"{again}; or close it"
