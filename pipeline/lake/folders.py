"""The folders of the lake: tenants, days, files; what cannot be listed is an error.

A folder or file of another name than the lake's own is left alone.
"""

import logging
import os
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipeline.dates import month_of
from pipeline.lake import faults, footers

log = logging.getLogger(__name__)

_TENANT, _DAY = "tenant=", "date="

# What the name of a file that was set aside has after its own, before a hash.
DAMAGED = ".damaged-"

_MOST_KNOWN = 2**14


class Location(NamedTuple):
    """A file, and the days in it if it is of a month; none if it is of a day."""

    path: Path
    days: Mapping[date, footers.OfDay]


def tenants(root: Path) -> set[str]:
    """The tenants that a table has a folder of.

    Raises:
        CheckError: A folder cannot be listed.
    """
    return {
        name.removeprefix(_TENANT)
        for table in _below(f"{root}")
        for name in _below(f"{root}/{table}")
        if name.startswith(_TENANT)
    }


def tables(root: Path) -> list[str]:
    """The tables that there is a folder of, and what other folders are beside them.

    Raises:
        CheckError: The folder cannot be listed.
    """
    return [name for name in _below(f"{root}") if not name.startswith(".")]


def days(root: Path, table: str, tenant: str) -> list[date]:
    """The days that a tenant's table has, by folders and in files of months; in order.

    Raises:
        CheckError: A folder cannot be listed.
    """
    folder = _folder(root, table, tenant)
    found = {day for name in _below(folder) if (day := _day(name))}
    for first in [day for day in found if day.day == 1]:
        with suppress(OSError):  # whoever reads it says that it cannot be read
            if within := footers.days_in(_file(folder, table, first)):
                found = {day for day in found if month_of(day) != first} | {*within}
    return sorted(found)


def days_in(path: Path | str) -> Mapping[date, footers.OfDay]:
    """The days in the file of a month; none, if it is of a day or not there.

    Raises:
        CheckError: It cannot be read.
    """
    try:
        return footers.days_in(path)
    except OSError as exc:
        raise faults.unreadable(Path(path), exc) from exc


def path_of(root: Path, table: str, tenant: str, day: date) -> Path:
    """Where the rows of *day* are, or would be: in a file of its own or of its month.

    Raises:
        CheckError: The file of the month cannot be read.
    """
    return location_of(root, table, tenant, day).path


def location_of(root: Path, table: str, tenant: str, day: date) -> Location:
    """As `locations`, of one day.

    Raises:
        CheckError: The file of the month cannot be read.
    """
    return locations(root, table, tenant, [day])[day]


def locations(
    root: Path, table: str, tenant: str, days: Iterable[date]
) -> dict[date, Location]:
    """Where the rows of *days* are, or would be; the file of a month is looked at once.

    Raises:
        CheckError: The file of a month cannot be read.
    """
    folder = _folder(root, table, tenant)
    of_months: dict[date, Location | None] = {}
    found: dict[date, Location] = {}
    for day in days:
        month = month_of(day)
        if month not in of_months:
            path = _file(folder, table, month)
            within = days_in(path)
            of_months[month] = Location(Path(path), within) if within else None
        if of_month := of_months[month]:
            found[day] = of_month
        else:
            found[day] = Location(Path(_file(folder, table, day)), {})
    return found


def files(root: Path, table: str, tenants: Container[str]) -> list[Path]:
    """The files that a table has of *tenants*, in order.

    Raises:
        CheckError: A folder cannot be listed.
    """
    entries = _entries(root, table, tenants, with_strays=False)
    ours = [one for one in entries if one.day]
    repeated = {*_repeated(table, ours)}
    return [Path(one.path) for one in ours if one.path not in repeated]


def log_strays(root: Path, table: str, tenants: Container[str]) -> None:
    """Name what else stands among the files of *tenants*; nobody reads it.

    Raises:
        CheckError: A folder cannot be listed.
    """
    ours: list[_Entry] = []
    known = (".", f"{table}.parquet{DAMAGED}")
    for one in _entries(root, table, tenants, with_strays=True):
        if one.day:
            ours.append(one)
        elif not one.name.startswith(known):
            log.warning("%s: not a file of the lake, left alone", one.path)
    for path in _repeated(table, ours):
        log.warning("%s: the file of its month has its rows: left alone", path)


class _Entry(NamedTuple):
    """What is in a folder of a day; *day* if it is a file of the lake.

    Paths are texts here: there are thousands, and a `Path` takes ten times as long.
    """

    folder: str
    path: str
    name: str
    day: date | None


def _entries(
    root: Path, table: str, tenants: Container[str], *, with_strays: bool
) -> Iterator[_Entry]:
    """What is in the folders of days, in order.

    Folders that are no tenant's are looked into *with_strays* only.
    """
    for tenant in _below(f"{root}/{table}"):
        is_tenant = tenant.startswith(_TENANT)
        if is_tenant and tenant.removeprefix(_TENANT) not in tenants:
            continue
        if not is_tenant and not with_strays:
            continue
        folder = f"{root}/{table}/{tenant}"
        for of_day in _below(folder):
            day = _day(of_day) if is_tenant else None
            for name in _below(f"{folder}/{of_day}"):
                is_ours = name == f"{table}.parquet"
                path = f"{folder}/{of_day}/{name}"
                yield _Entry(folder, path, name, day if is_ours else None)


def _repeated(table: str, entries: Iterable[_Entry]) -> Iterator[str]:
    """The files of *table* whose day is in a file of its month too."""
    months: dict[tuple[str, date], list[str]] = {}
    for one in entries:
        if one.day:
            key = one.folder, month_of(one.day)
            months.setdefault(key, []).append(one.path)
    for (folder, month), paths in months.items():
        of_month = _file(folder, table, month)
        with suppress(OSError):  # whoever reads it says that it cannot be read
            if len(paths) > 1 and footers.days_in(of_month):
                yield from (path for path in paths if path != of_month)


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
        raise faults.unreadable(path, exc) from exc
    return True


def _below(folder: str) -> list[str]:
    """The names in *folder*, in order; none if it is no folder."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as exc:
        raise faults.unreadable(Path(folder), exc) from exc


def _folder(root: Path, table: str, tenant: str) -> str:
    return f"{root}/{table}/{_TENANT}{tenant}"


def _file(folder: str, table: str, day: date) -> str:
    return f"{folder}/{_DAY}{day}/{table}.parquet"


@lru_cache(_MOST_KNOWN)
def _day(name: str) -> date | None:
    """The day of a folder of this name."""
    try:
        day = date.fromisoformat(name.removeprefix(_DAY))
    except ValueError:
        return None
    # Not 20261001 or 2026-W40-4, which are the same day.
    return day if name == f"{_DAY}{day}" else None
