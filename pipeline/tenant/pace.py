"""How fast a tenant is asked: one pace for all workers."""

import threading
import time


class Pace:
    """Spaces requests evenly, and holds all of them back when the tenant says so.

    A tenant counts requests over a rolling window and blocks the whole tier of a
    caller that goes over it, so even spacing leaves nothing to be punished for.
    """

    def __init__(self, requests_per_minute: int) -> None:
        self._interval = 60 / requests_per_minute
        self._free_at = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may go out."""
        while (delay := self._take()) > 0:
            time.sleep(delay)

    def pause(self, seconds: float) -> None:
        """Let no worker send anything for *seconds* from now."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def _take(self) -> float:
        """Zero if the next place is taken, else the seconds until it is free."""
        with self._lock:
            now = time.monotonic()
            if self._free_at > now:
                return self._free_at - now
            self._free_at = now + self._interval
            return 0
