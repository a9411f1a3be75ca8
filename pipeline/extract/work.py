"""What a night is about: which days are due, and what all of its steps share."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from pipeline.config import Extract
from pipeline.errors import TenantError
from pipeline.extract.progress import Listings
from pipeline.lake import Lake, Note, Table
from pipeline.tenant import InvalidPageError, Tenant

log = logging.getLogger(__name__)

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Night:
    """One night's work: up to which day, from where, and when it is."""

    as_of: date
    now: datetime
    first_day: date | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """One tenant's night: what is read, where to, and what could not be had."""

    tenant: Tenant
    lake: Lake
    limits: Extract
    night: Night
    shown: Listings
    failures: dict[str, TenantError] = field(default_factory=dict)

    def due(self, table: Table, earliest: date | None = None) -> list[date]:
        """The days to read, in order: never read whole, in the lookback, or asked for.

        *earliest* is how far back the tenant can answer at all.
        """
        night = self.night
        notes = self.lake.notes(self.tenant.name, table)
        complete = set(notes.filter(status="complete")["date"])
        usual = night.as_of - (self.limits.run_history_days - 1) * DAY
        first = night.first_day or min(complete, default=usual)
        first = max(min(first, night.since or first), earliest or date.min)
        lookback = night.as_of - self.limits.lookback_days * DAY
        again = min(lookback, night.since or lookback)
        days = [first + n * DAY for n in range((night.as_of - first).days + 1)]
        return [day for day in days if day >= again or day not in complete]

    def cover(
        self, table: Table, days: Iterable[date], missing: tuple[str, ...] = ()
    ) -> None:
        """Note that *days* were read; what the day of the night holds is partial."""
        notes = {}
        for day in days:
            whole = day < self.night.as_of and not missing
            status = "complete" if whole else "partial"
            notes[day] = Note(status, self.night.now, missing)
        self.lake.cover(table, self.tenant.name, notes)

    def quarantine(self, exc: TenantError) -> None:
        """Keep a page that was refused, without what may not be kept of it."""
        if isinstance(exc, InvalidPageError):
            path = self.lake.quarantine(self.tenant.name, self.night.as_of, exc.kept)
            log.warning(
                "the refused page is kept in %s, its place is %s", path, exc.place
            )


def midnight(day: date) -> datetime:
    """When a UTC day begins."""
    return datetime.combine(day, time(), UTC)
