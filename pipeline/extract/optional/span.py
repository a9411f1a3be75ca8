"""What an optional source is read with, and the days of a night it is due for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from pipeline.extract.progress import Listings
from pipeline.lake import Lake, Note, Table
from pipeline.tenant import Tenant

DAY = timedelta(days=1)

# What happened late in the evening may be told after midnight only.
_AGAIN = 2 * DAY


@dataclass(frozen=True, slots=True)
class Span:
    """Up to which day, when that is, and from where it is read again."""

    as_of: date
    now: datetime
    since: date | None = None

    def due(
        self, lake: Lake, table: Table, tenant: str, first: date, last: date
    ) -> list[date]:
        """The days from *first* to *last* never read whole, or to be read again."""
        notes = lake.notes(tenant, table)
        complete = set(notes.filter(pl.col("status") == "complete")["date"])
        again = min(self.as_of - _AGAIN, self.since or date.max)
        days = [first + n * DAY for n in range((last - first).days + 1)]
        return [day for day in days if day >= again or day not in complete]

    def note(self, day: date) -> Note:
        """How *day* was read: whole, unless it is not over."""
        return Note("complete" if day < self.as_of else "partial", self.now)


@dataclass(frozen=True, slots=True)
class Reading:
    """Who is asked, where it is kept, for which days, and how it is shown."""

    tenant: Tenant
    lake: Lake
    span: Span
    listings: Listings
