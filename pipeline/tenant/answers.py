"""An answer of the tenant → its body, or an exception that says what was refused."""

import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import msgspec

# Far above any real page; a gzip bomb ends here instead of filling the memory.
MAX_BODY_BYTES = 128 * 2**20

_MAX_TEXT = 200


class Refused(Exception):  # noqa: N818 (an answer, not an error: 429 is retried)
    """Any status but 2xx; *reason* is the tenant's own, cut and cleaned."""

    def __init__(self, status: int, reason: str, retry_after: float | None) -> None:
        self.status = status
        self.retry_after = retry_after
        super().__init__(f"{status} {reason}".strip())


class Malformed(Exception):  # noqa: N818 (retried like a cut connection)
    """Status 200, but no JSON: a body cut short, or a proxy's own page."""


class _ErrorItem(msgspec.Struct):
    code: Any = ""
    title: Any = ""


class _ErrorBody(msgspec.Struct, rename="camel"):
    errors: list[_ErrorItem] = []
    trace_id: Any = ""


def read(response: httpx.Response, deadline: float) -> bytes:
    """The decoded body of a streamed *response*, by *deadline* (monotonic seconds).

    httpx's own timeout starts again with every chunk, so a tenant that sends a byte
    a second would hold a worker for ever.

    Raises:
        Refused: The status is not 2xx.
        Malformed: The body is larger than any page can be.
        httpx.TransportError: The body stopped, or took too long.
    """
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Malformed(f"an answer of more than {MAX_BODY_BYTES >> 20} MiB")
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout(
                "the answer took too long", request=response.request
            )
    if not response.is_success:
        raise Refused(response.status_code, _reason(bytes(body)), _wait(response))
    return bytes(body)


def clean(text: object) -> str:
    """Text that others wrote, fit for one line of a log."""
    shown = "".join(c if c.isprintable() else " " for c in str(text)[:_MAX_TEXT])
    return shown.strip()


def _reason(body: bytes) -> str:
    """`code: title (traceId)`, and nothing else: `detail` may repeat what was sent."""
    try:
        answer = msgspec.json.decode(body, type=_ErrorBody)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    parts = [f"{clean(e.code)}: {clean(e.title)}" for e in answer.errors[:3]]
    if answer.trace_id:
        parts.append(f"traceId {clean(answer.trace_id)}")
    return ", ".join(parts)


def _wait(response: httpx.Response) -> float | None:
    """Seconds of a Retry-After (RFC 9110, 10.2.3), None if absent or nonsense.

    A date is taken against the answer's own Date, so that clocks need not agree.
    """
    header = response.headers.get("Retry-After", "").strip()
    if header.isascii() and header.isdecimal():
        return float(header[:9])
    try:
        until = parsedate_to_datetime(header)
        sent = parsedate_to_datetime(response.headers.get("Date", ""))
        return max((until - sent).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
