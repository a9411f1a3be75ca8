"""A closed month's manifest: what was closed, on what basis, and each file's hash."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from pipeline.errors import CheckError

NAME = "manifest.json"

_UNSEALED = ""


class _Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a manifest; what a later version adds does not show in an older one."""


class File(_Part, frozen=True):
    """A file as it was written; rows where it has some."""

    sha256: str
    rows: int | None = None


class Statement(_Part, frozen=True, kw_only=True):
    """What a cost centre is charged."""

    number: str
    version: int
    cost_center: str
    amount: Decimal


class Totals(_Part, frozen=True, kw_only=True):
    """What all statements of the month add up to, and the lines behind them."""

    amount: Decimal
    usage_amount: Decimal
    fixed_amount: Decimal
    adjustment_amount: Decimal
    lines: int


class Coverage(_Part, frozen=True, kw_only=True):
    """How many days were read whole, and those that were not."""

    days_in_month: int
    usage_days: int
    runs_days: int
    incomplete: tuple[str, ...] = ()


class Manifest(_Part, frozen=True, kw_only=True):
    """All that there is to say of a tenant's closed month."""

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
    files: dict[str, File] = msgspec.field(default_factory=dict)
    seal: str = _UNSEALED

    @property
    def first_day(self) -> date:
        """The month, as its first day."""
        return date.fromisoformat(f"{self.month}-01")


def sealed(manifest: Manifest, files: dict[str, File]) -> Manifest:
    """*manifest* with its *files*, and a hash over all that it says."""
    whole = msgspec.structs.replace(manifest, files=files, seal=_UNSEALED)
    return msgspec.structs.replace(whole, seal=_hash(encode(whole)))


def encode(manifest: Manifest) -> bytes:
    """*manifest* as JSON that a person can read."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def read(folder: Path) -> Manifest:
    """The manifest in *folder*, whose files are as it says.

    Raises:
        CheckError: The manifest or a file is missing, or not as it was written.
    """
    path = folder / NAME
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (FileNotFoundError, msgspec.DecodeError) as exc:
        raise changed(path) from exc
    if manifest != sealed(manifest, manifest.files):
        raise changed(path)
    for name, file in manifest.files.items():
        if _hash_of(folder / name) != file.sha256:
            raise changed(folder / name)
    return manifest


def changed(path: Path) -> CheckError:
    """The error for a file that is gone, or not as it was written."""
    return CheckError(
        f"{path}: not as it was when its month was closed\n"
        "a closed month never changes: restore the file from a backup"
    )


def describe(path: Path, rows: int | None) -> File:
    """*path* as a manifest names it."""
    return File(_hash(path.read_bytes()), rows)


def _hash_of(path: Path) -> str | None:
    try:
        return _hash(path.read_bytes())
    except FileNotFoundError:
        return None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
