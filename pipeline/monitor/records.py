"""Run records: a JSON file for each command that changed data, or was to.

A record is written when a run begins and again when it ends. One that says `running`
while nobody holds the lock is of a run that was killed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import msgspec

from pipeline.files import read_small

# The format of the files; a later one may say something else by the same names.
FORMAT = 1

_LARGEST = 4 * 2**20  # bytes of a file
_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}\.json")


class Stage(msgspec.Struct, frozen=True):
    """One stage of a run: `ok`, `error` or `interrupted`."""

    name: str
    seconds: float
    outcome: str


class Listing(msgspec.Struct, frozen=True):
    """What was read of one source of a tenant; *new* and *changed* are rows kept."""

    source: str
    requests: int
    rows: int
    new: int
    changed: int
    retried: int
    seconds: float


class Gap(msgspec.Struct, frozen=True):
    """Days of a source, both included, that were not read whole."""

    source: str
    first_day: date
    last_day: date

    @property
    def days(self) -> int:
        """How many days these are."""
        return (self.last_day - self.first_day).days + 1


class TenantRecord(msgspec.Struct, frozen=True):
    """One tenant in a run: requests, sources, gaps; why it failed, and the trace."""

    name: str
    requests: int = 0
    sources: tuple[Listing, ...] = ()
    gaps: tuple[Gap, ...] = ()
    failure: str | None = None
    trace: str | None = None


class WarningRecord(msgspec.Struct, frozen=True):
    """Warnings of one name: how many there were, and the first lines of the first."""

    name: str
    count: int
    lines: tuple[str, ...]


class ErrorRecord(msgspec.Struct, frozen=True):
    """One of the errors of a run, and the stage that failed by it, if one did."""

    stage: str
    text: str


class Notice(msgspec.Struct, frozen=True):
    """What a *tenant* said of a source that it refuses, or an endpoint that will end.

    *kind* is `sources` or `endpoints`, *subject* the name of one.
    """

    kind: str
    tenant: str
    subject: str
    text: str


class Message(msgspec.Struct, frozen=True):
    """A message that was accepted, by mail or by webhook; not to whom."""

    channel: str
    month: date
    cost_center: str | None
    is_final: bool


class RunRecord(msgspec.Struct, frozen=True):
    """What one run did; *state* is `running` until it ends, then `ended`."""

    format: int
    id: str
    version: str
    command: str
    as_of: date
    started: datetime
    ended: datetime | None = None
    state: str = "running"
    seconds: float | None = None
    exit_code: int | None = None
    error: str | None = None
    stages: tuple[Stage, ...] = ()
    tenants: tuple[TenantRecord, ...] = ()
    warnings: tuple[WarningRecord, ...] = ()
    delivered: tuple[Message, ...] = ()
    errors: tuple[ErrorRecord, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it ended, and with exit code 0."""
        return self.state == "ended" and self.exit_code == 0

    @property
    def requests(self) -> int:
        """The requests to all tenants."""
        return sum(one.requests for one in self.tenants)

    @property
    def rows(self) -> int:
        """The rows that were read of all tenants."""
        return sum(each.rows for one in self.tenants for each in one.sources)

    @property
    def warning_count(self) -> int:
        """How many warnings there were, of all names."""
        return sum(one.count for one in self.warnings)

    @property
    def gap_days(self) -> int:
        """The days that were not read whole, of all tenants and sources."""
        return sum(gap.days for one in self.tenants for gap in one.gaps)

    @property
    def failed_tenants(self) -> tuple[str, ...]:
        """The tenants that could not be read, or not whole."""
        return tuple(one.name for one in self.tenants if one.failure)


@dataclass(frozen=True, slots=True)
class Records:
    """Records in the order of their runs, and why other files were left out."""

    runs: tuple[RunRecord, ...]
    skipped: tuple[str, ...]


def read(folder: Path, newest: int | None = None) -> Records:
    """The records in *folder*, only the *newest* so many if that is given.

    A file that is damaged, foreign or of a newer version is left out, and named.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.name[:1] != ".")
    except FileNotFoundError:
        return Records((), ())
    except OSError as exc:
        return Records((), (f"{folder}: {exc.strerror}",))
    named = [path for path in paths if _NAME.fullmatch(path.name)]
    skipped = [
        f"{path}: not a run record" for path in paths if not _NAME.fullmatch(path.name)
    ]
    runs = []
    for path in named[-newest:] if newest else named:
        record = _decode(path)
        if isinstance(record, RunRecord):
            runs.append(record)
        else:
            skipped.append(record)
    return Records(tuple(runs), tuple(skipped))


def encode(record: RunRecord) -> bytes:
    """The file of *record*."""
    return msgspec.json.format(msgspec.json.encode(record))


def stray_partials(folder: Path) -> Sequence[Path]:
    """What a run that was killed while it wrote its record left behind."""
    return list(folder.glob(".*.partial"))


def _decode(path: Path) -> RunRecord | str:
    """The record at *path*, or why it is none."""
    try:
        content = read_small(path, _LARGEST)
        header = msgspec.json.decode(content, type=_Header)
        if header.format > FORMAT:
            return f"{path}: written by a newer version ({header.version})"
        record = msgspec.json.decode(content, type=RunRecord)
    except OSError as exc:
        return f"{path}: {exc.strerror or exc}"
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return f"{path}: damaged, not readable as a run record"
    is_own = f"{record.id}.json" == path.name and record.started.tzinfo is not None
    return record if is_own else f"{path}: the record of another run"


class _Header(msgspec.Struct):
    format: int
    version: str = "?"
