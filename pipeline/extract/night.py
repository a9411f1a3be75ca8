"""What a night is about: which days are due, and what all of its steps share."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from pipeline.config import Extract
from pipeline.entities import Table
from pipeline.errors import TenantError
from pipeline.lake import Lake, Note
from pipeline.tenant import Tenant

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Night:
    """One night's work: up to which day, from where, and when it is."""

    as_of: date
    now: datetime
    first_day: date | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one listing: requests, rows, and what they changed."""

    tenant: str
    source: str
    requests: int
    rows: int
    new: int
    changed: int


@dataclass(frozen=True, slots=True)
class Work:
    """One tenant's night: what is read, where to, and what could not be had."""

    tenant: Tenant
    lake: Lake
    limits: Extract
    night: Night
    failures: dict[str, TenantError] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)

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

    def cover(self, table: Table, day: date, missing: tuple[str, ...] = ()) -> None:
        """Note that *day* was read; what the day of the night holds is partial."""
        whole = day < self.night.as_of and not missing
        note = Note("complete" if whole else "partial", self.night.now, missing)
        self.lake.cover(table, self.tenant.name, day, note)


def midnight(day: date) -> datetime:
    """When a UTC day begins."""
    return datetime.combine(day, time(), UTC)
