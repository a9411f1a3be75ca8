"""Old, complete months of the lake are in a file each, and no figure changes by it."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline import files as files_of_disk
from pipeline import nightly
from pipeline.build import by_month
from pipeline.endpoints import TABLES, USAGE
from pipeline.lake import COVERAGE, Lake, tenants, unchanged
from pipeline.upkeep import compact
from worlds.closing import FEBRUARY, JANUARY, MARCH, Company
from worlds.small_builds import small_builds
from worlds.story import Story

SCRIPT = Path(__file__).parents[1] / "tools" / "killed_at.py"
DAY = date(2026, 1, 20)

pytestmark = pytest.mark.slow


def files(lake: Path) -> dict[str, bytes]:
    """All that is in a lake, to the byte."""
    return {
        path.relative_to(lake).as_posix(): path.read_bytes()
        for path in sorted(lake.rglob("*"))
        if path.is_file()
    }


def rows(lake: Path) -> dict[tuple[str, str, date], list[Any]]:
    """The rows of a lake, by table, tenant and day."""
    read = Lake(lake)
    return {
        (table.name, tenant, day): read.read(table, tenant, day).rows()
        for table in TABLES
        for tenant in ("acme", "beta")
        for day in read.days(table, tenant)
    }


def marts(story: Story) -> dict[str, list[Any]]:
    """The tables of the warehouse, sorted."""
    with story.reading() as connection:
        names = connection.execute(
            "select table_name from information_schema.tables"
            " where table_schema = 'marts' and table_name != 'run_history'"
        ).fetchall()
        return {
            name: connection.execute(f"select * from {name} order by all").fetchall()
            for (name,) in names
        }


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Two tenants' January and February, read whole."""
    company = Company(tmp_path_factory.mktemp("company"), ("acme", "beta"))
    company.start(MARCH)
    return company


@pytest.fixture
def copied(company: Company, tmp_path: Path) -> Company:
    copytree(company.path, tmp_path / "copy")
    return Company(tmp_path / "copy", company.tenants)


@pytest.fixture(scope="module")
def compacted(
    company: Company, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Company, str]:
    """The same after `compact`, which is asked at the beginning of March."""
    path = tmp_path_factory.mktemp("compacted") / "copy"
    copytree(company.path, path)
    other = Company(path, company.tenants)
    done = other.chargeback("compact", "--as-of", "2026-03-02")
    assert (done.returncode, done.stderr) == (0, "")
    return other, done.stdout


def test_old_complete_months_are_in_a_file_each(
    company: Company, compacted: tuple[Company, str]
) -> None:
    other, printed = compacted
    before, after = company.path / "data/lake", other.path / "data/lake"

    assert rows(after) == rows(before)
    names = [name.split("/")[2] for name in files(after) if name.startswith("usage/")]
    # The lookback reads the last days of February again.
    february = [f"date=2026-02-{day:02}" for day in range(1, 29)]
    assert names == ["date=2026-01-01", *february] * 2
    assert "acme: usage: 1 month in a file each, of 31 days\n" in printed
    assert "beta: coverage: 1 month in a file each, of 31 days\n" in printed
    again = other.chargeback("compact", "--as-of", "2026-03-02")
    assert again.stdout == "no old, complete month is in files of days\n"
    verified = other.chargeback("verify")
    assert (verified.returncode, verified.stderr) == (0, "")


def test_a_month_of_which_a_day_was_not_read_stays_in_days(copied: Company) -> None:
    copied.forget(DAY, "beta")

    done = copied.chargeback("compact", "--as-of", "2026-03-12")

    assert "acme: usage: 2 months" in done.stdout
    assert "beta: usage: 1 month " in done.stdout
    assert "date=2026-01-21" in str([*files(copied.path / "data/lake/usage")])


def test_whoever_globs_the_lake_counts_each_row_once(
    company: Company, compacted: tuple[Company, str]
) -> None:
    asked = "select tenant, row_date, automation_id, value from {} order by all"
    found = []
    for one in (company, compacted[0]):
        glob = f"{one.path}/data/lake/usage/*/*/*.parquet"
        hive = f"read_parquet('{glob}', hive_partitioning = true)"
        found.append(duckdb.execute(asked.format(hive)).fetchall())
        scanned = pl.scan_parquet(glob, hive_partitioning=True)
        assert scanned.select(pl.len()).collect().item() == 59 * 2 * 2

    assert found[0] == found[1]
    assert {day for _, day, *_ in found[0]} >= {DAY, date(2026, 2, 20)}


def test_what_comes_late_is_merged_into_the_month(
    copied: Company, compacted: tuple[Company, str], tmp_path: Path
) -> None:
    path = tmp_path / "compacted"
    copytree(compacted[0].path, path)
    other = Company(path, copied.tenants)

    for one in (copied, other):
        one.use(DAY, {"a1": 7, "a9": 1})
    lake = path / "data/lake"

    assert rows(lake) == rows(copied.path / "data/lake")
    assert not (lake / f"usage/tenant=acme/date={DAY}").exists()
    kept = files(lake)
    other.use(DAY, {"a1": 7, "a9": 1})
    assert files(lake) == kept
    unchanged.check(lake, TABLES, {"acme", "beta"}, {})


