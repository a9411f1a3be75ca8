"""What files of the lake were found to hold; it is known while they are as they were.

A run asks many times how each day was read, and how many rows it has.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.lake import faults

Ask = Callable[[pl.LazyFrame], pl.LazyFrame]
Row = tuple[Any, ...]

# Size, times of change of content and of anything, number.
_State = tuple[int, int, int, int]

# Of a file, by what was asked of a day: the state of the file, and the answer.
_Answers = dict[tuple[Ask, date], tuple[_State, list[Row]]]

_known: dict[Path, _Answers] = {}
_MOST_FILES = 2**16


def rows(
    ask: Ask,
    located: Mapping[date, Path],
    read: Callable[[Sequence[date]], pl.DataFrame],
) -> dict[date, list[Row]]:
    """The rows that *ask* has of each day, of the files where the days are *located*.

    Of files that are new or have changed, *read* asks; its answer has the day as
    `date`. A day without a file is not in the result.

    Raises:
        CheckError: A file cannot be read.
    """
    states = {path: _state(path) for path in dict.fromkeys(located.values())}
    found: dict[date, list[Row]] = {}
    new: dict[date, _State] = {}
    for day, path in located.items():
        if (state := states[path]) is None:
            continue
        before, answer = _known.get(path, {}).get((ask, day), (None, []))
        found[day] = answer if before == state else []
        if before != state:
            new[day] = state
    if new:
        _answer(found, read(list(new)))
        if len(_known) > _MOST_FILES:
            _known.clear()
    for day, state in new.items():
        _known.setdefault(located[day], {})[ask, day] = state, found[day]
    return found


def wrote(path: Path, day: date, answers: Mapping[Ask, list[Row]]) -> None:
    """Know of a file that was just written what it has of *day*, and nothing else.

    Two versions of one size, within a tick of the clock, may have the same state: what
    was known of the one before is forgotten.
    """
    state = _state(path)
    _known[path] = {(ask, day): (state, rows) for ask, rows in answers.items() if state}


def _answer(found: Mapping[date, list[Row]], answer: pl.DataFrame) -> None:
    place = answer.get_column_index("date")
    for row in answer.iter_rows():
        if row[place] in found:
            found[row[place]].append(row)


def _state(path: Path) -> _State | None:
    """What differs after any change of the file at *path*; None if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 (a `Path` takes longer than to look)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise faults.unreadable(path, exc) from exc
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
