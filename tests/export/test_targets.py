"""An export is written to new files and over earlier exports, and nowhere else."""

import os
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from xlsxwriter import Workbook

from pipeline.config import Charge, Settings
from pipeline.errors import ConfigError
from pipeline.export import targets

JOURNAL = b"posting_date,account,cost_center,debit,credit\r\n2026-10-31,6000,Ops,1,\r\n"

REFUSED = [
    "chargeback.toml",
    "rates.csv",
    "warehouse.duckdb",
    "warehouse.duckdb.wal",
    "lake",
    "lake/new/j.csv",
    "reports/j.csv",
    "closed/tenant=acme/j.csv",
    "state/register.json",
    "quarantine/j.csv",
    ".lock",
    "notes.csv",
    "notes.txt",
    "book.xlsx",
    "rows.parquet",
    "pipe",
    "/dev/null",
    "/dev/full",
]


@pytest.fixture
def kept(tmp_path: Path) -> list[Path]:
    """What a data folder has of its own, a finance file and the configuration."""
    charge = Charge(rate_card=tmp_path / "rates.csv")
    settings = Settings((), tmp_path, charge=charge)
    (tmp_path / "lake").mkdir()
    (tmp_path / "rates.csv").write_bytes(JOURNAL)
    (tmp_path / "notes.csv").write_text("day,account,what\n1,6000,lunch\n")
    (tmp_path / "notes.txt").write_text("lunch")
    (tmp_path / "book.xlsx").write_bytes(b"PK of no workbook")
    (tmp_path / "rows.parquet").write_bytes(b"PAR1 of no rows")
    os.mkfifo(tmp_path / "pipe")
    return [*settings.own, tmp_path / "chargeback.toml"]


@pytest.mark.parametrize("is_linked", ["itself", "a link to it"])
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_export_is_never_replaced(
    tmp_path: Path, kept: list[Path], name: str, is_linked: str
) -> None:
    target = out = tmp_path / name
    if is_linked != "itself":
        out = tmp_path / "link"
        out.symlink_to(target)
    before = target.read_bytes() if target.is_file() else None

    with pytest.raises((ConfigError, IsADirectoryError), match=str(out)):
        targets.write({tmp_path / "new.csv": JOURNAL, out: JOURNAL}, kept)

    assert (target.read_bytes() if target.is_file() else None) == before
    assert not (tmp_path / "new.csv").exists()


def workbook() -> bytes:
    made = BytesIO()
    with Workbook(made) as book:
        book.add_worksheet("Statement")
    return made.getvalue()


def rows() -> bytes:
    made = BytesIO()
    pl.DataFrame({"cost_center": ["Ops"] * 50, "amount": range(50)}).write_parquet(made)
    return made.getvalue()


@pytest.mark.parametrize("make", [workbook, rows])
def test_a_damaged_file_is_no_export(tmp_path: Path, make: Callable[[], bytes]) -> None:
    """Cut, flipped or locked: it is left alone, or known by what is left of it."""
    whole, path = make(), tmp_path / "out"
    for position in range(4, len(whole), max(len(whole) // 400, 1)):
        damaged = bytearray(whole)
        damaged[position] ^= 0xFF
        for content in (bytes(damaged), whole[:position]):
            path.write_bytes(content)
            with suppress(ConfigError):
                targets.write({path: JOURNAL}, [])
                pytest.fail("a journal took the place of something else")
            assert path.read_bytes() == content


def test_new_files_empty_files_and_earlier_exports_are_written(
    tmp_path: Path, kept: list[Path]
) -> None:
    link, earlier = tmp_path / "link", tmp_path / "earlier.csv"
    earlier.write_bytes(JOURNAL.replace(b",credit", b",credit,note"))
    (tmp_path / "empty.csv").touch()
    link.symlink_to(earlier)
    files = [tmp_path / "exports" / "j.csv", tmp_path / "empty.csv", link]

    targets.write(dict.fromkeys(files, JOURNAL), kept)

    assert [path.read_bytes() for path in files] == [JOURNAL] * 3
    assert link.is_symlink()
