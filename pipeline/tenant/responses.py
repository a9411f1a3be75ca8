"""A response of the tenant → its typed body, or an error that says what is wrong."""

import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
import msgspec

_MAX_TEXT = 200

# JSON has escapes of two halves for a character like an emoji. A tenant that cuts names
# at 50 of its units leaves one half, which is no text: every decoder refuses it.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)

_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()

_T = TypeVar("_T")


class _ErrorItem(msgspec.Struct):
    code: Any = ""
    title: Any = ""


class _ErrorBody(msgspec.Struct, rename="camel"):
    errors: list[_ErrorItem] = []
    trace_id: Any = ""


def accepted(response: httpx.Response, redact: Callable[[str], str]) -> bytes:
    """The body of a response with a status of 2xx.

    Raises:
        httpx.HTTPStatusError: The status is another. The message is the status and the
            tenant's own reason, cut and cleaned; *redact* takes secrets out of it.
    """
    if response.is_success:
        return response.content
    raise status_error(response, redact(_reason(response.content)))


def status_error(response: httpx.Response, reason: str) -> httpx.HTTPStatusError:
    """The error of a *response* that is not usable, for a *reason*."""
    message = f"{response.status_code} {reason}".strip()
    return httpx.HTTPStatusError(message, request=response.request, response=response)


def decode(body: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
    """The typed body.

    Raises:
        httpx.DecodingError: It is not JSON, or not all of it.
        msgspec.ValidationError: It is JSON of another shape than documented.
    """
    try:
        return _decoded(body, decoder)
    except msgspec.ValidationError:
        raise
    except _NO_JSON as exc:
        raise httpx.DecodingError(f"the response is not JSON: {exc}") from None


def generic(body: bytes) -> Any:
    """The body as plain objects, whatever its shape.

    Raises:
        httpx.DecodingError: It is not JSON, or not all of it.
    """
    return decode(body, _ANYTHING)


def _decoded(body: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
    """The typed body, with a mark for each half of a character that it holds."""
    try:
        return decoder.decode(body)
    except msgspec.DecodeError:
        whole = _ESCAPE.sub(lambda m: b"\\ufffd" if m["half"] else m[0], body)
        if whole == body:
            raise
        return decoder.decode(whole)


def clean(text: object) -> str:
    """Text that others wrote, fit for one line of a log."""
    shown = "".join(c if c.isprintable() else " " for c in str(text)[:_MAX_TEXT])
    return shown.strip()


def retry_after(response: httpx.Response) -> float | None:
    """Seconds of a Retry-After (RFC 9110, 10.2.3), None if absent or nonsense.

    A date is taken against the response's own Date, so that clocks need not agree.
    """
    header = response.headers.get("retry-after", "").strip()
    if header.isascii() and header.isdecimal():
        return float(header[:9])
    try:
        until = parsedate_to_datetime(header)
        sent = parsedate_to_datetime(response.headers.get("date", ""))
        return max((until - sent).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None


def _reason(body: bytes) -> str:
    """`code: title (traceId)`, and nothing else: `detail` may repeat what was sent."""
    try:
        errors = msgspec.json.decode(body, type=_ErrorBody)
    except _NO_JSON:
        return ""
    parts = [f"{clean(e.code)}: {clean(e.title)}" for e in errors.errors[:3]]
    if errors.trace_id:
        parts.append(f"traceId {clean(errors.trace_id)}")
    return ", ".join(parts)
