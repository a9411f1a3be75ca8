"""Closed months: a folder each, written once and never changed, and their register."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from pathlib import Path

import msgspec

from pipeline import files
from pipeline.closing import credited, register
from pipeline.closing.agreement import check_chain, check_register, unknown_folder
from pipeline.closing.entries import entries_of
from pipeline.closing.manifest import NAME, read
from pipeline.closing.months import (
    ClosedMonth,
    folder_of,
    pages,
    partial_of,
    publish,
)
from pipeline.closing.redacted import redacted
from pipeline.closing.register import Register
from pipeline.closing.schema import LATER_COLUMNS, OLDER_NAMES, TABLES
from pipeline.errors import CheckError, PipelineError, joined

__all__ = [
    "LATER_COLUMNS",
    "OLDER_NAMES",
    "TABLES",
    "Archive",
    "ClosedMonth",
    "enter",
    "load",
    "pages",
    "recover",
    "registered",
    "save",
]

# Where the head of the register is noted, beside the folder of the closed months: it
# shows that entries were cut off, or that all of the folder was deleted.
_ANCHOR = Path("state") / "register.json"

_NO_NAMES: Mapping[str, str] = {}


class _Anchor(msgspec.Struct, frozen=True):
    entries: int
    head: str


@dataclass(frozen=True)
class Archive:
    """The closed months by month and tenant, those that were reversed, the register."""

    months: tuple[ClosedMonth, ...] = ()
    reversed: tuple[ClosedMonth, ...] = ()
    register: Register = field(default_factory=Register)

    def until(self, month: date) -> "Archive":
        """What there is of the months before *month*."""
        return replace(
            self,
            months=tuple(one for one in self.months if one.month < month),
            reversed=tuple(one for one in self.reversed if one.month < month),
            register=replace(
                self.register,
                entries=tuple(
                    one for one in self.register.entries if one.first_day < month
                ),
            ),
        )

    def of(self, tenant: str) -> list[date]:
        """The months of *tenant* that are closed, in order."""
        return [one.month for one in self.months if one.tenant == tenant]

    def first(self, tenant: str) -> date | None:
        """The first month of *tenant* that was ever closed."""
        known = self.register
        months = [
            one.first_day for one in known.closings if known.tenant(one) == tenant
        ]
        return min(months, default=None)


def load(root: Path, names: Mapping[str, str] = _NO_NAMES) -> Archive:
    """The closed months under *root*; *names* has today's names of renamed tenants.

    Raises:
        CheckError: A month, a credit note, a file of one, or an entry of the register
            is missing, was changed, or is not known to the others.
    """
    found = register.read(root / register.NAME, names)
    months = list(_folders(root, found, names))
    months.sort(key=attrgetter("tenant", "month", "version"))
    check_chain(months)
    if found is None:
        found = _adopted(root, months, names)
    _check_anchor(root, found)
    check_register(root, found, months)
    credited.check(root, found)
    standing = found.standing
    months.sort(key=attrgetter("month", "tenant", "version"))
    stands = [standing.get((m.tenant, m.manifest.month)) == m.version for m in months]
    pairs = list(zip(months, stands, strict=True))
    return Archive(
        months=tuple(one for one, is_standing in pairs if is_standing),
        reversed=tuple(one for one, is_standing in pairs if not is_standing),
        register=found,
    )


def registered(root: Path, names: Mapping[str, str] = _NO_NAMES) -> Register:
    """The register alone, of which no month is read; empty if there never was one.

    Raises:
        CheckError: An entry, or all of it, is missing or was changed.
    """
    found = register.read(root / register.NAME, names) or Register(names=names)
    _check_anchor(root, found)
    return found


def save(root: Path, entries: Register) -> None:
    """Write the register, unless *root* has it already, and note its head."""
    saved = register.read(root / register.NAME, entries.names)
    if entries.entries and saved is None:
        enter(root, entries)
    anchor = _Anchor(len(entries.entries), entries.head)
    if entries.entries and _anchor(root) != anchor:
        with files.replacing(root.parent / _ANCHOR) as partial:
            partial.write_bytes(msgspec.json.encode(anchor) + b"\n")


def enter(root: Path, entries: Register) -> None:
    """Write the register: what it has is closed, reversed and issued from then on."""
    register.write(root / register.NAME, entries)


def recover(root: Path) -> None:
    """Complete what was interrupted after the register had been written.

    Raises:
        CheckError: An entry of the register is missing or was changed.
    """
    found = register.read(root / register.NAME, _NO_NAMES)
    for entry in found.closings if found else ():
        final = folder_of(root, entry.tenant, entry.month, entry.version)
        partial = partial_of(final)
        if not final.exists() and (partial / NAME).exists():
            publish(partial, final)
    if found:
        credited.complete(root, found)


def _folders(
    root: Path, found: Register | None, names: Mapping[str, str]
) -> Iterator[ClosedMonth]:
    """The closed months: those in their folders, and those that wait for a rename."""
    folders = {*root.glob("tenant=*/month=*")}
    for entry in found.closings if found else ():
        final = folder_of(root, entry.tenant, entry.month, entry.version)
        if not final.exists() and (partial_of(final) / NAME).exists():
            folders.add(partial_of(final))
    changed_later = redacted(found) if found else {}
    wrong: list[PipelineError] = []
    for folder in sorted(folders):
        try:
            manifest = read(folder, changed_later)
        except CheckError as exc:
            wrong.append(exc)
            continue
        version = manifest.statement_version
        final = folder_of(root, manifest.tenant, manifest.month, version)
        if folder not in {final, partial_of(final)}:
            raise unknown_folder(folder)
        tenant = names.get(manifest.tenant, manifest.tenant)
        yield ClosedMonth(folder, manifest, tenant)
    if wrong:
        raise joined(wrong)


def _adopted(
    root: Path, months: Sequence[ClosedMonth], names: Mapping[str, str]
) -> Register:
    """A register of months that earlier versions closed, which had none.

    Raises:
        CheckError: There was one.
    """
    named = next((one for one in months if one.manifest.register is not None), None)
    if named or _anchor(root):
        raise CheckError(
            f"{root / register.NAME}: is not there, though"
            f" {named.manifest.month if named else 'a month'} was entered in it\n"
            "the register only grows: restore it from a backup"
        )
    order = attrgetter("manifest.closed_at", "manifest.month", "tenant")
    return Register(names=names).extended(
        entry
        for one in sorted(months, key=order)
        for entry in entries_of(one.folder, one.manifest)
    )


def _check_anchor(root: Path, found: Register) -> None:
    anchor = _anchor(root)
    if anchor and anchor.head not in found.hashes:
        raise CheckError(
            f"{root / register.NAME}: had {anchor.entries} entries, as"
            f" {root.parent / _ANCHOR} says, and has {len(found.entries)} or others\n"
            "the register only grows: restore the wrong one from a backup"
        )


def _anchor(root: Path) -> _Anchor | None:
    path = root.parent / _ANCHOR
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Anchor)
    except FileNotFoundError:
        return None
    except (IsADirectoryError, UnicodeDecodeError, msgspec.DecodeError) as exc:
        raise CheckError(
            f"{path}: is not as it was written\n"
            "restore it from a backup; it has the last hash of the register"
        ) from exc
