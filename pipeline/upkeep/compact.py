"""`chargeback compact`: old, complete months of the lake, one file each.

A month is old when no run reads its days again by itself, and complete if usage and
runs of all its days were read whole, or if it is closed. What comes later all the same
is merged into its file. The nightly job does so with closed months.
"""

from collections.abc import Container
from datetime import date
from itertools import groupby

from pipeline.build import names_today
from pipeline.closing import archive
from pipeline.config import Run
from pipeline.dates import DAY, days_between, last_day, month_of
from pipeline.endpoints import RUNS, TABLES, USAGE
from pipeline.formats.plurals import counted
from pipeline.lake import Lake, Table, months, present, store
from pipeline.lake.compacting import NewMonth


def compact(run: Run, *, is_closed_only: bool = False) -> list[str]:
    """Put the days of old, complete months into a file each; a line for each table.

    Raises:
        CheckError: What is closed is not as it was.
        PipelineError: A folder cannot be compacted.
    """
    settings = run.settings
    lake = Lake(settings.lake)
    closed = archive.load(settings.closed, names_today(settings))
    lines = []
    for tenant in sorted(present.counted(settings)):
        within = {month for month in closed.of(tenant) if _is_old(run, month)}
        if not is_closed_only:
            within |= _complete(run, lake, tenant)
        for table in TABLES:
            if made := compact_table(lake, table, tenant, within):
                days = sum(len(each.days) for each in made)
                months = counted(len(made), "month")
                what = f"{months} in a file each, of {counted(days, 'day')}"
                lines.append(f"{tenant}: {table.name}: {what}")
    return lines


def _is_old(run: Run, month: date) -> bool:
    return last_day(month) < run.as_of - run.settings.extract.lookback_days * DAY


def _complete(run: Run, lake: Lake, tenant: str) -> set[date]:
    """The old months of *tenant* whose usage and runs were read whole."""
    first_day = present.first_day_of(run.settings, tenant)
    whole: set[date] | None = None
    for table in (USAGE.table, RUNS.table):
        read = lake.coverage(tenant, table).filter(status="complete")["date"]
        whole = {*read} if whole is None else whole & {*read}
    if not whole:
        return set()
    first = first_day or min(whole)
    return {
        month
        for month in {month_of(day) for day in whole}
        if _is_old(run, month)
        and whole.issuperset(days_between(max(first, month), last_day(month)))
    }


def compact_table(
    lake: Lake, table: Table, tenant: str, within: Container[date]
) -> list[NewMonth]:
    """Put the days of each month *within* into one file; the months that were."""
    alone = [
        (days[0], path)
        for path, days in lake.days_by_file(table, tenant).items()
        if month_of(days[0]) in within and len(days) == 1 and path.is_file()
    ]
    made = []
    for month, each in groupby(alone, key=lambda one: month_of(one[0])):
        by_day = dict(each)
        if len(by_day) > 1:
            target = lake.path(table, tenant, month)
            write = months.joined(table, lake.name(target), by_day)
            made.append(NewMonth(target, list(by_day.values()), write))
    if made:
        store.compact(made[0].target.parents[1], made)
    return made
