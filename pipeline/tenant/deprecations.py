"""What a tenant says of the end of its endpoints, logged once for each of them.

Read are `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and any header of the vendor's
whose name speaks of deprecation.
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

import httpx

from pipeline.tenant.responses import clean

log = logging.getLogger(__name__)

_MOST_HEADERS = 5


class Deprecations:
    """The endpoints of a *tenant* that will end, with what it *found* of each."""

    def __init__(self, tenant: str, redact: Callable[[str], str]) -> None:
        self._tenant = tenant
        self._redact = redact
        self.found: dict[str, str] = {}
        self._lock = threading.Lock()

    def notice(self, endpoint: str, headers: httpx.Headers) -> None:
        """Warn if *headers* say that *endpoint* ends, and no earlier ones did."""
        found = _found(headers)
        if not found:
            return
        with self._lock:
            if endpoint in self.found:
                return
            quoted = "; ".join(f"{name}: {value}" for name, value in found)
            text = f"{_period(headers)} ({clean(self._redact(quoted))})"
            self.found[endpoint] = f"deprecated{text}: look for a newer version"
        log.warning("tenant %s: %s is %s", self._tenant, endpoint, self.found[endpoint])


def _found(headers: httpx.Headers) -> list[tuple[str, str]]:
    return [
        (name.decode("ascii"), value.decode("latin-1"))
        for name, value in headers.raw
        if b"deprecat" in (lowered := name.lower()) or lowered == b"sunset"
    ][:_MOST_HEADERS]


def _period(headers: httpx.Headers) -> str:
    """Since when and until when, as far as the headers say so."""
    since = _date(headers.get("deprecation", ""))
    until = _date(headers.get("sunset", ""))
    begin = f" since {since}" if since else ""
    return f"{begin}, and answers until {until}" if until else begin


def _date(text: str) -> date | None:
    """The day of a Date of structured fields (`@1688169599`), or of an HTTP date."""
    try:
        if text.startswith("@"):
            return datetime.fromtimestamp(int(text[1:]), UTC).date()
        return parsedate_to_datetime(text).date()
    except (TypeError, ValueError, OverflowError, OSError):
        return None
