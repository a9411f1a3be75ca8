"""What other programs leave in the data folder changes nothing, and stops nothing."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from worlds.closing import Company

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

TODAY = "2026-02-02"
STRANGERS = [
    *(".DS_Store", "._usage.parquet", "~$statement.xlsx", "Thumbs.db", "desktop.ini"),
    *("usage (conflicted copy 2026-01-05).parquet", "Icon\r", ".stfolder", "odd\nname"),
    *(
        "usage.sync-conflict-20260105-101010-ABCDEFG.parquet",
        "x.tmp",
        "x.csv",
        "x.json",
    ),
]
FOLDERS = [
    "date=20260103",
    "date=2026-W01-6",
    "tenant=",
    "@eaDir",
    "lost+found",
]
FIGURES = "select sum(amount), count(*), sum(quantity) from charges"


@pytest.mark.whole
def test_what_stands_beside_our_files_is_left_alone(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(date(2026, 2, 2))
    assert company.close("2026-01", TODAY).returncode == 0
    before = figures(company)
    data = tmp_path / "data"
    ours = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    folders = [data, *(path for path in data.rglob("*") if path.is_dir())]
    for folder in folders:
        if "date=" not in folder.name or folder.name.endswith("03"):
            for name in STRANGERS:
                (folder / name).write_bytes(b"\0\5\x16\7 no parquet")
            for name in FOLDERS:
                (folder / name).mkdir()

    for command in (
        ["build", "--as-of", TODAY],
        ["report", "--as-of", TODAY],
        ["deliver", "--as-of", TODAY],
        ["close", "2026-01", "--as-of", TODAY],
        ["export", "2026-01", "--format", "csv", "--out", "exported"],
    ):
        result = company.chargeback(*command)
        assert (result.returncode, "Traceback" in result.stderr) == (0, False), result
    verified = company.chargeback("verify")
    assert verified.returncode == 4  # what was added to a closed month is reported
    assert ": was added" in verified.stderr
    assert not any(name in verified.stderr for name in STRANGERS[:2])
    assert "Traceback" not in verified.stderr
    assert figures(company) == before
    kept = [path for path in ours if "closed" in path.parts or "lake" in path.parts]
    assert all(path.read_bytes() == ours[path] for path in kept)

    # What is called like a closed month is one, or a copy that nobody knows of.
    copy = data / "closed/tenant=acme/month=2026-01 copy"
    copy.mkdir()
    result = company.chargeback("build", "--as-of", TODAY)
    assert (result.returncode, str(copy) in result.stderr) == (4, True)


def figures(company: Company) -> str:
    return company.chargeback("query", FIGURES, "--format", "csv").stdout


def test_a_copy_of_a_day_is_named_and_not_charged_twice(tmp_path: Path) -> None:
    """A whole file of the lake, beside its day or under another spelling of it."""
    company = Company(tmp_path)
    company.start(date(2026, 1, 6))
    build = ("build", "--as-of", "2026-01-06")
    assert company.chargeback(*build).returncode == 0
    before = figures(company)
    day = tmp_path / "data/lake/usage/tenant=acme/date=2026-01-03"
    content = (day / "usage.parquet").read_bytes()
    copies = [day / "usage (1).parquet", day / "usage.parquet.sync-conflict.parquet"]
    for name in ("date=20260103", "date=2026-01-03 (1)", "date=2026-W01-6"):
        (day.parent / name).mkdir()
        copies.append(day.parent / name / "usage.parquet")
    for copy in copies:
        copy.write_bytes(content)

    result = company.chargeback(*build)

    assert result.returncode == 0
    assert figures(company) == before
    for copy in copies:
        assert f"{copy}: not a file of the lake, left alone" in result.stderr


ODD = {
    "value": pl.lit("many"),
    "metric": pl.struct(a=pl.col("metric")),
    "automation_id": pl.lit(7),
}


def test_a_file_of_a_day_that_another_program_wrote_is_named(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(date(2026, 1, 6))
    path = tmp_path / "data/lake/usage/tenant=acme/date=2026-01-03/usage.parquet"
    rows = pl.read_parquet(path, hive_partitioning=False)
    # As in the lake of an earlier version, which noted no hash.
    coverage = path.parents[3] / "coverage/tenant=acme/date=2026-01-03/coverage.parquet"
    noted = pl.read_parquet(coverage, hive_partitioning=False)
    noted.drop("has_hash").write_parquet(coverage)
    for name, value in ODD.items():
        rows.with_columns(value.alias(name)).write_parquet(path)

        result = company.chargeback("build", "--as-of", "2026-01-06", "--quiet")

        assert result.returncode == 4
        assert f"{path}: not as it was written" in result.stderr
        assert len(result.stderr.splitlines()) == 2
