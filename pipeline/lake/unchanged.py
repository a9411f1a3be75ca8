"""Whether the files of the lake have the bytes that were written."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

import polars as pl

from pipeline.formats.plurals import counted
from pipeline.lake import COVERAGE, Table, faults, folders, hashes, store
from pipeline.lake.tables import ROW_DATE


@dataclass(frozen=True, slots=True)
class Unchanged:
    """How many files have the bytes that were written, and how many have no hash."""

    files: int
    without_hash: int

    def __str__(self) -> str:
        older = self.without_hash
        text = f"lake: {counted(self.files, 'file')}, as they were written"
        if older:
            text += f"; {older} of them by earlier versions, which noted no hash"
        return text


def check(
    root: Path,
    tables: Iterable[Table],
    tenants: Container[str],
    renamed: Mapping[str, str],
) -> Unchanged:
    """Hold every file that *tables* have of *tenants* to its hash, and to its place.

    *renamed* has today's names of tenants by former ones.

    Raises:
        CheckError: A file is not as it was written, or is another one.
    """
    holds = Holder(root, renamed)
    changed: list[Path] = []
    files = without_hash = 0
    for table in sorted(tables, key=lambda one: one != COVERAGE):
        for path in folders.files(root, table.name, tenants):
            files += 1
            without_hash += not hashes.has_hash(path)
            if holds.is_unchanged(table, path):
                continue
            if not (store.fetch(path) and holds.is_unchanged(table, path)):
                changed.append(path)
    if changed:
        raise faults.changed(changed)
    return Unchanged(files, without_hash)


class Holder:
    """Holds files of the lake in *root* to their hashes, and to their places.

    *renamed* has today's names of tenants by former ones.
    """

    def __init__(self, root: Path, renamed: Mapping[str, str]) -> None:
        self._root = root
        self._renamed = renamed
        self._noted: dict[tuple[str, ...], set[str]] = {}

    def is_unchanged(self, table: Table, path: Path) -> bool:
        """Whether the file of *table* has the bytes that were written for its place.

        Raises:
            CheckError: It cannot be read.
        """
        try:
            name = hashes.name_of(path)
        except OSError as exc:
            raise faults.unreadable(path, exc) from exc
        if name is not None:
            return name in _names(self._root, path, self._renamed)
        is_noted = table != COVERAGE and table.name in self._with_hash(path)
        return not is_noted and _is_older(table, _content(path))

    def _with_hash(self, path: Path) -> set[str]:
        """The tables that had a hash on the day of *path*, as its coverage says."""
        day = path.parents[1].name, path.parent.name
        if day not in self._noted:
            tenant, on = (one.partition("=")[2] for one in day)
            self._noted[day] = _noted(self._root, tenant, date.fromisoformat(on))
        return self._noted[day]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise faults.unreadable(path, exc) from exc


def _names(root: Path, path: Path, renamed: Mapping[str, str]) -> Iterator[str]:
    """What the file at *path* may have been written as, before its tenant's renames."""
    table, folder, *rest = path.relative_to(root).parts
    yield "/".join([table, folder, *rest])
    for old, name in renamed.items():
        if folder == f"tenant={name}":
            yield "/".join([table, f"tenant={old}", *rest])


def _is_older(table: Table, content: bytes) -> bool:
    """Whether a file without a hash may be one that an earlier version wrote."""
    try:
        rows = pl.read_parquet(BytesIO(content), hive_partitioning=False)
    except faults.PARQUET_ERRORS:
        return False
    is_typed = all(
        found == kept or (found.is_integer() and kept.is_integer())
        for name, found in rows.schema.items()
        if (kept := table.columns.get(name)) is not None
    )
    return (
        is_typed
        and {*table.key} <= {*rows.columns}
        and (table != COVERAGE or "has_hash" not in rows.columns)
    )


def _noted(root: Path, tenant: str, day: date) -> set[str]:
    """The tables of a day whose files have a hash; none if that is not known."""
    coverage = folders.path_of(root, COVERAGE.name, tenant, day)
    if not folders.exists(coverage):
        return set()
    content = _content(coverage)
    if hashes.name_in(content) == "":
        return set()
    try:
        rows = pl.read_parquet(BytesIO(content), hive_partitioning=False)
    except faults.PARQUET_ERRORS:
        return set()
    if not {"has_hash", "source"} <= {*rows.columns}:
        return set()
    if folders.days_in(coverage):
        rows = rows.filter(pl.col(ROW_DATE) == day)
    return {*rows.filter("has_hash")["source"]}
