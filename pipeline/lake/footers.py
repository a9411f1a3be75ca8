"""What the files of the lake say of themselves, in the metadata at their end.

That is a hash over all bytes and the place of the file in the lake; and, where it has
the days of a month, which days these are.
"""

import os
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

KEY = "chargeback"
UNSET = "0" * 64

STATED = re.compile(rb"sha256=([0-9a-f]{64}) file=([\w=/.-]+/[\w=/.-]+);")
_DAYS = re.compile(rb"days=((?:\d{4}-\d\d-\d\d:\d+:[0-9a-f]{64} )+);")

# The metadata stand at the end of a file, and are shorter.
TAIL = 2**15

_MOST_KNOWN = 2**14


class OfDay(NamedTuple):
    """A day in the file of a month: its rows, and the hash of the file that it was."""

    rows: int
    digest: str


def stated(name: str, days: Mapping[date, OfDay] | None = None) -> dict[str, str]:
    """The metadata of the file *name*, with *days* of a month; its hash is not set."""
    text = f"sha256={UNSET} file={name};"
    if days:
        text += f" days={''.join(map(_written, sorted(days.items())))};"
    return {KEY: text}


def tail(path: Path) -> bytes:
    """The end of a file.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - TAIL, 0))
        return file.read()


def days_in(path: Path | str) -> Mapping[date, OfDay]:
    """The days in the file of a month; none, if it is of a day or not there.

    Raises:
        OSError: It cannot be read.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 (a `Path` takes longer than to look)
        return _days_in(f"{path}", found.st_size, found.st_mtime_ns, found.st_ino)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return {}


@lru_cache(_MOST_KNOWN)
def _days_in(path: str, *_state: int) -> Mapping[date, OfDay]:
    found = _DAYS.search(tail(Path(path)))
    return dict(_read(found[1].decode().split())) if found else {}


def _written(day: tuple[date, OfDay]) -> str:
    on, (rows, digest) = day
    return f"{on}:{rows}:{digest} "


def _read(written: Iterable[str]) -> Iterable[tuple[date, OfDay]]:
    for one in written:
        day, rows, digest = one.split(":")
        yield date.fromisoformat(day), OfDay(int(rows), digest)
