"""Files of the lake that are not as they were written: found before they are read.

A file is held to its hash when it is first seen, and again when its size, time or
number (inode) changed; a run thereby hashes what is new. `verify` hashes all.
"""

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from pipeline.config import Settings
from pipeline.files import replacing
from pipeline.lake import Table, folders, present, store, tenants, unchanged

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
        CheckError: The message names the first such file, and counts them.
    """
    if found := _changed(settings, tables, is_noted=is_noted):
        raise folders.changed(found[0], len(found) - 1)


def separate(settings: Settings, tables: Iterable[Table]) -> None:
    """Rename the files that are not as they were written, so that nobody reads them.

    Their days then count as lost, or as never read, and are asked for again.
    """
    for path in _changed(settings, tables, is_noted=True):
        digest = sha256(path.read_bytes()).hexdigest()[:_DIGEST_LENGTH]
        renamed = path.with_name(f"{path.name}{folders.DAMAGED}{digest}")
        store.move(path, renamed)
        log.warning(
            "%s: not as it was written: set aside as %s; its day is read again if the"
            " tenant still has it",
            path,
            renamed.name,
        )


def _changed(
    settings: Settings, tables: Iterable[Table], *, is_noted: bool
) -> list[Path]:
    root = settings.lake
    before, now = _read(settings), _Proved()
    known = tenants.read(root)
    holds = unchanged.Holder(root, tenants.today(known, settings.renamed))
    counted = present.counted(settings)
    changed: list[Path] = []
    for table in tables:
        for path in folders.files(root, table.name, counted):
            name = str(path.relative_to(root))
            state = _state(path)
            if before.get(name) == state or holds.is_unchanged(table, path):
                now[name] = state
            else:
                changed.append(path)
    if is_noted and now != before:
        _write(settings, now)
    return changed


def _state(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError as exc:
        raise folders.unreadable(path, exc) from exc
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
