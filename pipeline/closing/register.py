"""The register: every document that was issued, in a file that only grows.

One line of JSON an entry, and in each the hash of the one before. Closing a month adds
an entry for the month and one for each of its statements; reversing it, an entry for
the reversal and a credit note for each statement. Where a person was forgotten, an
entry for each month says which of its files changed, and has their new hashes.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import msgspec

from pipeline.errors import CheckError
from pipeline.files import replacing

NAME = "register"

# What the first entry has in place of the hash of the one before.
BEGINNING = "0" * 64

_DIGITS = 3

Kind = Literal["closing", "statement", "reversal", "credit note", "redaction"]


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A month that was closed or reversed, or a document: a statement, a credit note.

    *seal* is the hash of what the entry is of: the manifest of a closing, the figures
    of a statement. *files* are the hashes of the files in which it was issued. The
    *display_amount* is the amount in a second currency, if one was known.
    """

    kind: Kind
    number: str | None = None
    version: int
    tenant: str
    month: str
    cost_center: str | None = None
    amount: Decimal
    currency: str
    issued_at: datetime
    day: date
    seal: str
    booked_month: str | None = None
    reverses: str | None = None
    reason: str | None = None
    display_amount: Decimal | None = None
    display_currency: str | None = None
    files: dict[str, str] = msgspec.field(default_factory=dict)
    previous: str = ""
    hash: str = ""

    @property
    def first_day(self) -> date:
        """The month, as its first day."""
        return date.fromisoformat(f"{self.month}-01")

    @property
    def first_booked_day(self) -> date:
        """The month in which it is booked, as its first day."""
        return date.fromisoformat(f"{self.booked_month or self.month}-01")

    @property
    def name(self) -> str:
        """The number and version of a document, as people write it."""
        return f"{self.number} v{self.version}"


@dataclass(frozen=True)
class Register:
    """The entries, oldest first; *names* has today's names of renamed tenants."""

    entries: tuple[Entry, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def head(self) -> str:
        """The hash of the last entry."""
        return self.entries[-1].hash if self.entries else BEGINNING

    @property
    def hashes(self) -> set[str]:
        """What the head was at some time."""
        return {BEGINNING, *(entry.hash for entry in self.entries)}

    @property
    def documents(self) -> Iterator[Entry]:
        """The statements and credit notes."""
        return (one for one in self.entries if one.number is not None)

    @property
    def closings(self) -> Iterator[Entry]:
        """The months that were closed, each version."""
        return (one for one in self.entries if one.kind == "closing")

    @property
    def standing(self) -> dict[tuple[str, str], int]:
        """The version of each tenant and month that was closed and not reversed."""
        versions: dict[tuple[str, str], int] = {}
        for one in self.entries:
            key = self.tenant(one), one.month
            if one.kind == "closing":
                versions[key] = one.version
            elif one.kind == "reversal":
                versions.pop(key, None)
        return versions

    def tenant(self, entry: Entry) -> str:
        """The name that the tenant of *entry* has today."""
        return self.names.get(entry.tenant, entry.tenant)

    def of(self, tenant: str, month: str) -> list[Entry]:
        """The entries of a tenant's month."""
        return [
            one
            for one in self.entries
            if self.tenant(one) == tenant and one.month == month
        ]

    def issued_by(self, event: Entry) -> list[Entry]:
        """The documents of a closing, or of a reversal: statements, or credit notes."""
        kind = "statement" if event.kind == "closing" else "credit note"
        return [
            one
            for one in self.of(self.tenant(event), event.month)
            if (one.kind, one.issued_at) == (kind, event.issued_at)
        ]

    def statements(self, tenant: str, month: str, version: int) -> list[Entry]:
        """The statements of a version of a tenant's month."""
        return [
            one
            for one in self.of(tenant, month)
            if one.kind == "statement" and one.version == version
        ]

    def check_day(self, day: date) -> None:
        """Refuse to issue anything on a *day* before that of the last document.

        Raises:
            CheckError: The message names both days.
        """
        last = max((one.day for one in self.entries), default=day)
        if day < last:
            raise CheckError(
                f"{day} is before {last}, the day of the last document that was issued:"
                " documents follow each other\nsee whether the clock is right, or set"
                f" --as-of to {last} or later"
            )

    def next_version(self, tenant: str, month: str) -> int:
        """The version in which a month is closed next."""
        closings = [one for one in self.of(tenant, month) if one.kind == "closing"]
        return max((one.version for one in closings), default=0) + 1

    def numbers(
        self, tenant: str, month: str, cost_centers: Iterable[str]
    ) -> dict[str, str]:
        """The number of each statement: the one that it had, or one never given."""
        known = {
            one.cost_center: one.number
            for one in self.of(tenant, month)
            if one.kind == "statement"
        }
        unused = self._unused(f"{tenant}-{month}-")
        return {name: known.get(name) or next(unused) for name in cost_centers}

    def credit_numbers(self, tenant: str, month: str) -> Iterator[str]:
        """Numbers of credit notes that were never given."""
        return self._unused(f"{tenant}-{month}-C")

    def extended(self, entries: Iterable[Entry]) -> "Register":
        """The register with *entries* after its own."""
        chained = list(self.entries)
        head = self.head
        for one in entries:
            chained.append(_chained(one, head))
            head = chained[-1].hash
        return Register(tuple(chained), self.names)

    def _unused(self, prefix: str) -> Iterator[str]:
        given = {one.number for one in self.documents}
        number = 0
        while True:
            number += 1
            if (name := f"{prefix}{number:0{_DIGITS}}") not in given:
                yield name


def read(path: Path, names: Mapping[str, str]) -> Register | None:
    """The register in *path*, after a check of its chain; None if it is not there.

    Raises:
        CheckError: An entry is missing or was changed.
    """
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return None
    except IsADirectoryError as exc:
        raise CheckError(
            f"{path}: is a folder\nthe register only grows: restore it from a backup"
        ) from exc
    entries: list[Entry] = []
    head = BEGINNING
    for number, line in enumerate(lines, 1):
        one = _decode(line)
        if one is None or one != _chained(one, head) or line != _encode(one):
            raise CheckError(
                f"{path}: entry {number} is not as it was written, or not in its"
                " place\nthe register only grows: restore it from a backup"
            )
        entries.append(one)
        head = one.hash
    return Register(tuple(entries), names)


def write(path: Path, register: Register) -> None:
    """Replace the register by a longer one, whole or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(b"".join(map(_encode, register.entries)))


def _chained(entry: Entry, head: str) -> Entry:
    """*entry* as it stands after the one whose hash is *head*."""
    bare = msgspec.structs.replace(entry, previous=head, hash="")
    digest = hashlib.sha256(_encode(bare)).hexdigest()
    return msgspec.structs.replace(bare, hash=digest)


def _encode(entry: Entry) -> bytes:
    return msgspec.json.encode(entry) + b"\n"


def _decode(line: bytes) -> Entry | None:
    try:
        return msgspec.json.decode(line, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
