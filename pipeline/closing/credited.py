"""The files of credit notes: a folder for each month that was reversed, as issued."""

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path, PurePath

import msgspec

from pipeline import files
from pipeline.closing.months import content, partial_of, publish
from pipeline.closing.redacted import redacted
from pipeline.closing.register import Entry, Register
from pipeline.errors import CheckError, joined


def write(root: Path, reversal: Entry, made: Mapping[str, bytes]) -> Entry:
    """The *reversal* with the hashes of the files *made*, which are on the disk then.

    They are in a folder beside the final one until the register has the reversal.
    """
    if not made:
        return reversal
    partial = partial_of(folder_of(root, reversal))
    files.discard(partial)
    for name, text in made.items():
        files.write(partial / name, text)
    files.sync_tree(partial)
    hashes = {name: sha256(text).hexdigest() for name, text in made.items()}
    return msgspec.structs.replace(reversal, files=hashes)


def complete(root: Path, register: Register) -> None:
    """Give the folders of all reversals that the register has their final names."""
    for entry in _with_files(register):
        final = folder_of(root, entry)
        partial = partial_of(final)
        if not final.exists() and partial.exists():
            publish(partial, final)


def check(root: Path, register: Register) -> None:
    """Hold the files of credit notes to the register.

    Raises:
        CheckError: One is missing or was changed, or the register knows no such folder.
    """
    known = {}
    wrong = []
    changed = redacted(register)
    for entry in _with_files(register):
        changed_later = changed.get(("reversal", entry.seal), {})
        final = folder_of(root, entry)
        known[final] = folder = final if final.exists() else partial_of(final)
        for name, digest in entry.files.items():
            path = folder / name
            allowed = {digest, *changed_later.get(name, ())}
            if (
                not path.is_file()
                or sha256(path.read_bytes()).hexdigest() not in allowed
            ):
                error = f"{path}: not as it was when {entry.month} was reversed"
                remedy = "a credit note never changes: restore the file from a backup"
                wrong.append(CheckError(f"{error}\n{remedy}"))
    if wrong:
        raise joined(wrong)
    for folder in sorted(root.glob("tenant=*/reversal=*")):
        if folder not in known:
            raise CheckError(
                f"{folder}: the register does not know this reversal\n"
                "move the folder away, or restore the register from a backup"
            )


def issued_last(
    root: Path, register: Register, month: date, center: str
) -> dict[str, bytes]:
    """The files of a cost centre's credit notes, if *month* is open since.

    They are by name; an earlier version issued credit notes without files.
    """
    events = [
        one
        for one in register.entries
        if one.first_day == month and one.kind in {"closing", "reversal"}
    ]
    if not events or events[-1].kind != "reversal":
        return {}
    return {
        PurePath(name).name: content(folder_of(root, event) / name)
        for event in events
        if event.kind == "reversal" and event.issued_at == events[-1].issued_at
        for one in register.issued_by(event)
        for name in event.files
        if one.cost_center == center and name.startswith(f"{one.number}/")
    }


def discard(root: Path, reversals: Iterable[Entry]) -> None:
    """Remove the folders beside the final ones; those of the register stay."""
    for one in reversals:
        files.discard(partial_of(folder_of(root, one)))


def folder_of(root: Path, reversal: Entry) -> Path:
    """The folder of the credit notes of a version of a tenant's month."""
    suffix = f".v{reversal.version}" if reversal.version > 1 else ""
    name = f"reversal={reversal.month}{suffix}"
    return root / f"tenant={reversal.tenant}" / name


def _with_files(register: Register) -> list[Entry]:
    return [one for one in register.entries if one.kind == "reversal" and one.files]
