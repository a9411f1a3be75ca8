"""Requests in parallel, with their answers in order."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

# Enough to hide the latency; more would only wait, since they share one pace.
WORKERS = 4

# Requests sent ahead. Their answers wait in memory, and a crash loses them.
_AHEAD = 2 * WORKERS

_T = TypeVar("_T")
_R = TypeVar("_R")


def side_by_side(
    ask: Callable[[_T], _R], items: Iterable[_T]
) -> Generator[tuple[_T, Future[_R]], None, None]:
    """Each item with the future of its answer, in order; the future is done.

    Close it to send no more requests. After an error it would stay open for as long as
    the traceback is kept.
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
