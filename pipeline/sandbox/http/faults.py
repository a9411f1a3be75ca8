"""Faults on demand: what a network, a proxy or a tenant does on a bad day.

* answers in place of the tenant's: `status`, `html`, `redirect`, `endless`, and
  `bomb`, gzip that becomes 256 MiB
* alters the tenant's answer: `no_next`, `foreign_next`, `same_next`, `cycle` (the
  second page leads back to the first), `truncated`, `mislabelled` (its type is wrong),
  `headers` (more of them); rows that shift between pages: `row_twice`, `row_missed`
* breaks the connection: `reset`, `reset_headers`, `reset_body`, `cut`
* is late: `stall` with all of it, `trickle` and `trickle_head` drop by drop
"""

import re
import socket
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pipeline.sandbox.api.routes import JSON, Answer
from pipeline.sandbox.http import responses

if TYPE_CHECKING:
    from pipeline.sandbox.api.routes import Api

Kind = Literal[
    "status",
    "html",
    "redirect",
    "endless",
    "bomb",
    "no_next",
    "foreign_next",
    "same_next",
    "cycle",
    "truncated",
    "mislabelled",
    "headers",
    "row_twice",
    "row_missed",
    responses.Way,
]
_HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_ANSWERS = ("status", "html", "redirect", "endless", "bomb")
_LINKS = ("no_next", "foreign_next", "same_next", "cycle")
_SHIFTS = ("row_twice", "row_missed")
_BOMB_MIB = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to requests whose "METHOD path?query" *match* is found in.

    The first *skip* of them pass, then *times* of them (or all) fail; with *every*,
    only each so manieth of those.
    """

    kind: Kind
    match: str = ""
    skip: int = 0
    times: int | None = None
    every: int = 1
    status: int = 503
    body: Literal["json", "html", "empty"] = "json"
    retry_after: str | None = None
    location: str = "http://127.0.0.1:9/elsewhere"
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.05
    pieces: int = 10
    _last: dict[str, list[Any]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def answers(self) -> bool:
        """Whether the tenant is not asked at all."""
        return self.kind in _ANSWERS

    @property
    def breaks(self) -> bool:
        """Whether the answer is not simply sent."""
        return self.kind in responses.WAYS

    def answer(self, api: "Api", url: str) -> Answer:
        """The answer that comes instead of the tenant's."""
        if self.kind == "html":
            return _html(HTTPStatus.OK, "Signing in…")
        if self.kind == "redirect":
            return Answer(HTTPStatus.FOUND, b"", {"Location": self.location})
        if self.kind == "endless":
            return _endless(url)
        if self.kind == "bomb":
            headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
            return Answer(HTTPStatus.OK, _bomb(), headers)
        retry = {} if self.retry_after is None else {"retry-after": self.retry_after}
        if self.body == "html":
            made = _html(self.status, HTTPStatus(self.status).phrase)
        elif self.body == "empty":
            made = Answer(self.status, b"", {})
        else:
            made = api.refusal(self.status)
        return made._replace(headers={**made.headers, **retry})

    def altered(self, answer: Answer, url: str) -> Answer:
        """The tenant's answer with something wrong in it."""
        if self.kind == "truncated":
            return answer._replace(body=answer.body[: len(answer.body) // 2])
        if self.kind == "mislabelled":
            return answer._replace(headers={"Content-Type": "text/html"})
        if self.kind == "headers":
            return answer._replace(headers={**answer.headers, **self.headers})
        if self.kind not in (*_LINKS, *_SHIFTS) or answer.status != HTTPStatus.OK:
            return answer
        page = msgspec.json.decode(answer.body)
        if self.kind in _LINKS:
            page["links"] = self._links(page["links"], url)
        else:
            page["data"] = self._shifted(page["data"], url)
        return answer._replace(body=msgspec.json.encode(page))

    def _links(self, links: dict[str, Any], url: str) -> dict[str, Any]:
        first = _without_cursor(url)
        back = links if first == url else {"next": {"href": first}}
        changed = {
            "no_next": {},
            "foreign_next": {"next": {"href": self.location}},
            "same_next": {"next": {"href": url}},
            "cycle": back,
        }
        return changed[self.kind]

    def _shifted(self, rows: list[Any], url: str) -> list[Any]:
        """A page as it is when a row came, or went, while the one before was read."""
        first = _without_cursor(url)
        if first == url or not rows:
            shifted = rows
        elif self.kind == "row_missed":
            shifted = rows[1:]
        else:
            shifted = [*self._last.get(first, ()), *rows]
        if rows:
            self._last[first] = rows[-1:]
        return shifted

    def send(self, connection: socket.socket, answer: Answer) -> bool:
        """Send as much as gets through; whether the connection lives on."""
        return responses.send(self.kind, connection, answer, self.pieces, self.pause)


class FaultPlan:
    """The faults that are due, and how often each has come."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = list(faults)
        self._seen: Counter[int] = Counter()
        self._lock = Lock()
        self.fired = 0

    def add(self, fault: Fault) -> None:
        """One fault more."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """From now on all is well."""
        with self._lock:
            self._faults.clear()
            self._seen.clear()

    def pick(self, request: str) -> Fault | None:
        """The first fault that is due for this request."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if re.search(fault.match, request) and self._due(place, fault):
                    self.fired += 1
                    return fault
        return None

    def _due(self, place: int, fault: Fault) -> bool:
        self._seen[place] += 1
        number = self._seen[place] - fault.skip
        if number < 1 or number % fault.every:
            return False
        return fault.times is None or number // fault.every <= fault.times


def _html(status: int, title: str) -> Answer:
    body = _HTML.format(title).encode()
    return Answer(status, body, {"Content-Type": "text/html; charset=utf-8"})


def _endless(url: str) -> Answer:
    """An empty page, and after it another one."""
    found = re.search(r"cursor=endless(\d+)", url)
    number = int(found[1]) + 1 if found else 1
    base = _without_cursor(url)
    joint = "&" if "?" in base else "?"
    href = f"{base}{joint}cursor=endless{number}"
    body = msgspec.json.encode({"data": [], "links": {"next": {"href": href}}})
    return Answer(HTTPStatus.OK, body, {"Content-Type": JSON})


def _without_cursor(url: str) -> str:
    """The listing's first page."""
    return re.sub(r"([?&])(?:cursor|next)=[^&]*&?", r"\1", url).rstrip("?&")


@cache
def _bomb() -> bytes:
    """An empty page of 256 MiB, most of it blanks, in a quarter of one."""
    gzip = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    blanks = b" " * 2**20
    parts = [gzip.compress(blanks) for _ in range(_BOMB_MIB)]
    return b"".join((*parts, gzip.compress(b'{"data": []}'), gzip.flush()))
