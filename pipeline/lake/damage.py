"""Files of the lake that are not as they were written: found before they are read.

A file is held to its hash when it is first seen, and again when its size, time or
number (inode) changed; a run thereby hashes what is new. `verify` hashes all.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from hashlib import sha256
from itertools import product
from pathlib import Path

import msgspec

from pipeline.config import Settings
from pipeline.errors import CheckError
from pipeline.files import replacing
from pipeline.lake import Table, faults, folders, present, store, tenants, unchanged

log = logging.getLogger(__name__)

_NAME = "lake.json"

# Of each file of the lake that was as it was written: size, time and number.
_Proved = dict[str, tuple[int, int, int]]

_DIGEST_LENGTH = 8


def check(
    settings: Settings, tables: Iterable[Table], *, is_noted: bool = False
) -> None:
    """Refuse a lake in which a file is not as it was written.

    If *is_noted*, which needs the lock, files that are need no second look.

    Raises:
        CheckError: The message names the first such file, and counts them; it has
            each.
    """
    if found := _changed(settings, tables, is_noted=is_noted, passes_over=False):
        raise faults.changed(found)


def separate(settings: Settings, tables: Iterable[Table]) -> None:
    """Rename the files that are not as they were written, so that nobody reads them.

    Their days then count as lost, or as never read, and are asked for again. What
    cannot be read or renamed is left: it stops its tenant, when that is read.
    """
    for path in _changed(settings, tables, is_noted=True, passes_over=True):
        try:
            renamed = path.with_name(f"{path.name}{folders.DAMAGED}{_digest(path)}")
            store.move(path, renamed)
        except OSError as exc:
            log.warning(
                "%s: not as it was written, and not set aside: %s", path, exc.strerror
            )
            continue
        log.warning(
            "%s: not as it was written: set aside as %s; its day is read again if the"
            " tenant still has it",
            path,
            renamed.name,
        )


def _digest(path: Path) -> str:
    """A hash of what is there, so that nothing of that name is there already."""
    known = f"{path.stat().st_mtime_ns}".encode()
    content = known if path.is_dir() else path.read_bytes()
    return sha256(content).hexdigest()[:_DIGEST_LENGTH]


def _changed(
    settings: Settings, tables: Iterable[Table], *, is_noted: bool, passes_over: bool
) -> list[Path]:
    """The files that are not as they were written.

    Raises:
        CheckError: One cannot be read; not where it *passes_over* those.
    """
    root = settings.lake
    before, now = _read(settings), _Proved()
    known = tenants.read(root)
    holds = unchanged.Holder(root, tenants.today(known, settings.renamed))
    counted = present.counted(settings)
    changed: list[Path] = []
    look = _passing_over if passes_over else nullcontext
    for table, tenant in product(tables, sorted(counted)):
        with look():
            for path in folders.files(root, table.name, {tenant}):
                name = f"{path}".removeprefix(f"{root}/")
                with look():
                    state = _state(path)
                    if before.get(name) == state or _is_unchanged(holds, table, path):
                        now[name] = state
                    else:
                        changed.append(path)
    if is_noted and now != before:
        _write(settings, now)
    return changed


@contextmanager
def _passing_over() -> Iterator[None]:
    """Pass over what cannot be read."""
    try:
        yield
    except CheckError as exc:
        log.debug("%s", exc)


def _is_unchanged(holds: unchanged.Holder, table: Table, path: Path) -> bool:
    if path.is_dir():
        return False
    is_whole = holds.is_unchanged(table, path)
    return is_whole or (store.fetch(path) and holds.is_unchanged(table, path))


def _state(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError as exc:
        raise faults.unreadable(path, exc) from exc
    return found.st_size, found.st_mtime_ns, found.st_ino


def _read(settings: Settings) -> _Proved:
    """What was proved before; nothing if that is not known, so that all is hashed."""
    try:
        content = (settings.state / _NAME).read_bytes()
        return msgspec.json.decode(content, type=_Proved)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _write(settings: Settings, proved: Mapping[str, tuple[int, int, int]]) -> None:
    with (
        suppress(OSError),  # then the next run hashes more
        replacing(settings.state / _NAME) as partial,
    ):
        partial.write_bytes(msgspec.json.encode(proved))
