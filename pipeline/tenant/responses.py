"""An answer of the tenant → its body, or an exception that says what was refused."""

import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

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


class Answer(NamedTuple):
    """Status, headers by their name in small letters, body, its bytes on the wire."""

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes
    received: int

    def header(self, name: bytes) -> str:
        """The header's text; empty if it is absent."""
        return self.headers.get(name, b"").decode("latin-1").strip()


class Trouble(Exception):  # noqa: N818 (most of it passes and is tried again)
    """A request that got no usable answer; *request* says of which tenant and what."""

    request = ""


class Refused(Trouble):
    """Any status but 2xx; *reason* is the tenant's own, cut and cleaned."""

    def __init__(
        self, status: int, reason: str = "", retry_after: float | None = None
    ) -> None:
        self.status = status
        self.retry_after = retry_after
        super().__init__(f"{status} {reason}".strip())


class Malformed(Trouble):
    """Status 200, but no JSON: a body cut short, or a proxy's own page."""


class Broken(Trouble):
    """No answer, or no whole one: the connection failed, or took too long."""


class Oversized(Trouble):
    """An answer larger than any page can be; asking again would bring it again."""


class _ErrorItem(msgspec.Struct):
    code: Any = ""
    title: Any = ""


class _ErrorBody(msgspec.Struct, rename="camel"):
    errors: list[_ErrorItem] = []
    trace_id: Any = ""


def accepted(answer: Answer, hide: Callable[[str], str]) -> bytes:
    """The body of an answer with a status of 2xx.

    Raises:
        Refused: The status is another; *hide* takes secrets out of the reason.
    """
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return answer.body
    raise Refused(answer.status, hide(_reason(answer.body)), _wait(answer))


def decode(body: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
    """The typed answer.

    Raises:
        Malformed: It is not JSON, or not all of it.
        msgspec.ValidationError: It is JSON of another shape than documented.
    """
    try:
        return _decoded(body, decoder)
    except msgspec.ValidationError:
        raise
    except _NO_JSON as exc:
        raise Malformed(f"the answer is not JSON: {exc}") from None


def generic(body: bytes) -> Any:
    """The answer as plain objects, whatever its shape.

    Raises:
        Malformed: It is not JSON, or not all of it.
    """
    return decode(body, _ANYTHING)


def _decoded(body: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
    """The answer, with a mark for each half of a character that it holds."""
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


def _reason(body: bytes) -> str:
    """`code: title (traceId)`, and nothing else: `detail` may repeat what was sent."""
    try:
        answer = msgspec.json.decode(body, type=_ErrorBody)
    except _NO_JSON:
        return ""
    parts = [f"{clean(e.code)}: {clean(e.title)}" for e in answer.errors[:3]]
    if answer.trace_id:
        parts.append(f"traceId {clean(answer.trace_id)}")
    return ", ".join(parts)


def _wait(answer: Answer) -> float | None:
    """Seconds of a Retry-After (RFC 9110, 10.2.3), None if absent or nonsense.

    A date is taken against the answer's own Date, so that clocks need not agree.
    """
    header = answer.header(b"retry-after")
    if header.isascii() and header.isdecimal():
        return float(header[:9])
    try:
        until = parsedate_to_datetime(header)
        sent = parsedate_to_datetime(answer.header(b"date"))
        return max((until - sent).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
