"""The record of the run that is under way: stages and threads add to it."""

import logging
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Lock

import msgspec

from pipeline.files import replacing
from pipeline.monitor.labels import labelled
from pipeline.monitor.records import (
    FORMAT,
    ErrorRecord,
    Gap,
    Listing,
    Message,
    Notice,
    RunRecord,
    Stage,
    TenantRecord,
    WarningRecord,
    encode,
    stray_partials,
)

log = logging.getLogger(__name__)

_MOST_LINES = 3  # of a warning that are kept
_MOST_NAMES = 200  # of warnings
_MOST_ERRORS = 100
_LONGEST = 500  # signs of a line
_LONGEST_TRACE = 65_536
_NONE = RunRecord(FORMAT, "", "", "", date.min, datetime.min.replace(tzinfo=UTC))
_ADDRESS = re.compile(r"[^\s<>:;,'\"]+@[^\s<>:;,'\"]+")


class Recorder:
    """Collects what a run does, from any thread, and writes it down at its ends."""

    def __init__(self, begun: RunRecord | None = None) -> None:
        self.begun = begun or _NONE
        self._folder: Path | None = None
        self._began = time.monotonic()
        self._lock = Lock()
        self._stages: list[Stage] = []
        self._tenants: dict[str, TenantRecord] = {}
        self._warnings: dict[str, WarningRecord] = {}
        self._delivered: list[Message] = []
        self._errors: dict[str, ErrorRecord] = {}
        self._notices: dict[tuple[str, str, str], Notice] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the stage that the block is, and label its log lines."""
        began, outcome = time.monotonic(), "interrupted"
        with labelled(stage=name):
            try:
                yield
                outcome = "ok"
            except Exception:
                outcome = "error"
                raise
            finally:
                seconds = round(time.monotonic() - began, 3)
                self._stages.append(Stage(name, seconds, outcome))
                line = f"{name}: {outcome}, {seconds:.1f} s"
                log.info(line, extra={"fields": {"seconds": seconds}})

    def fail_stage(self) -> None:
        """Note that the stage that ended last failed, though others could go on."""
        last = self._stages.pop()
        self._stages.append(msgspec.structs.replace(last, outcome="error"))

    def listing(self, tenant: str, listing: Listing) -> None:
        """Note what was read of a source of *tenant*."""
        with self._lock:
            known = self._tenants.get(tenant, TenantRecord(tenant))
            sources = (*known.sources, listing)
            self._tenants[tenant] = msgspec.structs.replace(known, sources=sources)

    def tenant(self, name: str, requests: int, failure: str | None) -> None:
        """Note the requests to a tenant, and why it could not be read, if so."""
        self._change(name, requests=requests, failure=failure and self._short(failure))

    def trace(self, tenant: str, trace: str) -> None:
        """Keep the *trace* of what nobody expected; it has no secrets any more."""
        self._change(tenant, trace=trace[-_LONGEST_TRACE:])

    def gaps(self, tenant: str, gaps: tuple[Gap, ...]) -> None:
        """Note the days of *tenant* that were not read whole."""
        self._change(tenant, gaps=gaps)

    def warn(self, name: str, text: str) -> None:
        """Count a warning of *name*; the first one's first lines are kept."""
        with self._lock:
            known = self._warnings.get(name)
            if known is None and len(self._warnings) >= _MOST_NAMES:
                name, known = "others", self._warnings.get("others")
            lines = known.lines if known else self._lines(text)
            count = known.count + 1 if known else 1
            self._warnings[name] = WarningRecord(name, count, lines)

    def fail(self, causes: Iterable[str]) -> None:
        """Note what failed, in the stage that ended last, if that failed.

        Why a tenant failed is noted with the tenant alone.
        """
        last = self._stages[-1] if self._stages else None
        stage = last.name if last and last.outcome == "error" else ""
        of_tenants = set(self.failures.values())
        for text in map(self._short, causes):
            is_new = text.partition("\n")[0] not in of_tenants
            if is_new and len(self._errors) < _MOST_ERRORS:
                self._errors.setdefault(text, ErrorRecord(stage, text))

    def notice(self, kind: str, tenant: str, subject: str, text: str) -> None:
        """Note that *tenant* refuses a source, or will end an endpoint."""
        with self._lock:
            if len(self._notices) < _MOST_NAMES:
                key = kind, tenant, subject
                self._notices[key] = Notice(*key, self._short(text))

    def message(self, message: Message) -> None:
        """Note that a *message* was accepted."""
        self._delivered.append(message)

    @property
    def warning_count(self) -> int:
        """How many warnings there were so far."""
        return sum(one.count for one in self._warnings.values())

    @property
    def failures(self) -> dict[str, str]:
        """Why tenants could not be read whole, by name; the first line of it."""
        return {
            one.name: one.failure.partition("\n")[0]
            for one in self._tenants.values()
            if one.failure
        }

    def begin(self, folder: Path) -> None:
        """Write into *folder* that the run is under way, so that a kill is seen."""
        self._folder = folder
        self._write(self.begun)

    def ended(self, exit_code: int, error: str | None = None) -> RunRecord:
        """The record of the run, if it ends now."""
        seconds = round(time.monotonic() - self._began, 3)
        return msgspec.structs.replace(
            self.begun,
            ended=self.begun.started + timedelta(seconds=seconds),
            state="ended",
            seconds=seconds,
            exit_code=exit_code,
            error=error and self._short(error),
            stages=tuple(self._stages),
            tenants=tuple(self._tenants.values()),
            warnings=tuple(self._warnings.values()),
            delivered=tuple(self._delivered),
            errors=tuple(self._errors.values()),
            notices=tuple(self._notices.values()),
        )

    def end(self, record: RunRecord) -> None:
        """Write *record*, which is how the run ended."""
        self._write(record)

    def _change(self, tenant: str, **values: object) -> None:
        with self._lock:
            known = self._tenants.get(tenant, TenantRecord(tenant))
            self._tenants[tenant] = msgspec.structs.replace(known, **values)

    def _write(self, record: RunRecord) -> None:
        """Replace the file; where that fails, say so, and let the run go on."""
        folder = self._folder
        if folder is None:
            return
        path = folder / f"{record.id}.json"
        try:
            for partial in stray_partials(folder):
                partial.unlink(missing_ok=True)
            with replacing(path) as partial:
                partial.write_bytes(encode(record))
        except OSError as exc:
            log.warning(
                "%s: the run record cannot be written: %s", path, exc.strerror or exc
            )

    def _lines(self, text: str) -> tuple[str, ...]:
        return tuple(self._short(text).split("\n")[:_MOST_LINES])

    def _short(self, text: str) -> str:
        """*text* without addresses of people, in lines that are not too long."""
        lines = _ADDRESS.sub("(an address)", text).split("\n")
        return "\n".join(line[:_LONGEST] for line in lines)


_CURRENT: ContextVar[Recorder] = ContextVar("recorder")


def current() -> Recorder:
    """The recorder of this run; what is added to it is lost where there is none."""
    return _CURRENT.get(Recorder())


def start(recorder: Recorder) -> Token[Recorder]:
    """Make *recorder* that of this run."""
    return _CURRENT.set(recorder)


def stop(token: Token[Recorder]) -> None:
    """Make the recorder before it that of this run."""
    _CURRENT.reset(token)
