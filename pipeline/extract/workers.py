"""Requests side by side: a few ahead, their answers in order."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

# The pace is shared, so that more workers would only wait; these hide the latency.
WORKERS = 4

# Answers wait for their turn in memory, and what waits is lost in a crash.
_AHEAD = 2 * WORKERS

_T = TypeVar("_T")
_R = TypeVar("_R")


def side_by_side(
    ask: Callable[[_T], _R], items: Iterable[_T]
) -> Generator[tuple[_T, Future[_R]], None, None]:
    """Each item with the future of its answer, in order; the future is done.

    Nothing more is asked once it is closed, which whoever loops over it should see to:
    an error would leave it open for as long as its traceback is kept.
    """
    with ThreadPoolExecutor(WORKERS) as workers:
        rest = iter(items)
        asked = deque((one, workers.submit(ask, one)) for one in islice(rest, _AHEAD))
        try:
            while asked:
                item, answer = asked.popleft()
                answer.exception()  # waits for it
                asked.extend((one, workers.submit(ask, one)) for one in islice(rest, 1))
                yield item, answer
        finally:
            workers.shutdown(cancel_futures=True)
