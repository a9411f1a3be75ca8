"""A response of the tenant → its typed body, or an error that says what is wrong."""

import math
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

# Texts, so that numbers in them are left alone; then what is no number to others. One
# that is cut short lasts to the end: it would take hours to look for the end of a text
# from each quote within it.
_NUMBER = re.compile(
    rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
    rb"|(?P<number>NaN|-?Infinity|-?[0-9]+(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?)",
    re.DOTALL,
)

# Files that a Windows machine wrote begin with it, in UTF-8.
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_WORD = re.compile("[a-z_]{1,40}")

_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()

_T = TypeVar("_T")


class _ErrorItem(msgspec.Struct):
    code: Any = ""
    title: Any = ""


class _ErrorBody(msgspec.Struct, rename="camel"):
    errors: list[_ErrorItem] = []
    trace_id: Any = ""
    error: Any = None  # of a token endpoint, a word (RFC 6749, 5.2)


def accepted(response: httpx.Response, redact: Callable[[str], str]) -> bytes:
    """The body of a response with a status of 2xx.

    Raises:
        httpx.HTTPStatusError: The status is another. The message is the status and the
            tenant's own reason, cut and cleaned; *redact* takes secrets out of it.
    """
    if response.is_success:
        return response.content
    raise status_error(response, _reason(response.content, redact))


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
    """The typed body; where it cannot be read as it is, without what is unreadable."""
    body = body.removeprefix(_BYTE_ORDER_MARK)
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        readable = _readable(body)
        if readable == body:
            raise
        return decoder.decode(readable)


def _readable(body: bytes) -> bytes:
    """*body* with a mark for each part of a character, and null for what no number is.

    No number are NaN, infinity, and what is larger than any double.
    """
    whole = _ESCAPE.sub(lambda m: b"\\ufffd" if m["half"] else m[0], body)
    text = whole.decode("utf-8", "replace").encode()
    return _NUMBER.sub(lambda m: m[0] if _is_finite(m["number"]) else b"null", text)


def _is_finite(number: bytes | None) -> bool:
    """Whether a decoder can read *number*; of a text it is None."""
    return number is None or math.isfinite(float(number))


def clean(text: object) -> str:
    """Text that others wrote, fit for one line of a log; secrets are hidden before."""
    return one_line(str(text)[:_MAX_TEXT])


def one_line(text: str) -> str:
    """*text* without what a terminal or a log would not show as it is, whole."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


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
    except (TypeError, ValueError, OverflowError):
        return None


def _reason(body: bytes, redact: Callable[[str], str]) -> str:
    """`code: title (traceId)`, and nothing else: `detail` may repeat what was sent."""

    def shown(text: object) -> str:
        return clean(redact(str(text)))  # a cut secret could not be found

    try:
        errors = msgspec.json.decode(body, type=_ErrorBody)
    except _NO_JSON:
        return ""
    parts = [f"{shown(e.code)}: {shown(e.title)}" for e in errors.errors[:3]]
    if isinstance(errors.error, str) and _WORD.fullmatch(errors.error):
        parts.append(shown(errors.error))
    if errors.trace_id:
        parts.append(f"traceId {shown(errors.trace_id)}")
    return ", ".join(parts)