def test_a_day_that_is_there_again_is_not_counted_twice(
    compacted: tuple[Company, str], company: Company, tmp_path: Path
) -> None:
    path = tmp_path / "copy"
    copytree(compacted[0].path, path)
    day = f"data/lake/usage/tenant=acme/date={DAY}"
    copytree(company.path / day, path / day)

    with small_builds():
        built = Company(path).chargeback("build", "--as-of", "2026-03-02")

    assert built.returncode == 0
    assert "date=2026-01-20/usage.parquet: the file of its month has its rows" in (
        built.stderr
    )
    assert rows(path / "data/lake") == rows(company.path / "data/lake")
    sql = f"select automation_id, runs from automation_daily where date = '{DAY}'"
    assert sorted(Company(path).ask(sql)) == [
        ("a1", 3),
        ("a1", 3),
        ("a2", 2),
        ("a2", 2),
    ]


def test_a_renamed_tenant_takes_its_months_along(
    compacted: tuple[Company, str], tmp_path: Path
) -> None:
    path = tmp_path / "lake"
    copytree(compacted[0].path / "data/lake", path)
    copied = Lake(path)
    known = rows(path)
    # Part of it was moved already.
    copied.replace(USAGE.table, "new", DAY, copied.read(USAGE.table, "acme", DAY))

    tenants.settle(path, TABLES, {"acme": "new"})

    for name in ("usage", "runs", "coverage"):
        table = next(one for one in TABLES if one.name == name)
        assert copied.days(table, "acme") == []
        for day in copied.days(table, "new"):
            found = copied.read(table, "new", day).rows()
            assert found == known[name, "acme", day], (name, day)
    assert len(copied.days(COVERAGE, "new")) == 59


def test_a_month_that_was_changed_on_disk_is_refused(
    compacted: tuple[Company, str], tmp_path: Path
) -> None:
    path = tmp_path / "copy"
    copytree(compacted[0].path, path)
    file = path / "data/lake/usage/tenant=acme/date=2026-01-01/usage.parquet"
    content = bytearray(file.read_bytes())
    content[40] ^= 1
    file.write_bytes(content)

    for command in ("verify", "build"):
        done = Company(path).chargeback(command)

        assert done.returncode == 4
        assert f"{file}: not as it was written" in done.stderr


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Two tenants until the first days of March; January is closed."""
    with small_builds():
        story = Story(tmp_path / "story", ("acme", "beta"))
        for _ in range(4):
            story.dawn()
        story.close(JANUARY)
    return story


def late(story: Story) -> None:
    """Usage and runs of January that become corrections."""
    story.use("acme", DAY, {"a1": (99, 999), "a7": (3, 33)})
    story.list_runs("beta", date(2026, 1, 5), [("a2", "o1", "s1", 2)])


def test_no_figure_changes_and_no_month_is_made_again(
    story: Story, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(by_month, "WORTH_KEEPING", 0)
    with small_builds():
        story.build()
        before, known = marts(story), rows(story.path / "data/lake")
        assert compact(story.run_on(story.as_of), is_closed_only=True)
        assert rows(story.path / "data/lake") == known
        caplog.clear()
        with caplog.at_level("INFO"):
            story.build()
        assert marts(story) == before
        made = [one for one in caplog.messages if one.endswith("months made")]
        assert made
        assert all(": 0 of" in one for one in made)
        late(story)
        story.build()
        later = marts(story)
        nightly.build(replace(story.run_on(story.as_of), is_full=True))
    assert later == marts(story) != before
    assert any(row for row in later["charges"] if "adjustment" in row)


# What is done next when the process dies.
MOMENTS = {
    "while links are made": ("os.link", "date=2026-02-05", "1"),
    "before folders change places": ("ctypes.dlsym", "renameat2", "1"),
    "after some tables": ("shutil.rmtree", ".compacting", "5"),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_leaves_all_rows_once(copied: Company, moment: str) -> None:
    lake = copied.path / "data/lake"
    known = rows(lake)
    command = [sys.executable, str(SCRIPT), *MOMENTS[moment]]

    killed = subprocess.run(
        [*command, "compact", "--as-of", "2026-03-02"],
        cwd=copied.path,
        env={**os.environ, **copied.env, "PYTHONPATH": str(SCRIPT.parents[2])},
        capture_output=True,
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL
    assert rows(lake) == known
    glob = f"{lake}/usage/*/*/*.parquet"
    assert pl.scan_parquet(glob).select(pl.len()).collect().item() == 59 * 2 * 2
    done = copied.chargeback("compact", "--as-of", "2026-03-02")
    assert (done.returncode, rows(lake)) == (0, known)
    assert not (lake / ".compacting").exists()
    assert len(Lake(lake).days_by_file(COVERAGE, "beta")) == 29


def test_a_file_system_that_exchanges_nothing_is_compacted_in_two_steps(
    copied: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = copied.path / "data/lake"
    known = rows(lake)
    monkeypatch.setattr(files_of_disk, "exchange", lambda *_: False)
    assert copied.chargeback("compact", "--as-of", "2026-03-02").returncode == 0
    assert rows(lake) == known

    # As a kill between the two leaves it.
    folder = lake / "usage/tenant=acme"
    former = lake / ".compacting/former/usage/tenant=acme"
    former.parent.mkdir(parents=True)
    folder.rename(former)

    assert copied.chargeback("compact", "--as-of", "2026-03-02").returncode == 0
    assert rows(lake) == known
    assert FEBRUARY in Lake(lake).days(USAGE.table, "acme")
