"""Faults on demand: failures of a network, a proxy or a tenant.

* answers in place of the tenant's: `status`, `html`, `redirect`, `endless`, and
  `bomb`, gzip that becomes 256 MiB
* alters the tenant's answer: `no_next`, `foreign_next`, `same_next`, `cycle` (the
  second page leads back to the first), `truncated`, `mislabelled` (its type is wrong),
  `headers` (more of them); rows that shift between pages: `row_twice`, `row_missed`
* breaks the connection: `reset`, `reset_headers`, `reset_body`, `cut`
* is late: `stall` with the whole answer; `trickle` and `trickle_head` send it in pieces
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
from pipeline.sandbox.http import disruptions

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
    disruptions.Disruption,
]
_HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_ANSWERS = ("status", "html", "redirect", "endless", "bomb")
_LINKS = ("no_next", "foreign_next", "same_next", "cycle")
_SHIFTS = ("row_twice", "row_missed")
_BOMB_MIB = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to requests whose "METHOD path?query" matches *match*.

    The first *skip* of them pass. Of those that follow, each *every*-th fails, *times*
    times at most, or without a limit.
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
        """Whether the fault answers in place of the tenant."""
        return self.kind in _ANSWERS

    @property
    def breaks(self) -> bool:
        """Whether the answer is sent disrupted."""
        return self.kind in disruptions.DISRUPTIONS

    def answer(self, api: "Api", url: str) -> Answer:
        """The answer in place of the tenant's."""
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
            answer = _html(self.status, HTTPStatus(self.status).phrase)
        elif self.body == "empty":
            answer = Answer(self.status, b"", {})
        else:
            answer = api.error_answer(self.status)
        return answer._replace(headers={**answer.headers, **retry})

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
        """A page after a row was added or deleted while the one before was read."""
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
        """Send the disrupted answer; whether the connection stays open."""
        return disruptions.send(self.kind, connection, answer, self.pieces, self.pause)


class FaultPlan:
    """The faults of a server, and how many requests each has matched."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = list(faults)
        self._matched: Counter[int] = Counter()
        self._lock = Lock()
        self.fired = 0

    def add(self, fault: Fault) -> None:
        """Add a fault."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()
            self._matched.clear()

    def pick(self, request: str) -> Fault | None:
        """The first fault that applies to this request."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if re.search(fault.match, request) and self._applies(index, fault):
                    self.fired += 1
                    return fault
        return None

    def _applies(self, index: int, fault: Fault) -> bool:
        self._matched[index] += 1
        number = self._matched[index] - fault.skip
        if number < 1 or number % fault.every:
            return False
        return fault.times is None or number // fault.every <= fault.times


def _html(status: int, title: str) -> Answer:
    body = _HTML.format(title).encode()
    return Answer(status, body, {"Content-Type": "text/html; charset=utf-8"})


def _endless(url: str) -> Answer:
    """An empty page whose link leads to the next empty page."""
    found = re.search(r"cursor=endless(\d+)", url)
    number = int(found[1]) + 1 if found else 1
    base = _without_cursor(url)
    joint = "&" if "?" in base else "?"
    href = f"{base}{joint}cursor=endless{number}"
    body = msgspec.json.encode({"data": [], "links": {"next": {"href": href}}})
    return Answer(HTTPStatus.OK, body, {"Content-Type": JSON})


def _without_cursor(url: str) -> str:
    """The URL of the listing's first page."""
    return re.sub(r"([?&])(?:cursor|next)=[^&]*&?", r"\1", url).rstrip("?&")


@cache
def _bomb() -> bytes:
    """An empty page: 256 MiB, nearly all blanks, that gzip reduces to 256 KiB."""
    gzip = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    blanks = b" " * 2**20
    parts = [gzip.compress(blanks) for _ in range(_BOMB_MIB)]
    return b"".join((*parts, gzip.compress(b'{"data": []}'), gzip.flush()))
