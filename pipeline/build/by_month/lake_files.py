"""Files of the lake, their hashes, and the months that the rows of each are of.

A run is of the month of its start, and kept on the day of its creation: what a file has
of which month is looked up once, and noted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import Self

import duckdb
import msgspec

from pipeline import files, warehouse
from pipeline.build import sources
from pipeline.build.by_month.facts import condition
from pipeline.build.by_month.repeated import (
    ALL,
    RUN_MOMENT,
    RUN_MONTH,
    TenantMonth,
    repeated_runs,
    show_repeated,
    superseded_runs,
)
from pipeline.config import Settings
from pipeline.dates import month_of
from pipeline.endpoints import RUNS, TABLES
from pipeline.lake import Table, folders, present
from pipeline.warehouse import Model

# Not the name of earlier versions, which noted less.
_NAME = "lake-files.json"


class _File(msgspec.Struct, array_like=True, frozen=True):
    """A file as it was read: size, time and number; its hash; the months it has.

    If it has the days of a month, *days* are the names and hashes of the files that
    they were, by the month that these had rows of: what was made of them stays.
    """

    size: int
    time: int
    number: int
    digest: str
    months: tuple[date, ...]
    days: dict[date, tuple[str, ...]] = {}

    @property
    def state(self) -> tuple[int, int, int]:
        """What tells a file that was changed."""
        return self.size, self.time, self.number


class _Noted(msgspec.Struct, frozen=True):
    """What is noted of files by name; runs that have several records."""

    files: dict[str, _File] = {}
    repeated: tuple[tuple[str, str], ...] = ()


def tables_of(models: Iterable[Model]) -> list[Table]:
    """The tables of the lake that *models* by month read."""
    needed = {name for one in models if one.month_of for name in one.needs}
    return [table for table in TABLES if f"raw_{table.name}" in needed]


def size(settings: Settings, tables: Iterable[Table]) -> int:
    """The bytes that the lake has of *tables*."""
    counted = present.counted(settings)
    return sum(
        path.stat().st_size
        for table in tables
        for path in folders.files(settings.lake, table.name, counted)
    )


@dataclass(frozen=True, slots=True)
class LakeFiles:
    """Files of *tables* by name, and by month and table those that have rows of it.

    *superseded* are runs of which another month has a newer record, by month.
    """

    root: Path
    tables: frozenset[str]
    noted: dict[str, _File]
    by_month: dict[TenantMonth, dict[str, list[str]]]
    superseded: dict[TenantMonth, list[str]]

    @classmethod
    def read(
        cls,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        tables: Sequence[Table],
    ) -> Self:
        """Look into the files that are new or changed, and note what is in them."""
        before, root = _read(settings.build / _NAME), settings.lake
        now: dict[str, _File] = {}
        repeated = before.repeated
        counted = present.counted(settings)
        for table in tables:
            there = folders.files(root, table.name, counted)
            known = {str(path.relative_to(root)): path for path in there}
            same = {
                name: before.files[name]
                for name, path in known.items()
                if name in before.files and before.files[name].state == _state(path)
            }
            new = [path for name, path in known.items() if name not in same]
            now |= same | _looked_into(connection, root, table, new)
            if table == RUNS.table and new:
                repeated = repeated_runs(connection, new if same else None, repeated)
        _write(settings.build / _NAME, _Noted(now, repeated))
        names = frozenset(f"raw_{table.name}" for table in tables)
        show_repeated(connection, repeated)
        superseded = superseded_runs(connection, repeated)
        return cls(root, names, now, _by_month(now), superseded)

    @property
    def months(self) -> list[TenantMonth]:
        """The months that have rows, in order."""
        return sorted(self.by_month)

    def seen_by(self, months: Sequence[TenantMonth]) -> list[TenantMonth]:
        """The months of tenants that *months* are, or are made of."""
        whole = {one.month for one in months if one.tenant == ALL}
        of_all = [one for one in self.by_month if one.month in whole] if whole else []
        return sorted({*of_all, *(one for one in months if one in self.by_month)})

    def size_of(self, month: TenantMonth) -> int:
        """The bytes of all files that have rows of *month*."""
        own = [self.by_month[one] for one in self.seen_by([month])]
        names = [name for tables in own for some in tables.values() for name in some]
        return sum(self.noted[name].size for name in names)

    def digests(self, table: str, month: TenantMonth) -> list[str]:
        """What a *table* of the lake has of *month*: names of files, and hashes."""
        names = self.by_month[month].get(table, [])
        inputs: list[str] = []
        for name in names:
            file = self.noted[name]
            inputs += file.days.get(month.month, (f"{name} {file.digest}",))
        if table == f"raw_{RUNS.table.name}":
            inputs += self.superseded.get(month, [])
        return inputs

    def select(self, table: str, months: Sequence[TenantMonth]) -> str | None:
        """The rows that a *table* of the lake has of *months*; None if it is none."""
        if table not in self.tables:
            return None
        found = next(one for one in TABLES if f"raw_{one.name}" == table)
        paths = self.paths(table, months)
        if not paths:
            return f"from {warehouse.SCHEMAS['raw']}.{table} where false"
        rows = sources.select_of(found, paths)
        return f"from ({rows}) where {self.condition(table, months)}"

    def paths(self, table: str, months: Sequence[TenantMonth]) -> list[Path]:
        """The files in which a *table* of the lake has rows of *months*."""
        names = {name for one in months for name in self.by_month[one].get(table, [])}
        return [self.root / name for name in sorted(names)]

    def condition(self, table: str, months: Sequence[TenantMonth]) -> str:
        """Which rows of these files are of *months*, and count."""
        if table != f"raw_{RUNS.table.name}":
            return "true"
        of_months = " or ".join(f"({condition(RUN_MOMENT, one)})" for one in months)
        older = ", ".join(
            f"({warehouse.quoted(one.tenant)}, date '{one.month.isoformat()}',"
            f" {warehouse.quoted(run)})"
            for one in months
            for run in self.superseded.get(one, [])
        )
        key = f"(tenant, {RUN_MONTH}, run_id)"
        return f"({of_months})" + (f" and {key} not in ({older})" if older else "")


def _by_month(
    noted: Mapping[str, _File],
) -> dict[TenantMonth, dict[str, list[str]]]:
    """The names of files by month, and by table as models name it."""
    found: dict[TenantMonth, dict[str, list[str]]] = {}
    for name, file in sorted(noted.items()):
        table, tenant, *_ = name.split("/")
        for month in file.months:
            own = TenantMonth(tenant.removeprefix("tenant="), month)
            found.setdefault(own, {}).setdefault(f"raw_{table}", []).append(name)
    return found


def _looked_into(
    connection: duckdb.DuckDBPyConnection, root: Path, table: Table, paths: list[Path]
) -> dict[str, _File]:
    """What is to be noted of new files of *table*."""
    months: dict[str, list[date]] = defaultdict(list)
    if table == RUNS.table and paths:
        rows = sources.select_of(table, paths)
        select = f"select distinct tenant, date, {RUN_MONTH} from ({rows})"
        for tenant, day, month in connection.execute(select).fetchall():
            months[_name(table, tenant, day)].append(month)
    noted = {}
    for path in paths:
        name = str(path.relative_to(root))
        tenant = path.parents[1].name.removeprefix("tenant=")
        own = date.fromisoformat(path.parent.name.removeprefix("date="))
        within = folders.days_in(path)
        by_month: dict[date, list[str]] = defaultdict(list)
        for day in sorted(within) or [own]:
            of_day = _name(table, tenant, day)
            known = months[of_day] if table == RUNS.table else [month_of(day)]
            for month in known:
                by_month[month].append(
                    f"{of_day} {within[day].digest}" if within else ""
                )
        days = {month: tuple(each) for month, each in by_month.items()}
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        noted[name] = _File(
            *_state(path), digest, tuple(sorted(days)), days if within else {}
        )
    return noted


def _name(table: Table, tenant: str, day: date) -> str:
    return f"{table.name}/tenant={tenant}/date={day}/{table.name}.parquet"


def _read(path: Path) -> _Noted:
    """What was noted; nothing if that cannot be read, so that all is looked into."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Noted)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return _Noted()


def _write(path: Path, noted: _Noted) -> None:
    with files.replacing(path) as partial:
        partial.write_bytes(msgspec.json.encode(noted))


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino
