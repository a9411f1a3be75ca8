"""Days of the lake that hold fewer rows than were noted: what was read and is lost.

Rows are only ever added to a day, so that fewer than noted are a loss. How many there
are is in the footers of the files, so that this costs no reading of rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.config import Settings
from pipeline.errors import CheckError
from pipeline.formats.plurals import counted
from pipeline.lake import COVERAGE, Lake, Table, faults, present

# Of these tables, days before the first day of a tenant are not read by any model.
BOUNDED = ("usage", "runs", "run_metrics")


@dataclass(frozen=True, slots=True)
class Loss:
    """A day of *table*: *path* has *found* rows, and had *noted*, says *coverage*.

    If it *is_there* without any, it has changes of another day, which is lost.
    """

    tenant: str
    table: str
    day: date
    noted: int
    found: int
    path: Path
    coverage: Path
    is_there: bool = False

    def __str__(self) -> str:
        if self.is_there and not self.found:
            return f"{self.path}: the snapshot that it has changes of is not there"
        noted, found = counted(self.noted, "row"), counted(self.found, "row")
        if not self.found:
            return f"{self.path}: not there, but its {noted} had been read"
        return f"{self.path}: {found}, but {self.noted} had been read"


def every(settings: Settings, tables: Iterable[Table]) -> list[Loss]:
    """The days of all tenants that have fewer rows than were noted.

    Raises:
        CheckError: A file cannot be read.
    """
    lake, tables = Lake(settings.lake), tuple(tables)
    return [
        loss
        for tenant in sorted(present.counted(settings))
        for loss in losses(lake, tables, tenant, present.first_day_of(settings, tenant))
    ]


def losses(
    lake: Lake, tables: Iterable[Table], tenant: str, first_day: date | None
) -> list[Loss]:
    """The days of *tenant*, from *first_day* on, that lost rows: by table and day.

    Raises:
        PipelineError: A file cannot be read.
    """
    noted: dict[str, dict[date, int]] = {}
    for source, _, rows, *_, day in lake.covered(tenant):
        is_bounded = first_day and source in BOUNDED and day < first_day
        if rows and not is_bounded:
            noted.setdefault(source, {})[day] = rows
    by_name = {table.name: table for table in tables}
    return [
        loss
        for source in sorted(noted.keys() & by_name)
        for loss in _of_table(lake, by_name[source], tenant, noted[source])
    ]


def _of_table(
    lake: Lake, table: Table, tenant: str, noted: Mapping[date, int]
) -> Iterable[Loss]:
    found = lake.heights(table, tenant, sorted(noted))
    for day, rows in sorted(noted.items()):
        if found.get(day, 0) < rows:
            path, coverage = (lake.path(one, tenant, day) for one in (table, COVERAGE))
            counts = rows, found.get(day, 0)
            is_there = table.is_snapshot and path.is_file()
            yield Loss(tenant, table.name, day, *counts, path, coverage, is_there)


def error(lost: Sequence[Loss]) -> CheckError:
    """The error that names the first file, and what to do."""
    remedy = (
        "restore it from a backup; run reads it again if the tenant still has it;"
        f" without {lost[0].coverage} its day counts as never read"
    )
    return faults.together([f"{loss}" for loss in lost], remedy)
