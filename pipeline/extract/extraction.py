"""The extraction of one tenant: the days that are due, and what its steps share."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from pipeline.config import Run
from pipeline.dates import DAY, days_between, midnight
from pipeline.endpoints import RUNS, TABLES, USAGE
from pipeline.errors import TenantError
from pipeline.extract.progress import Counts, Listings
from pipeline.lake import DayCoverage, Lake, Table
from pipeline.lake.losses import Loss, losses
from pipeline.tenant import InvalidPageError, Tenant, UnreachableError

log = logging.getLogger(__name__)

# Of odd records that are set aside, so many are logged, and named by a day's coverage.
MOST_LOGGED = 20
MOST_IDS = 100


@dataclass(frozen=True)
class Extraction:
    """One tenant in one run, and what of it could not be read.

    *failures* are the automations whose runs could not be read, *ended* are listings
    that ended early, *odd* are records that were set aside. *odd_runs* are the days
    of the runs among these, by automation, None for an unknown day.
    """

    tenant: Tenant
    run: Run
    listings: Listings
    failures: dict[str, TenantError] = field(default_factory=dict)
    ended: list[TenantError] = field(default_factory=list)
    odd: list[InvalidPageError] = field(default_factory=list)
    odd_runs: dict[str, set[date | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Tell the tenant which times cannot be, and that it may be asked its names."""
        today = max(self.run.now, midnight(self.run.as_of) + DAY)
        self.tenant.latest = today + DAY
        self.tenant.names.are_looked_up = True

    @cached_property
    def lake(self) -> Lake:
        """The lake of the run."""
        return Lake(self.run.settings.lake)

    @property
    def first_listed_day(self) -> date:
        """The first day of which the tenant still lists runs."""
        return self.run.as_of - (self.run.settings.extract.run_history_days - 1) * DAY

    def is_listed(self, day: date, days_listed: int) -> bool:
        """Whether the tenant lists *day* for sure, if it does so for *days_listed*.

        That counts from its today, which in a run of an earlier day is not `as_of`.
        """
        return day > self.run.now.date() - days_listed * DAY

    @property
    def configured_first_day(self) -> date:
        """The first day that may be kept; the calendar's first if none is set."""
        return self.run.settings.first_day_of(self.tenant.name) or date.min

    @cached_property
    def first_kept_day(self) -> date:
        """The first day of usage and listed runs: rows of earlier days are not kept.

        It is the configured first day; without one, the first that was ever read, or
        the first of which the tenant lists runs. Then `--since` may move it back.
        """
        if self.configured_first_day > date.min:
            return self.configured_first_day
        tables = (USAGE.table, RUNS.table)
        read = [day for one in tables for day in self._read_whole(one)]
        first = min(read, default=self.first_listed_day)
        return min(first, self.run.since or first)

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
        """Record that *days* were read, without the ids that are *missing*.

        The day of the run is not over, so that it is partial.
        """
        read = {}
        for day in days:
            is_complete = day < self.run.as_of and not missing
            status = "complete" if is_complete else "partial"
            read[day] = DayCoverage(status, self.run.now, missing)
        self.lake.cover(table, self.tenant.name, read)

    def keep_snapshot(
        self,
        table: Table,
        rows: pl.DataFrame,
        counts: Counts,
        missing: tuple[str, ...] = (),
    ) -> None:
        """Keep what is listed on the run's day, and record that it was read.

        A snapshot is whole on its day, unless ids are *missing*.
        """
        counts.rows = rows.height
        tenant, day = self.tenant.name, self.run.as_of
        counts.keep(self.lake.merge(table, tenant, day, rows))
        status = "partial" if missing else "complete"
        self.lake.cover(
            table, tenant, {day: DayCoverage(status, self.run.now, missing)}
        )

    def coverage(self, table: Table) -> pl.DataFrame:
        """The coverage of *table*: a row for each day that was ever read, in order."""
        return self.lake.coverage(self.tenant.name, table)

    def end(self, exc: TenantError) -> None:
        """Go on after a listing that ended early; why is logged at the end.

        Raises:
            UnreachableError: The tenant would answer nothing else either.
        """
        if isinstance(exc, UnreachableError):
            raise exc
        self.quarantine(exc)
        self.ended.append(exc)

    def leave_out(self, *found: InvalidPageError) -> tuple[str, ...]:
        """Go on without the records that are invalid; their ids, not all of very many.

        The first are logged one by one, and all of them are in quarantine.
        """
        for exc in found:
            level = logging.WARNING if len(self.odd) < MOST_LOGGED else logging.DEBUG
            log.log(level, "%s", exc)
            self.quarantine(exc, level)
            self.odd.append(exc)
        return tuple(name for exc in found for name in exc.invalid.ids)[:MOST_IDS]

    def quarantine(self, exc: TenantError, level: int = logging.WARNING) -> None:
        """Keep an invalid page, without the fields that may not be kept."""
        if isinstance(exc, InvalidPageError):
            invalid = exc.invalid
            path = self.lake.quarantine(self.tenant.name, self.run.as_of, invalid.kept)
            log.log(
                level,
                "tenant %s: what is not as documented is kept in %s; it was at %s",
                *(self.tenant.name, path, invalid.place),
            )

    @cached_property
    def lost(self) -> dict[str, set[date]]:
        """The days of each table that the lake had, and lost, before this run."""
        found: dict[str, set[date]] = {}
        for loss in self.losses():
            found.setdefault(loss.table, set()).add(loss.day)
            log.warning("%s", loss)
        return found

    def losses(self) -> list[Loss]:
        """The days that have fewer rows in the lake than were noted."""
        first = self.run.settings.first_day_of(self.tenant.name)
        return losses(self.lake, TABLES, self.tenant.name, first)

    def _complete(self, table: Table) -> set[date]:
        """The days of *table* that were read whole, and are still there."""
        return self._read_whole(table) - self.lost.get(table.name, set())

    def _read_whole(self, table: Table) -> set[date]:
        return set(self.coverage(table).filter(status="complete")["date"])
