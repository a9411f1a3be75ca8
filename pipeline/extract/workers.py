"""Requests in parallel, with their answers in order."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from itertools import islice
from typing import ParamSpec, TypeVar

# Enough to hide the latency; more would only wait, since they share one pace.
WORKERS = 4

# Requests sent ahead. Their answers wait in memory, and a crash loses them.
_AHEAD = 2 * WORKERS

_T = TypeVar("_T")
_R = TypeVar("_R")
_P = ParamSpec("_P")


def submitted(
    workers: ThreadPoolExecutor,
    call: Callable[_P, _R],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> Future[_R]:
    """The answer of *call* to come from one of *workers*, whose log lines are ours."""
    context = copy_context()
    return workers.submit(lambda: context.run(call, *args, **kwargs))


def side_by_side(
    ask: Callable[[_T], _R], items: Iterable[_T]
) -> Generator[tuple[_T, Future[_R]], None, None]:
    """Each item with the future of its answer, in order; the future is done.

    Close it to send no more requests. After an error it would stay open for as long as
    the traceback is kept.
    """
    with ThreadPoolExecutor(WORKERS) as workers:
        rest = iter(items)
        asked = deque(
            (one, submitted(workers, ask, one)) for one in islice(rest, _AHEAD)
        )
        try:
            while asked:
                item, answer = asked.popleft()
                answer.exception()  # waits for it
                asked.extend(
                    (one, submitted(workers, ask, one)) for one in islice(rest, 1)
                )
                yield item, answer
        finally:
            workers.shutdown(cancel_futures=True)
