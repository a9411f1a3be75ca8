"""A month that is being closed, in a folder beside its final one."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import polars as pl

from pipeline import files
from pipeline.closing.archive import Archive
from pipeline.closing.entries import entries_of
from pipeline.closing.manifest import NAME, Manifest, describe, encode, sealed
from pipeline.closing.months import (
    FINANCE,
    PAGES,
    ClosedMonth,
    folder_of,
    partial_of,
    publish,
)
from pipeline.closing.register import Entry
from pipeline.closing.seals import seals
from pipeline.config import Charge


class Draft:
    """The files of a tenant's month until they are complete, and no longer than that.

    The month is closed once the register has its entries; the rename comes after.
    """

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        version = manifest.statement_version
        self._final = folder_of(root, manifest.tenant, manifest.month, version)
        self.folder = partial_of(self._final)
        self.discard()
        files.make_folder(self.folder)

    @property
    def closed(self) -> ClosedMonth:
        """The month as it will be closed, with the files that it has so far."""
        return ClosedMonth(self.folder, self.manifest, self.manifest.tenant)

    @property
    def entries(self) -> list[Entry]:
        """What the register will say of the month."""
        return list(entries_of(self.folder, self.manifest))

    def add(self, name: str, content: bytes) -> None:
        """Write a file of the month."""
        files.write(self.folder / name, content)

    def add_finance(self, charge: Charge) -> None:
        """Copy the finance files that are configured."""
        for key, path in charge.files:
            suffix = ".toml" if key == "ledger" else ".csv"
            self.add(f"{FINANCE}/{key}{suffix}", path.read_bytes())

    def add_pages(self, made: Mapping[str, bytes]) -> None:
        """Write the month's pages."""
        for name, page in made.items():
            self.add(f"{PAGES}/{name}", page)

    def seal(self) -> None:
        """Give each statement the seal of its figures, which are written by now."""
        finance = [
            (f"{FINANCE}/{path.name}", describe(path, None).sha256)
            for path in (self.folder / FINANCE).glob("*")
        ]
        made = seals(self.folder, finance)
        statements = tuple(
            msgspec.structs.replace(one, seal=made[one.cost_center])
            for one in self.manifest.statements
        )
        self.manifest = msgspec.structs.replace(self.manifest, statements=statements)

    def finish(self) -> None:
        """Write the manifest, and all files to the disk."""
        found = sorted(path for path in self.folder.rglob("*") if path.is_file())
        named = {
            path.relative_to(self.folder).as_posix(): describe(path, _rows(path))
            for path in found
        }
        self.manifest = sealed(self.manifest, named)
        self.add(NAME, encode(self.manifest))
        files.sync_tree(self.folder)

    def publish(self) -> None:
        """Give the folder its final name."""
        publish(self.folder, self._final)

    def discard(self) -> None:
        """Remove the folder beside the final one; a published month stays."""
        files.discard(self.folder)


def entered(existing: Archive, drafts: Sequence[Draft]) -> Archive:
    """The archive as it is once *drafts* are closed too."""
    return replace(
        existing,
        months=(*existing.months, *(draft.closed for draft in drafts)),
        register=existing.register.extended(
            entry for draft in drafts for entry in draft.entries
        ),
    )


def _rows(path: Path) -> int | None:
    if path.suffix == ".parquet":
        return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return max(sum(1 for cells in csv.reader(lines) if any(cells)) - 1, 0)
    return None
