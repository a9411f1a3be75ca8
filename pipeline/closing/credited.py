"""The files of credit notes: a folder for each month that was reversed, as issued."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

import msgspec

from pipeline import files
from pipeline.closing.months import partial_of, publish
from pipeline.closing.register import Entry, Register
from pipeline.errors import CheckError


def write(root: Path, reversal: Entry, made: Mapping[str, bytes]) -> Entry:
    """The *reversal* with the hashes of the files *made*, which are on the disk then.

    They are in a folder beside the final one until the register has the reversal.
    """
    if not made:
        return reversal
    partial = partial_of(folder_of(root, reversal))
    rmtree(partial, ignore_errors=True)
    for name, content in made.items():
        path = partial / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    files.sync_tree(partial)
    files.sync(partial.parent)
    hashes = {name: sha256(content).hexdigest() for name, content in made.items()}
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
    for entry in _with_files(register):
        final = folder_of(root, entry)
        known[final] = folder = final if final.exists() else partial_of(final)
        for name, digest in entry.files.items():
            path = folder / name
            if not path.is_file() or sha256(path.read_bytes()).hexdigest() != digest:
                raise CheckError(
                    f"{path}: not as it was when {entry.month} was reversed\n"
                    "a credit note never changes: restore the file from a backup"
                )
    for folder in sorted(root.glob("tenant=*/reversal=*")):
        if folder not in known:
            raise CheckError(
                f"{folder}: the register does not know this reversal\n"
                "move the folder away, or restore the register from a backup"
            )


def discard(root: Path, reversals: Iterable[Entry]) -> None:
    """Remove the folders beside the final ones; those of the register stay."""
    for one in reversals:
        rmtree(partial_of(folder_of(root, one)), ignore_errors=True)


def folder_of(root: Path, reversal: Entry) -> Path:
    """The folder of the credit notes of a version of a tenant's month."""
    suffix = f".v{reversal.version}" if reversal.version > 1 else ""
    name = f"reversal={reversal.month}{suffix}"
    return root / f"tenant={reversal.tenant}" / name


def _with_files(register: Register) -> list[Entry]:
    return [one for one in register.entries if one.kind == "reversal" and one.files]
