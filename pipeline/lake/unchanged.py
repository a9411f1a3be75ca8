"""Whether the files of the lake have the bytes that were written."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import polars as pl

from pipeline.lake import COVERAGE, Table, folders, hashes

# The end of a file's path in the lake.
_Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """How many files have the bytes that were written, and how many have no hash."""

    files: int
    without_hash: int

    def __str__(self) -> str:
        older = self.without_hash
        text = f"lake: {self.files} files, as they were written"
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
    # The coverage says of which other files a hash was noted.
    ordered = sorted(tables, key=lambda one: one != COVERAGE)
    noted: set[_Place] = set()
    changed: list[Path] = []
    files = without_hash = 0
    for table in ordered:
        for path in folders.files(root, table.name, tenants):
            files += 1
            content = _content(path)
            name = hashes.name_in(content)
            place = _place(table, path)
            if name is None:
                without_hash += 1
                is_same = place not in noted and _is_older(table, content)
            else:
                is_same = name in _names(root, path, renamed)
            if not is_same:
                changed.append(path)
            elif table == COVERAGE:
                noted.update(_noted(content, place))
    if changed:
        raise folders.changed(changed[0], len(changed) - 1)
    return Unchanged(files, without_hash)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise folders.unreadable(path, exc) from exc


def _place(table: Table, path: Path) -> _Place:
    return table.name, path.parents[1].name, path.parent.name


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
    except pl.exceptions.PolarsError:
        return False
    return {*table.key} <= {*rows.columns} and (
        table != COVERAGE or "has_hash" not in rows.columns
    )


def _noted(content: bytes, place: _Place) -> Iterator[_Place]:
    """The files of a day that have a hash, by its coverage."""
    rows = pl.read_parquet(BytesIO(content), hive_partitioning=False)
    if "has_hash" in rows.columns:
        for source in rows.filter("has_hash")["source"]:
            yield source, *place[1:]
