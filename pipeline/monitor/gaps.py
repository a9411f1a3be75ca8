"""Which days of a tenant were not read whole, by the coverage of the lake."""

from collections.abc import Iterable
from datetime import date

from pipeline.config import Settings
from pipeline.dates import DAY, days_between
from pipeline.endpoints import RUNS, USAGE
from pipeline.lake import Lake
from pipeline.lake.losses import losses
from pipeline.monitor.records import Gap


def gaps(settings: Settings, tenant: str, as_of: date) -> tuple[Gap, ...]:
    """The gaps before *as_of*, from the tenant's first day on, in order.

    Without a configured first day they begin with the first day that was ever read.
    A day that was read and is lost is one of a gap.

    Raises:
        CheckError: The coverage cannot be read.
    """
    lake = Lake(settings.lake)
    coverage = {
        name: lake.coverage(tenant, table)
        for name, table in (("usage", USAGE.table), ("runs", RUNS.table))
    }
    read = [day for one in coverage.values() for day in one["date"]]
    first = settings.first_day_of(tenant) or min(read, default=None)
    if first is None:
        return ()
    days = set(days_between(first, as_of - DAY))
    lost = losses(lake, (USAGE.table, RUNS.table), tenant, first)
    return tuple(
        Gap(source, *ends)
        for source, one in coverage.items()
        for ends in _ends(
            days - set(one.filter(status="complete")["date"])
            | days & {loss.day for loss in lost if loss.table == source}
        )
    )


def _ends(days: Iterable[date]) -> list[tuple[date, date]]:
    """The first and last of each period of *days* that follow each other."""
    periods: list[tuple[date, date]] = []
    for day in sorted(days):
        if periods and periods[-1][1] + DAY == day:
            periods[-1] = periods[-1][0], day
        else:
            periods.append((day, day))
    return periods
