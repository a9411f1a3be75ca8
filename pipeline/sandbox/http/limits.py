"""The tenant's rate limit: a number of requests in a rolling window, then 429."""

import math
import time
from collections import deque
from collections.abc import Callable
from threading import Lock


class RateLimit:
    """At most *count* requests in any *window* of seconds; None is no limit."""

    def __init__(
        self,
        count: int | None,
        window: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count = count
        self._window = window
        self._clock = clock
        self._taken: deque[float] = deque()
        self._lock = Lock()

    def wait(self) -> int | None:
        """None if one more request is within the limit, else the seconds to wait."""
        if self._count is None:
            return None
        with self._lock:
            now = self._clock()
            while self._taken and self._taken[0] <= now - self._window:
                self._taken.popleft()
            if len(self._taken) < self._count:
                self._taken.append(now)
                return None
            return max(1, math.ceil(self._taken[0] + self._window - now))
