"""A closed month: its folder, its manifest, its files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import polars as pl

from pipeline import files
from pipeline.closing.manifest import ABSENT, Manifest, changed
from pipeline.closing.seals import FIGURES, seals
from pipeline.config import Charge
from pipeline.export import Booked

FINANCE = "finance"
# Neither notes nor accounts move an amount.
_UNPRICED = {f"{FINANCE}/notes.csv", f"{FINANCE}/ledger.toml"}
PAGES = "pages"


@dataclass(frozen=True)
class ClosedMonth:
    """A tenant's closed month: its manifest, its folder, and the tenant's name today.

    All that the warehouse shows of a closed month has that name.
    """

    folder: Path
    manifest: Manifest
    tenant: str

    @cached_property
    def month(self) -> date:
        """The month, as its first day."""
        return self.manifest.first_day

    @property
    def version(self) -> int:
        """The version of its statements."""
        return self.manifest.statement_version

    @property
    def finance(self) -> Charge:
        """The finance files with which the month was closed."""
        return Charge.in_folder(self.folder / FINANCE)

    @property
    def booked_by(self) -> Booked:
        """The ledger's file and the accounts with which the month was closed."""
        one = self.manifest
        path = self.finance.ledger
        return Booked(path, one.expense_account, one.clearing_account)

    @property
    def finance_hashes(self) -> tuple[tuple[str, str], ...]:
        """The names and hashes of the finance files."""
        files = self.manifest.files.items()
        return tuple((k, f.sha256) for k, f in files if k.startswith(f"{FINANCE}/"))

    @property
    def pricing_hashes(self) -> tuple[tuple[str, str], ...]:
        """The names and hashes of the finance files that move amounts."""
        return tuple(one for one in self.finance_hashes if one[0] not in _UNPRICED)


def seal_of(month: ClosedMonth) -> dict[str, str]:
    """The seals of the statements of *month*, made of its files, by cost centre."""
    return seals(month.folder, month.finance_hashes)


def amounts_of(month: ClosedMonth) -> dict[str, Decimal]:
    """What the charges of *month* come to, by cost centre; as its statements say."""
    frames = [
        pl.read_parquet(month.folder / name, glob=False, hive_partitioning=False)
        .group_by("cost_center")
        .agg(pl.col("amount").sum())
        for name in sorted(FIGURES)
    ]
    charged, stated = (dict(one.sort("cost_center").iter_rows()) for one in frames)
    return {name: amount for name, amount in stated.items() if charged[name] == amount}


def publish(partial: Path, final: Path) -> None:
    """Rename a complete folder, which fails where there is one of its name."""
    files.move(partial, final)


def folder_of(root: Path, tenant: str, month: str, version: int) -> Path:
    """The folder of a version of a tenant's month."""
    suffix = f".v{version}" if version > 1 else ""
    return root / f"tenant={tenant}" / f"month={month}{suffix}"


def partial_of(final: Path) -> Path:
    """The folder in which a month is written until it is closed."""
    return final.with_name(f".{final.name}.partial")


def pages(months: Iterable[ClosedMonth]) -> dict[str, bytes]:
    """The pages of closed months by name; of the same name, the one closed first.

    Raises:
        CheckError: A page is missing or was changed.
    """
    kept: dict[str, bytes] = {}
    for one in sorted(months, key=lambda one: one.manifest.closed_at):
        for name in one.manifest.files:
            folder, _, page = name.partition("/")
            if folder == PAGES and page not in kept:
                kept[page] = content(one.folder / name)
    return kept


def content(path: Path) -> bytes:
    """The bytes of a file of a closed month.

    Raises:
        CheckError: It is missing, or a folder.
    """
    try:
        return path.read_bytes()
    except ABSENT as exc:
        raise changed(path) from exc
