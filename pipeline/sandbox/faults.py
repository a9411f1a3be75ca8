"""Faults on demand: what a network, a proxy or a tenant does on a bad day.

* answers in place of the tenant's: `status`, `html`, `redirect`, `endless`
* alters the tenant's answer: `no_next`, `foreign_next`, `same_next`, `truncated`
* breaks the connection: `reset`, `reset_headers`, `reset_body`, `cut`; or `trickle`s
"""

import re
import socket
import struct
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Literal

import msgspec

from pipeline.sandbox.api import JSON, Answer

if TYPE_CHECKING:
    from pipeline.sandbox.api import Api

Kind = Literal[
    "status",
    "html",
    "redirect",
    "endless",
    "no_next",
    "foreign_next",
    "same_next",
    "truncated",
    "reset",
    "reset_headers",
    "reset_body",
    "cut",
    "trickle",
]
_HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_ANSWERS = ("status", "html", "redirect", "endless")
_BREAKS = ("reset", "reset_headers", "reset_body", "cut", "trickle")


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
    pause: float = 0.05
    pieces: int = 10

    @property
    def answers(self) -> bool:
        """Whether the tenant is not asked at all."""
        return self.kind in _ANSWERS

    @property
    def breaks(self) -> bool:
        """Whether the answer is not simply sent."""
        return self.kind in _BREAKS

    def answer(self, api: "Api", url: str) -> Answer:
        """The answer that comes instead of the tenant's."""
        if self.kind == "html":
            return _html(HTTPStatus.OK, "Signing in…")
        if self.kind == "redirect":
            return Answer(HTTPStatus.FOUND, b"", {"Location": self.location})
        if self.kind == "endless":
            return _endless(url)
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
        links = {
            "no_next": {},
            "foreign_next": {"next": {"href": self.location}},
            "same_next": {"next": {"href": url}},
        }
        if self.kind in links and answer.status == HTTPStatus.OK:
            page = msgspec.json.decode(answer.body)
            body = msgspec.json.encode(page | {"links": links[self.kind]})
            return answer._replace(body=body)
        if self.kind == "truncated":
            return answer._replace(body=answer.body[: len(answer.body) // 2])
        return answer

    def send(self, connection: socket.socket, answer: Answer) -> None:
        """Send as much of the answer as gets through; a reset is made here, too."""
        head = _head(answer)
        half = len(answer.body) // 2
        sent = {
            "reset": b"",
            "reset_headers": head[: len(head) // 2],
            "reset_body": head + answer.body[:half],
            "cut": head + answer.body[:half],
        }
        if self.kind == "trickle":
            _trickle(connection, head, answer.body, self.pieces, self.pause)
            return
        connection.sendall(sent[self.kind])
        if self.kind != "cut":
            # Closing with unsent data and no patience is a reset, not an end.
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.close()


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
    base = re.sub(r"([?&])cursor=[^&]*&?", r"\1", url).rstrip("?&")
    joint = "&" if "?" in base else "?"
    href = f"{base}{joint}cursor=endless{number}"
    body = msgspec.json.encode({"data": [], "links": {"next": {"href": href}}})
    return Answer(HTTPStatus.OK, body, {"Content-Type": JSON})


def _head(answer: Answer) -> bytes:
    phrase = HTTPStatus(answer.status).phrase
    lines = [f"HTTP/1.1 {answer.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    lines.append(f"Content-Length: {len(answer.body)}")
    return "\r\n".join((*lines, "", "")).encode()


def _trickle(
    connection: socket.socket, head: bytes, body: bytes, pieces: int, pause: float
) -> None:
    """The whole answer, a little at a time."""
    connection.sendall(head)
    size = max(1, -(-len(body) // pieces))
    for begin in range(0, len(body), size):
        time.sleep(pause)
        connection.sendall(body[begin : begin + size])
