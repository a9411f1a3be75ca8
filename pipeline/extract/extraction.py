"""One tenant's extraction: which days are due, and what all of its steps share."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from pipeline.config import Run
from pipeline.dates import DAY, days_between
from pipeline.errors import TenantError
from pipeline.extract.progress import Listings
from pipeline.lake import Lake, Note, Table
from pipeline.tenant import InvalidPageError, Tenant

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Extraction:
    """One tenant in one run: what is read, where to, and what could not be read."""

    tenant: Tenant
    run: Run
    listings: Listings
    failures: dict[str, TenantError] = field(default_factory=dict)

    @cached_property
    def lake(self) -> Lake:
        """The lake of the run."""
        return Lake(self.run.settings.lake)

    @property
    def days_listed(self) -> date:
        """The first day of which the tenant still lists runs."""
        return self.run.as_of - (self.run.settings.extract.run_history_days - 1) * DAY

    def first_day(self, table: Table, earliest: date = date.min) -> date:
        """The first day that is wanted of *table*, not before *earliest*.

        It is the configured first day; without one, the first that was ever read, or
        the first of which the tenant lists runs. `--since` may move it back.
        """
        first = self.run.settings.first_day
        if first is None:
            first = min(self._complete(table), default=self.days_listed)
        return max(min(first, self.run.since or first), earliest)

    def due(self, table: Table, first: date, last: date | None = None) -> list[date]:
        """The days from *first* to *last* (default: the day of the run) to read.

        A day is due if it was never read whole, if it is in the lookback, or from
        `--since` on. Days are in order.
        """
        run = self.run
        complete = self._complete(table)
        lookback = run.as_of - run.settings.extract.lookback_days * DAY
        again = min(lookback, run.since or lookback)
        days = days_between(first, last or run.as_of)
        return [day for day in days if day >= again or day not in complete]

    def cover(
        self, table: Table, days: Iterable[date], missing: tuple[str, ...] = ()
    ) -> None:
        """Note that *days* were read; what the day of the run holds is partial."""
        notes = {}
        for day in days:
            whole = day < self.run.as_of and not missing
            status = "complete" if whole else "partial"
            notes[day] = Note(status, self.run.now, missing)
        self.lake.cover(table, self.tenant.name, notes)

    def quarantine(self, exc: TenantError) -> None:
        """Keep a page that was refused, without what may not be kept of it."""
        if isinstance(exc, InvalidPageError):
            path = self.lake.quarantine(self.tenant.name, self.run.as_of, exc.kept)
            log.warning(
                "the refused page is kept in %s, its place is %s", path, exc.place
            )

    def _complete(self, table: Table) -> set[date]:
        """The days of *table* that were read whole."""
        notes = self.lake.notes(self.tenant.name, table)
        return set(notes.filter(status="complete")["date"])
