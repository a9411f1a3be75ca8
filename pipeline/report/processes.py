"""Pages that a second process makes, while this one makes the others."""

import gc
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from itertools import accumulate
from subprocess import DEVNULL, PIPE, Popen
from typing import IO, cast

Pages = dict[str, bytes]
Make = Callable[[], Pages]

# From so many statements on it pays that the warehouse is read twice.
_MANY = 150


def half(statements: Mapping[date, int], threads: int | None) -> set[date]:
    """The months of half of all *statements*, which are counted by month.

    None of them if they are few, or if only one CPU may be used.
    """
    total = sum(statements.values())
    if total < _MANY or 1 in (threads, os.cpu_count()):
        return set()
    months = sorted(statements)
    until = accumulate(statements[month] for month in months)
    return {
        month
        for month, so_far in zip(months, until, strict=True)
        if so_far * 2 <= total
    }


@contextmanager
def beside(make: Make | None) -> Iterator[Make]:
    """Let a second process *make* pages during the block; what is given waits for them.

    If that process ends without them, as for want of memory, they are made here.
    """
    if make is None:
        yield dict
        return
    with Popen(  # noqa: S603 (our own code; no argument is anybody's)
        [sys.executable, "-P", "-c", f"from {__name__} import answer; answer()"],
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,  # Ctrl-C ends this process, which then ends the other
    ) as process:
        try:
            _send(process, make)
            yield lambda: _answer(process) or make()
        finally:
            process.kill()


def answer() -> None:
    """Make the pages that are asked for on standard input, and write them out."""
    gc.disable()  # this process ends before there is much
    make: Make = pickle.load(sys.stdin.buffer)  # noqa: S301 (of the process that started us)
    pickle.dump(make(), sys.stdout.buffer)


def _send(process: Popen[bytes], make: Make) -> None:
    with suppress(BrokenPipeError), cast("IO[bytes]", process.stdin) as asked:
        pickle.dump(make, asked)


def _answer(process: Popen[bytes]) -> Pages | None:
    """What it made; None if it ended before: what is wrong is then said here."""
    answered = cast("IO[bytes]", process.stdout)
    with suppress(EOFError, pickle.UnpicklingError):
        pages: Pages = pickle.load(answered)  # noqa: S301 (of our own process)
        return pages
    return None
