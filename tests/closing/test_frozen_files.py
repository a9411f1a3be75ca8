"""Months that an earlier version closed: other columns, files refused today."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from shutil import copytree

import duckdb
import msgspec
import polars as pl
import pytest

from pipeline import build, config, finance, warehouse
from pipeline.build import checks
from pipeline.closing import archive
from pipeline.closing.archive import ClosedMonth
from pipeline.config import Run
from pipeline.endpoints import AUTOMATIONS, USERS
from pipeline.lake import Lake
from worlds.closing import FEBRUARY, MARCH, RATES, Company
from worlds.lake import keep

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

SPLIT = "priority,cost_center,automation_id\n10,Finance,a1\n10,Sales,a2\n20,sales,a3\n"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """January is closed; since then a run costs twice as much."""
    company = Company(tmp_path_factory.mktemp("done"))
    company.start(MARCH)
    assert company.close("2026-01", "2026-03-01").returncode == 0
    company.write("rates", RATES.replace("0.5", "1"))
    return company


@pytest.fixture
def closed(tmp_path: Path, done: Company) -> Company:
    company = Company(tmp_path / "company")
    copytree(done.path, company.path)
    return company


def drop_newer_columns(path: Path) -> None:
    """Make of a frozen file what a version before these columns had frozen."""
    frame = pl.read_parquet(path)
    path.chmod(0o600)
    newer = [*archive.LATER_COLUMNS, "cause_detail", "seal"]
    frame.drop(newer, strict=False).rename(
        archive.OLDER_NAMES, strict=False
    ).write_parquet(path)


def of_an_earlier_version(month: ClosedMonth) -> ClosedMonth:
    for name in ("charges", "statement"):
        drop_newer_columns(month.folder / f"{name}.parquet")
    (month.folder / "labels.parquet").unlink()
    manifest = msgspec.structs.replace(month.manifest, snapshots=None)
    return replace(month, manifest=manifest)


@contextmanager
def built(company: Company, **frozen: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A checked build where an earlier version closed, and January has these files."""
    settings = config.load(company.path / "chargeback.toml", company.env)
    closed = archive.load(settings.closed)
    months = tuple(of_an_earlier_version(month) for month in closed.months)
    closed = replace(closed, months=months)
    for name, text in frozen.items():
        path = months[0].folder / "finance" / f"{name}.csv"
        path.chmod(0o600)
        path.write_text(text, encoding="utf-8")
    run = Run(settings, MARCH, datetime(2026, 3, 1, tzinfo=UTC))
    with warehouse.replacing(company.path / "w.duckdb") as connection:
        build.build(connection, run, finance.read(settings), closed)
        checks.check(connection)
        yield connection


def corrected(company: Company, **frozen: str) -> list[tuple[str, Decimal]]:
    """Causes and amounts of what is corrected, where January froze these files."""
    with built(company, **frozen) as connection:
        return connection.execute(
            "select cause, sum(amount) from charges where kind = 'adjustment'"
            " group by cause order by cause"
        ).fetchall()


def test_what_an_earlier_version_did_not_freeze_follows_from_what_it_did(
    closed: Company,
) -> None:
    """February has a month before it, and Finance a budget."""
    assert closed.close("2026-02", "2026-03-01").returncode == 0
    shown = (
        "select cost_center, prior_amount, change_amount, comparable_prior_amount,"
        " comparable_change_amount, budget, budgeted_amount, budget_remaining"
        " from statement where month = '2026-02-01' order by cost_center"
    )
    before = closed.ask(shown)

    with built(closed) as connection:
        after = connection.execute(shown).fetchall()

    assert after == before
    assert all(row[1] == row[3] is not None for row in after)
    assert after[0][5] is not None


def test_two_spellings_of_a_name_do_not_stop_a_build(closed: Company) -> None:
    found = corrected(closed, cost_centers=SPLIT)

    assert found == [("prices", Decimal("77.5"))]


def test_a_file_that_cannot_be_read_does_not_stop_a_build(
    closed: Company, caplog: pytest.LogCaptureFixture
) -> None:
    found = corrected(closed, budgets="center\nx\n")

    assert found == [("usage", Decimal("77.5"))]
    assert "budgets.csv, line 1: column cost_center is missing" in caplog.text


@pytest.mark.parametrize(
    ("then", "today"),
    [
        ("automation", "automation"),
        ("automation", "automation_id"),
        ("owner", "owner_id"),
    ],
)
def test_a_month_of_an_earlier_version_is_matched_by_ids_as_it_was(
    closed: Company, then: str, today: str
) -> None:
    """No allocation is corrected, whether ids are still in a column of names or not."""
    owners = {"a1": "o1", "a2": "o2"}
    listed = [
        {"automation_id": name, "name": f"Job {name}", "owner_id": owner}
        for name, owner in owners.items()
    ]
    users = [{"user_id": owner, "name": f"User {owner}"} for owner in owners.values()]
    lake = Lake(closed.path / "data/lake")
    keep(lake, AUTOMATIONS.table, FEBRUARY, listed)
    keep(lake, USERS.table, FEBRUARY, users)
    one, two = owners.values() if then == "owner" else owners
    rules = f"priority,cost_center,{{}}\n10,Finance,{one}\n10,Sales,{two}\n"
    closed.write("rules", rules.format(today))

    found = corrected(closed, cost_centers=rules.format(then))

    assert found == [("prices", Decimal("77.5"))]
