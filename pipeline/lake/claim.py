"""The lock of a lake in a bucket: an object that says which machines are at work.

A command holds all of the lake, or a part of its tenants, beside others that hold other
parts of the same division. Who holds it says so again from time to time; of whom
nothing is heard for the time that is configured, the next command takes it over.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

import msgspec

from pipeline.errors import ConfigError, LockError, PipelineError
from pipeline.lake.answers import UnansweredError
from pipeline.lake.mirror import OWN
from pipeline.lake.objects import ConflictError, Objects

log = logging.getLogger(__name__)

KEY = f"{OWN}/lock.json"

_MOST_TRIES = 100
_RENEWALS = 10  # in the time after which a holder counts as dead


class Holder(msgspec.Struct, frozen=True):
    """Who is at work: a process of a host, with a data folder that is the *machine*.

    *part* is like `3/8`, and empty for all of the lake.
    """

    token: str
    machine: str
    host: str
    command: str
    part: str
    began: datetime
    renewed: datetime

    def is_beside(self, other: "Holder") -> bool:
        """Whether both may be at work: on different parts of one division."""
        number, _, count = self.part.partition("/")
        others, _, division = other.part.partition("/")
        return bool(count) and count == division and number != others

    def __str__(self) -> str:
        what = f"{self.command} {self.part}".strip()
        return f"{self.host} ({what}, since {self.began:%Y-%m-%d %H:%M} UTC)"


@dataclass(frozen=True)
class Clock:
    """What says the time, and how long nothing need be heard of a holder."""

    now: Callable[[], datetime]
    patience: timedelta


class Claim:
    """The lock while it is held."""

    def __init__(self, objects: Objects, own: Holder, clock: Clock) -> None:
        self._objects = objects
        self._own = own
        self._clock = clock
        self._lost: str | None = None

    def check(self) -> None:
        """Refuse a change once another machine has the lock.

        Raises:
            LockError: It has.
        """
        if self._lost:
            raise LockError(self._lost)

    def take(self) -> None:
        """Take the lock.

        Raises:
            LockError: Another machine holds it.
            ConfigError: The server does not know conditional writes.
        """
        if self._objects.get(KEY) is None:
            self._make()
        self._change(lambda holders: [*self._free(holders), self._own])

    def give(self) -> None:
        """Give the lock back; if that fails, it ends by itself."""
        with suppress(PipelineError):
            token = self._own.token
            self._change(lambda holders: [x for x in holders if x.token != token])

    def renew(self) -> None:
        """Say that this machine is at work.

        Raises:
            PipelineError: It cannot be said.
        """
        self._change(self._renewed)

    def _renewed(self, holders: list[Holder]) -> list[Holder]:
        token, now = self._own.token, self._clock.now()
        if token not in {one.token for one in holders}:
            others = ", ".join(map(str, holders)) or "another machine"
            self._lost = (
                f"{self._objects.url}: the lock was taken over by {others}: nothing was"
                f" heard of this machine for {self._clock.patience}\nnothing more was"
                " written: repeat the command"
            )
        return [
            msgspec.structs.replace(one, renewed=now) if one.token == token else one
            for one in holders
        ]

    def _free(self, holders: list[Holder]) -> list[Holder]:
        """Those that go on beside this one; others are dead, or in the way."""
        now, patience, own = self._clock.now(), self._clock.patience, self._own
        beside = []
        for one in holders:
            # Of this data folder, whose own lock is held, nobody else is at work.
            is_own = (one.machine, one.host) == (own.machine, own.host)
            if is_own or now - one.renewed > patience:
                log.warning(
                    "%s: %s ended without giving the lock back, last heard of at"
                    " %s UTC: taken over",
                    *(self._objects.url, one, f"{one.renewed:%Y-%m-%d %H:%M}"),
                )
                continue
            if not one.is_beside(own):
                raise LockError(
                    f"{self._objects.url}: {one} is at work, last heard of at"
                    f" {one.renewed:%Y-%m-%d %H:%M} UTC\nwait for its end; if it died,"
                    f" the lock is free from {one.renewed + patience:%Y-%m-%d %H:%M}"
                    f" UTC on, or once {self._objects.url}/{KEY} is removed"
                )
            beside.append(one)
        return beside

    def _make(self) -> None:
        """Make the object, and see that it cannot be made twice."""
        with suppress(ConflictError):  # another machine made it at the same time
            self._objects.put(KEY, _encoded([]), None)
        try:
            self._objects.put(KEY, _encoded([self._own]), None)
        except ConflictError:
            return
        self._objects.delete([KEY])
        raise ConfigError(
            f"{self._objects.url}: its server does not know conditional writes"
            " (If-None-Match), which keep two machines apart\nuse a newer version of"
            " it, or another one"
        )

    def _change(self, change: Callable[[list[Holder]], list[Holder]]) -> None:
        for _ in range(_MOST_TRIES):
            found = self._objects.get(KEY)
            before = _decoded(self._objects, found.content) if found else []
            after = change(before)
            if after == before:
                return
            with suppress(ConflictError):  # another machine was faster
                etag = found.etag if found else None
                self._objects.put(KEY, _encoded(after), etag)
                return
        raise UnansweredError(
            f"{self._objects.url}/{KEY}: is changed all the time\nrepeat the command"
        )


@contextmanager
def claimed(objects: Objects, own: Holder, clock: Clock) -> Iterator[Claim]:
    """Hold the lock of the lake, for as long as the process is heard of.

    Raises:
        LockError: Another machine holds it.
        ConfigError: The server does not know conditional writes.
    """
    claim, ended = Claim(objects, own, clock), Event()
    claim.take()

    def renew() -> None:
        while not ended.wait(clock.patience.total_seconds() / _RENEWALS):
            try:
                claim.renew()
            except PipelineError as exc:  # the next renewal may do
                log.debug("%s", exc)

    renewing = Thread(target=renew, daemon=True)
    renewing.start()
    try:
        yield claim
    finally:
        ended.set()
        renewing.join()
        claim.give()


def holders(objects: Objects) -> list[Holder]:
    """Who is at work.

    Raises:
        PipelineError: It cannot be read.
    """
    found = objects.get(KEY)
    return _decoded(objects, found.content) if found else []


def _encoded(holders: list[Holder]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(holders)) + b"\n"


def _decoded(objects: Objects, content: bytes) -> list[Holder]:
    try:
        return msgspec.json.decode(content, type=list[Holder])
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise LockError(
            f"{objects.url}/{KEY}: cannot be read as a lock\nsee that no machine is at"
            " work, and remove it"
        ) from exc
