"""How fast a tenant is asked: one pace for all workers."""

import threading
import time
from collections.abc import Callable

# Requests that left evenly arrive less so; this much slower than asked for, a window
# of the tenant has room for one that was late.
_ROOM = 1.02


class Pace:
    """Spaces requests evenly, and holds all of them back when the tenant says so.

    A tenant counts requests over a rolling window and blocks the whole tier of a
    caller that goes over it, so even spacing leaves nothing to be punished for.
    """

    def __init__(
        self,
        requests_per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.paused_seconds = 0.0
        self._interval = _ROOM * 60 / requests_per_minute
        self._free_at = 0.0
        self._paused_until = 0.0
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may go out."""
        while (delay := self._take()) > 0:
            self._sleep(delay)

    def pause(self, seconds: float) -> None:
        """Let no worker send anything for *seconds* from now.

        Workers that are asked at once to wait the same pause wait it once.
        """
        with self._lock:
            now = self._clock()
            begin = max(self._paused_until, now)
            self._paused_until = max(begin, now + seconds)
            self.paused_seconds += self._paused_until - begin
            self._free_at = max(self._free_at, self._paused_until)

    def _take(self) -> float:
        """Zero if the next place is taken, else the seconds until it is free."""
        with self._lock:
            now = self._clock()
            if self._free_at > now:
                return self._free_at - now
            self._free_at = now + self._interval
            return 0
