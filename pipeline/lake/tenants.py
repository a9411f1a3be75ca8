"""Which tenant a name in the lake stands for: `tenants.json`, beside the tables.

A tenant is its id; where its id is not known, its host. Names are those of the
configuration, and may change: `formerly` are the ones that a tenant had before.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

import msgspec
import polars as pl

from pipeline.errors import CheckError
from pipeline.lake import COVERAGE, Lake, Table, faults, folders, store

FILE = "tenants.json"

_Change = Callable[[dict[str, "KnownTenant"]], Iterable["KnownTenant"]]


class KnownTenant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tenant that was read: its name, its id if it says one, its host.

    The host is empty for a tenant that had left the configuration before there were
    notes. *first_day* is the tenant's own, which holds after it left, too.
    """

    name: str
    id: str | None
    host: str
    formerly: tuple[str, ...] = ()
    first_day: date | None = None

    def is_other(self, identity: str | None, host: str) -> bool:
        """Whether what has this *identity* and *host* is another tenant for sure."""
        if self.id and identity:
            return self.id != identity
        return not self.id and not identity and self.host not in ("", host)

    def is_same(self, identity: str | None, host: str) -> bool:
        """Whether what has this *identity* and *host* is this tenant for sure."""
        if self.id and identity:
            return self.id == identity
        return self.host == host


def read(root: Path) -> dict[str, KnownTenant]:
    """The tenants that the lake in *root* knows, by name; none in an older lake.

    Raises:
        CheckError: The file is not as it was written.
    """
    path = root / FILE
    try:
        return _decoded(path, path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as exc:
        raise faults.unreadable(path, exc) from exc


def write(
    root: Path, known: Iterable[KnownTenant], again: _Change | None = None
) -> None:
    """Replace the file, unless it says the same already.

    What another machine wrote meanwhile is changed by *again*, and not lost.
    """
    content, path = _encoded(known), root / FILE

    def merged(theirs: bytes) -> bytes:
        return _encoded(again(_decoded(path, theirs))) if again else content

    if not path.exists() or path.read_bytes() != content:
        store.put(path, content, merged if again else None)


def _encoded(known: Iterable[KnownTenant]) -> bytes:
    ordered = sorted(known, key=lambda one: one.name)
    return msgspec.json.format(msgspec.json.encode(ordered), indent=2) + b"\n"


def _decoded(path: Path, content: bytes) -> dict[str, KnownTenant]:
    try:
        known = msgspec.json.decode(content, type=tuple[KnownTenant, ...])
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise CheckError(
            f"{path}: is not as it was written\nrestore it from a backup, or remove it:"
            " then the next run writes it anew, and takes each name for what it is"
        ) from exc
    return {one.name: one for one in known}


def today(
    known: Mapping[str, KnownTenant], renamed: Mapping[str, str]
) -> dict[str, str]:
    """Today's name by each former one: *renamed* in the configuration, or before."""
    former = {old: one.name for one in known.values() for old in one.formerly}
    former |= renamed
    for name in set(renamed.values()):  # a name that is in use again
        former.pop(name, None)
    found = {}
    for old in former:
        name, seen = old, {old}
        while (following := former.get(name)) and following not in seen:
            name = following
            seen.add(name)
        found[old] = name
    return found


def first_names(names: Mapping[str, str]) -> dict[str, str]:
    """The first former name of each tenant that has one; *names* are those of today."""
    found: dict[str, str] = {}
    for old, name in names.items():
        found.setdefault(name, old)
    return found


def settle(root: Path, tables: Iterable[Table], renamed: Mapping[str, str]) -> None:
    """Give the folders of former names the tenants' names of today.

    Where both are there, days are merged: nothing is lost, and nothing is there twice.
    A repeat completes what was interrupted.
    """
    lake = Lake(root)
    for old, name in renamed.items():
        # The coverage comes last: until then, what was moved is not missed.
        for table in sorted(tables, key=lambda one: one == COVERAGE):
            former = root / table.name / f"tenant={old}"
            if not folders.exists(former):
                continue
            current = former.with_name(f"tenant={name}")
            if not folders.exists(current):
                store.move(former, current)
                continue
            _merge_days(lake, table, old, name)
    known = read(root)
    if known.keys() & renamed.keys():
        write(root, _merged(known, renamed), lambda now: _merged(now, renamed))


def _merge_days(lake: Lake, table: Table, old: str, name: str) -> None:
    """Move the days of *old* to *name*; where both have a day, its newest rows."""
    for one in (old, name):
        lake.store_whole(table, one)  # no day stands on another meanwhile
    folder = lake.path(table, old, date.min).parents[1]
    for path, days in lake.days_by_file(table, old).items():
        if path.exists():
            for day in days:
                rows = pl.concat([lake.read(table, one, day) for one in (old, name)])
                lake.replace(table, name, day, rows)
            store.remove(path)
        with suppress(OSError):  # something else is in it, which is left alone
            path.parent.rmdir()
    with suppress(OSError):
        folder.rmdir()


def _merged(
    known: Mapping[str, KnownTenant], renamed: Mapping[str, str]
) -> list[KnownTenant]:
    """What is known, with former names at the tenants that have others today."""
    found = {name: one for name, one in known.items() if name not in renamed}
    for old, name in renamed.items():
        if before := known.get(old):
            now = found.get(name) or msgspec.structs.replace(
                before, name=name, formerly=()
            )
            names = dict.fromkeys([*now.formerly, *before.formerly, old])
            formerly = tuple(one for one in names if one != name)
            found[name] = msgspec.structs.replace(now, formerly=formerly)
    return list(found.values())
