"""Closed months: one folder a tenant and month, written once and never changed."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from shutil import rmtree

import polars as pl

from pipeline import files
from pipeline.closing.manifest import (
    NAME,
    Coverage,
    Manifest,
    Statement,
    Totals,
    changed,
    describe,
    encode,
    read,
    sealed,
)
from pipeline.closing.schema import OLDER_NAMES, TABLES
from pipeline.config import Charge
from pipeline.errors import CheckError

__all__ = [
    "OLDER_NAMES",
    "TABLES",
    "ClosedMonth",
    "Coverage",
    "Draft",
    "Manifest",
    "Statement",
    "Totals",
    "load",
    "pages",
]

_FINANCE = "finance"
_PAGES = "pages"


@dataclass(frozen=True)
class ClosedMonth:
    """A tenant's closed month: its manifest and the folder of its files."""

    folder: Path
    manifest: Manifest

    @property
    def tenant(self) -> str:
        """The tenant's name in the configuration when the month was closed."""
        return self.manifest.tenant

    @cached_property
    def month(self) -> date:
        """The month, as its first day."""
        return self.manifest.first_day

    @property
    def finance(self) -> Charge:
        """The finance files with which the month was closed."""
        return Charge.in_folder(self.folder / _FINANCE)

    @property
    def finance_hashes(self) -> tuple[tuple[str, str], ...]:
        """The names and hashes of the finance files."""
        files = self.manifest.files.items()
        return tuple((k, f.sha256) for k, f in files if k.startswith(f"{_FINANCE}/"))


def load(root: Path) -> tuple[ClosedMonth, ...]:
    """The closed months under *root*, by month and tenant.

    Raises:
        CheckError: A month or a file of one is missing or was changed.
    """
    folders = root.glob("tenant=*/month=*")
    months = [ClosedMonth(folder, read(folder)) for folder in folders]
    months.sort(key=attrgetter("tenant", "month"))
    seals: dict[str, str] = {}
    for one in months:
        if one.manifest.previous != seals.get(one.tenant):
            raise CheckError(
                f"{one.folder.parent}: the month closed before {one.manifest.month} is"
                " not there, or is another\n"
                "a closed month never changes: restore its folder from a backup"
            )
        seals[one.tenant] = one.manifest.seal
    return tuple(sorted(months, key=attrgetter("month", "tenant")))


def pages(months: Iterable[ClosedMonth]) -> dict[str, bytes]:
    """The pages of closed months by name; of the same name, the one closed first.

    Raises:
        CheckError: A page is missing or was changed.
    """
    kept: dict[str, bytes] = {}
    for one in sorted(months, key=lambda one: one.manifest.closed_at):
        for name in one.manifest.files:
            folder, _, page = name.partition("/")
            if folder == _PAGES and page not in kept:
                kept[page] = _read(one.folder / name)
    return kept


class Draft:
    """A month that is being closed, in a folder beside its final one."""

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self._final = root / f"tenant={manifest.tenant}" / f"month={manifest.month}"
        self.folder = self._final.with_name(f".{self._final.name}.partial")
        self.discard()
        self.folder.mkdir(parents=True)

    @property
    def closed(self) -> ClosedMonth:
        """The month as it will be closed, with the files that it has so far."""
        return ClosedMonth(self.folder, self.manifest)

    def add(self, name: str, content: bytes) -> None:
        """Write a file of the month."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    def add_finance(self, charge: Charge) -> None:
        """Copy the finance files that are configured."""
        for key, path in charge.files:
            self.add(f"{_FINANCE}/{key}.csv", path.read_bytes())

    def add_pages(self, made: Mapping[str, bytes]) -> None:
        """Write the month's pages."""
        for name, page in made.items():
            self.add(f"{_PAGES}/{name}", page)

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
        """Close the month: one rename, which fails where it is closed already."""
        self.folder.rename(self._final)
        files.sync(self._final.parent)

    def discard(self) -> None:
        """Remove the folder beside the final one; a published month stays."""
        rmtree(self.folder, ignore_errors=True)


def _rows(path: Path) -> int | None:
    if path.suffix == ".parquet":
        return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return max(sum(1 for cells in csv.reader(lines) if any(cells)) - 1, 0)
    return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as exc:
        raise changed(path) from exc
