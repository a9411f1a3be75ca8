"""The folders of the lake: tenants, days, files; what cannot be listed is an error.

A folder or file of another name than the lake's own is left alone.
"""

import logging
import os
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.dates import month_of
from pipeline.errors import CheckError, ChecksError
from pipeline.formats.plurals import counted
from pipeline.lake import footers

log = logging.getLogger(__name__)

_TENANT, _DAY = "tenant=", "date="

# What Polars raises on a file that is no Parquet; it panics on some.
PARQUET_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)

# What the name of a file that was set aside has after its own, before a hash.
DAMAGED = ".damaged-"


def tenants(root: Path) -> set[str]:
    """The tenants that a table has a folder of.

    Raises:
        CheckError: A folder cannot be listed.
    """
    return {
        each.name.removeprefix(_TENANT)
        for table in _below(root)
        for each in _below(table)
        if each.name.startswith(_TENANT)
    }


def tables(root: Path) -> list[str]:
    """The tables that there is a folder of, and what other folders are beside them.

    Raises:
        CheckError: The folder cannot be listed.
    """
    return [one.name for one in _below(root) if not one.name.startswith(".")]


def days(root: Path, table: str, tenant: str) -> list[date]:
    """The days that a tenant's table has, by folders and in files of months; in order.

    Raises:
        CheckError: A folder cannot be listed.
    """
    folder = root / table / f"{_TENANT}{tenant}"
    found = {day for one in _below(folder) if (day := _day(one))}
    for first in [day for day in found if day.day == 1]:
        with suppress(OSError):  # whoever reads it says that it cannot be read
            if within := footers.days_in(_file(folder, table, first)):
                found = {day for day in found if month_of(day) != first} | {*within}
    return sorted(found)


def days_in(path: Path) -> Mapping[date, footers.OfDay]:
    """The days in the file of a month; none, if it is of a day or not there.

    Raises:
        CheckError: It cannot be read.
    """
    try:
        return footers.days_in(path)
    except OSError as exc:
        raise unreadable(path, exc) from exc


def path_of(root: Path, table: str, tenant: str, day: date) -> Path:
    """Where the rows of *day* are, or would be: in a file of its own or of its month.

    Raises:
        CheckError: The file of the month cannot be read.
    """
    folder = root / table / f"{_TENANT}{tenant}"
    of_month = _file(folder, table, month_of(day))
    return of_month if days_in(of_month) else _file(folder, table, day)


def files(root: Path, table: str, tenants: Container[str]) -> list[Path]:
    """The files that a table has of *tenants*, in order.

    Raises:
        CheckError: A folder cannot be listed.
    """
    found = _entries(root, table, tenants, with_strays=False)
    ours = sorted(path for path, is_ours in found if is_ours)
    repeated = {*_repeated(ours)}
    return [path for path in ours if path not in repeated]


def log_strays(root: Path, table: str, tenants: Container[str]) -> None:
    """Name what else stands among the files of *tenants*; nobody reads it.

    Raises:
        CheckError: A folder cannot be listed.
    """
    ours: list[Path] = []
    for path, is_ours in _entries(root, table, tenants, with_strays=True):
        is_known = path.name.startswith((".", f"{table}.parquet{DAMAGED}"))
        if is_ours:
            ours.append(path)
        elif not is_known:
            log.warning("%s: not a file of the lake, left alone", path)
    for path in _repeated(ours):
        log.warning("%s: the file of its month has its rows: left alone", path)


def _entries(
    root: Path, table: str, tenants: Container[str], *, with_strays: bool
) -> Iterator[tuple[Path, bool]]:
    """What is in the folders of days, and whether it is a file of the lake.

    Folders that are no tenant's are looked into *with_strays* only.
    """
    for tenant in _below(root / table):
        is_tenant = tenant.name.startswith(_TENANT)
        if is_tenant and tenant.name.removeprefix(_TENANT) not in tenants:
            continue
        if not is_tenant and not with_strays:
            continue
        for day in _below(tenant):
            is_day = is_tenant and _day(day) is not None
            for path in _below(day):
                yield path, is_day and path.name == f"{table}.parquet"


def _repeated(paths: Iterable[Path]) -> Iterator[Path]:
    """Those of *paths*, files of one table, whose day is in a file of its month too."""
    months: dict[tuple[Path, date], list[Path]] = {}
    for path in paths:
        if day := _day(path.parent):
            key = path.parents[1], month_of(day)
            months.setdefault(key, []).append(path)
    for (folder, month), each in months.items():
        of_month = _file(folder, each[0].stem, month)
        with suppress(OSError):  # whoever reads it says that it cannot be read
            if len(each) > 1 and footers.days_in(of_month):
                yield from (path for path in each if path != of_month)


def exists(path: Path) -> bool:
    """Whether there is a file at *path*.

    Raises:
        CheckError: Its folder cannot be looked into.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as exc:
        raise unreadable(path, exc) from exc
    return True


def unreadable(path: Path, exc: OSError) -> CheckError:
    """The error for what is there, but may not be read."""
    return CheckError(
        f"{exc.filename or path}: cannot be read: {exc.strerror}\n"
        "give the lake to the user of this command, or restore it from a backup"
    )


def damaged(paths: Sequence[Path]) -> CheckError:
    """The error for the first of *paths* that is there, but is not Parquet."""
    path = next((path for path in paths if not _is_parquet(path)), paths[0])
    return CheckError(
        f"{path}: not readable as Parquet\nrestore it from a backup; or move it away,"
        " and run reads its day again if the tenant still has it"
    )


def changed(paths: Sequence[Path]) -> CheckError:
    """The error for files that are not as they were written: each of *paths*."""
    what = [f"{path}: not as it was written" for path in paths]
    remedy = (
        "restore it from a backup; or move it away, and run reads its day again if the"
        " tenant still has it"
    )
    return together(what, remedy)


def together(what: Sequence[str], remedy: str) -> CheckError:
    """One error for *what* is wrong with files; all have the same *remedy*."""
    each = [CheckError(f"{one}\n{remedy}") for one in what]
    if len(each) == 1:
        return each[0]
    rest = counted(len(what) - 1, "more file")
    return ChecksError(f"{what[0]}, and {rest}\n{remedy}", each)


def _is_parquet(path: Path) -> bool:
    try:
        pl.read_parquet(path, hive_partitioning=False, glob=False)
    except (OSError, *PARQUET_ERRORS):
        return False
    return True


def _below(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as exc:
        raise unreadable(folder, exc) from exc
    for name in names:
        yield folder / name


def _file(folder: Path, table: str, day: date) -> Path:
    return folder / f"{_DAY}{day}" / f"{table}.parquet"


def _day(path: Path) -> date | None:
    text = path.name.removeprefix(_DAY)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Not 20261001 or 2026-W40-4, which are the same day.
    return day if path.name == f"{_DAY}{day}" else None
