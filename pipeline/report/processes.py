"""Pages that a second process makes, while this one makes the others."""

import gc
import os
import pickle
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from functools import cache, partial
from itertools import accumulate
from subprocess import DEVNULL, PIPE, Popen
from typing import IO, cast

Pages = dict[str, bytes]
# Ids that pages may link to, once they are known; what makes pages with them.
Listed = Callable[[], Collection[str]]
Make = Callable[[Listed], Pages]
# What is given the ids, and gives what pages are waited for with; then they are there.
Start = Callable[[Collection[str]], Callable[[], Pages]]

# From so many statements on it pays that the warehouse is read twice.
_MANY = 150

# The ids of some 50,000 names, so that they need not be waited for until they are read.
_PIPE_BYTES = 2**20

# What part of them the second process makes: the first has other pages, too.
_PART = 2 / 3


def shared_out(statements: Mapping[date, int], threads: int | None) -> set[date]:
    """The months of a part of all *statements*, which are counted by month.

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
        if so_far <= total * _PART
    }


@contextmanager
def beside(make: Make | None) -> Iterator[Start]:
    """Let a second process *make* pages during the block; what is given waits for them.

    It reads what it needs while the ids are not known yet. If it cannot be started, or
    ends without pages, as for want of memory, they are made here.
    """
    if make is None:
        yield lambda _: dict
        return
    process = _started()
    if process is None:
        yield lambda listed: cache(partial(make, lambda: listed))
        return
    with process:

        def start(listed: Collection[str]) -> Callable[[], Pages]:
            _send(process, listed)
            return cache(lambda: _answer(process) or make(lambda: listed))

        try:
            _send(process, make)
            yield start
        finally:
            process.kill()
            with suppress(BrokenPipeError), _asked(process):
                pass  # closed here: at the end of `Popen` it would raise


def _started() -> Popen[bytes] | None:
    """A process that makes what it is asked for; None if the system allows no other."""
    with suppress(OSError):
        return Popen(  # noqa: S603 (our own code; no argument is anybody's)
            [sys.executable, "-P", "-c", f"from {__name__} import answer; answer()"],
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            pipesize=_PIPE_BYTES,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,  # Ctrl-C ends this process, which ends the other
        )
    return None


def answer() -> None:
    """Make the pages that are asked for on standard input, and write them out."""
    gc.disable()  # this process ends before there is much
    make: Make = pickle.load(sys.stdin.buffer)  # noqa: S301 (of the process that started us)
    pages = make(lambda: pickle.load(sys.stdin.buffer))  # noqa: S301 (of the same)
    pickle.dump(pages, sys.stdout.buffer)


def _send(process: Popen[bytes], what: object) -> None:
    with suppress(BrokenPipeError):
        pickle.dump(what, _asked(process))
        _asked(process).flush()


def _asked(process: Popen[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", process.stdin)


def _answer(process: Popen[bytes]) -> Pages | None:
    """What it made; None if it ended before: what is wrong is then said here."""
    answered = cast("IO[bytes]", process.stdout)
    with suppress(EOFError, pickle.UnpicklingError):
        pages: Pages = pickle.load(answered)  # noqa: S301 (of our own process)
        return pages
    return None
