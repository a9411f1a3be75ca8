"""The manifest of a closed month: what was closed, on what basis, the files' hashes."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from pipeline import seeds
from pipeline.closing.redacted import Redacted
from pipeline.errors import CheckError, joined

NAME = "manifest.json"

# What reading a file raises where there is none, but maybe something else.
ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)

_UNSEALED = ""
_NONE: Redacted = {}


class _Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a manifest; a field that has its default is not written."""


class File(_Part, frozen=True):
    """The hash of a file, and the number of rows of a table."""

    sha256: str
    rows: int | None = None


class Display(_Part, frozen=True, kw_only=True):
    """The second currency of a month: units of it for one of the charged currency."""

    currency: str
    rate: Decimal
    rate_from: date


class Statement(_Part, frozen=True, kw_only=True):
    """The statement of a cost centre; months of earlier versions have no seals."""

    number: str
    version: int
    cost_center: str
    amount: Decimal
    display_amount: Decimal | None = None
    seal: str = _UNSEALED


class Totals(_Part, frozen=True, kw_only=True):
    """The sums of all statements of the month, and the number of their lines."""

    amount: Decimal
    usage_amount: Decimal
    fixed_amount: Decimal
    adjustment_amount: Decimal
    lines: int


class Coverage(_Part, frozen=True, kw_only=True):
    """How many days were read whole, and which were not."""

    days_in_month: int
    usage_days: int
    runs_days: int
    incomplete: tuple[str, ...] = ()


class Manifest(_Part, frozen=True, kw_only=True):
    """What was closed of a tenant's month, when, and on what basis.

    *register* is the hash of the register's last entry before, *snapshots* the last
    day of each listing that had been read; months of earlier versions have none.
    *display* is set where a rate of a second currency was known, *dispute_days* where
    statements said so. The accounts are those of `[charge]`.
    """

    tenant: str
    month: str
    statement_version: int
    currency: str
    closed_at: datetime
    as_of: date
    version: str
    revision: str
    reason: str | None
    totals: Totals
    coverage: Coverage
    statements: tuple[Statement, ...]
    previous: str | None
    register: str | None = None
    display: Display | None = None
    snapshots: dict[str, date] | None = None
    dispute_days: int | None = None
    expense_account: str | None = None
    clearing_account: str | None = None
    files: dict[str, File] = msgspec.field(default_factory=dict)
    seal: str = _UNSEALED

    @property
    def first_day(self) -> date:
        """The month, as its first day."""
        return date.fromisoformat(f"{self.month}-01")

    def listed_until(self, listing: str) -> date:
        """The day of the last snapshot that had been read; the first day if none.

        Of earlier versions it is the day of the closing at the latest.
        """
        if self.snapshots is None:
            return max(self.as_of, self.closed_at.date())
        return self.snapshots.get(listing, date.min)


def sealed(manifest: Manifest, files: dict[str, File]) -> Manifest:
    """*manifest* with its *files*, and a hash over all of it."""
    whole = msgspec.structs.replace(manifest, files=files, seal=_UNSEALED)
    return msgspec.structs.replace(whole, seal=_hash(encode(whole)))


def encode(manifest: Manifest) -> bytes:
    """*manifest* as JSON that a person can read."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def read(folder: Path, redacted: Redacted = _NONE) -> Manifest:
    """The manifest in *folder*, after a check of all files against it.

    A file may have the hash that the register notes as *redacted*, too.

    Raises:
        CheckError: The manifest or a file is missing or was changed.
    """
    path = folder / NAME
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (*ABSENT, UnicodeDecodeError, msgspec.DecodeError) as exc:
        raise changed(path) from exc
    if manifest != sealed(manifest, manifest.files):
        raise changed(path)
    changed_later = redacted.get(("closing", manifest.seal), {})
    wrong = [
        changed(folder / name)
        for name, file in manifest.files.items()
        if _hash_of(folder / name) not in {file.sha256, *changed_later.get(name, ())}
    ]
    if wrong:
        raise joined(wrong)
    return manifest


def summary(manifest: Manifest) -> str:
    """What was closed: a line for the sum, and one for each statement."""
    digits = seeds.minor_digits(manifest.currency)
    lines = [
        f"{one.number} v{one.version}  {one.amount:.{digits}f}  {one.cost_center}"
        for one in manifest.statements
    ]
    total = f"{manifest.totals.amount:.{digits}f} {manifest.currency}"
    return "\n".join([f"{manifest.tenant} {manifest.month}: {total}", *lines])


def changed(path: Path) -> CheckError:
    """The error for a file that is missing or was changed."""
    return CheckError(
        f"{path}: not as it was when its month was closed\n"
        "a closed month never changes: restore the file from a backup"
    )


def describe(path: Path, rows: int | None) -> File:
    """The entry of *path* in a manifest."""
    return File(_hash(path.read_bytes()), rows)


def _hash_of(path: Path) -> str | None:
    try:
        return _hash(path.read_bytes())
    except ABSENT:
        return None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
