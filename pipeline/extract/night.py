"""What a night is about: which days are due, and what all of its steps share."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter

from pipeline.config import Extract
from pipeline.entities import Table
from pipeline.errors import TenantError
from pipeline.lake import Lake, Merged, Note
from pipeline.progress import Outcome, Task
from pipeline.tenant import RefusedPageError, Tenant

log = logging.getLogger(__name__)

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Night:
    """One night's work: up to which day, from where, and when it is."""

    as_of: date
    now: datetime
    first_day: date | None = None
    since: date | None = None


@dataclass(slots=True)
class Counts:
    """Rows of a listing so far: those read, and what they made new or other."""

    rows: int = 0
    new: int = 0
    changed: int = 0

    def keep(self, merged: Merged) -> None:
        """Count what a merge did to a day of the lake."""
        self.new += merged.new
        self.changed += merged.changed


@dataclass(frozen=True, slots=True)
class Work:
    """One tenant's night: what is read, where to, and what could not be had."""

    tenant: Tenant
    lake: Lake
    limits: Extract
    night: Night
    task: Task | None = None
    failures: dict[str, TenantError] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)

    @contextmanager
    def listing(self, source: str, steps: int | None = None) -> Iterator[Counts]:
        """Show, count and time the reading of one listing, of *steps* if known."""
        tenant, counts, began = self.tenant, Counts(), perf_counter()
        sent, retries = tenant.requests_sent, tenant.retries
        if self.task:
            self.task.begin(source, steps)
        yield counts
        outcome = Outcome(
            tenant=tenant.name,
            source=source,
            requests=tenant.requests_sent - sent,
            rows=counts.rows,
            new=counts.new,
            changed=counts.changed,
            retried=tenant.retries - retries,
            seconds=perf_counter() - began,
        )
        self.outcomes.append(outcome)
        log.info(
            "%s: %s, %d requests, %d rows, %d new, %d changed",
            *(tenant.name, source, outcome.requests),
            *(outcome.rows, outcome.new, outcome.changed),
        )

    def step(self, rows: int) -> None:
        """One step of the listing is done, and brought so many *rows*."""
        if self.task:
            self.task.advance(rows=rows)

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
        if isinstance(exc, RefusedPageError):
            path = self.lake.quarantine(self.tenant.name, self.night.as_of, exc.kept)
            log.warning(
                "the refused page is kept in %s, its place is %s", path, exc.place
            )


def midnight(day: date) -> datetime:
    """When a UTC day begins."""
    return datetime.combine(day, time(), UTC)
