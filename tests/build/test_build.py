"""What a build tells the models besides the finance files, and what of old lakes."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline import build, warehouse
from pipeline.build.variables import VARIABLES
from pipeline.config import Charge, Report
from pipeline.endpoints import RUNS
from pipeline.finance import FinanceFiles
from pipeline.lake import Lake
from worlds.lake import put
from worlds.runs import run_of

AS_OF = date(2026, 11, 1)


def variables(folder: Path, currency: str, **options: Any) -> dict[str, Any]:
    """Name → value and type of each variable, after a build of nothing."""
    names = (*VARIABLES,)
    asked = ", ".join(f"getvariable('{n}'), typeof(getvariable('{n}'))" for n in names)
    with warehouse.replacing(folder / "warehouse.duckdb") as connection:
        build.build(
            connection, run_of(folder, AS_OF, **options), FinanceFiles(currency)
        )
        row = connection.execute(f"select {asked}").fetchone()
    assert row is not None
    return dict(zip(names, zip(row[::2], row[1::2], strict=True), strict=True))


def test_variables_have_values_and_types_also_where_nothing_is_set(
    tmp_path: Path,
) -> None:
    assert variables(tmp_path, "EUR") == {
        "as_of": (AS_OF, "DATE"),
        "first_day": (None, "DATE"),
        "first_days": ({}, "MAP(VARCHAR, DATE)"),
        "renamed": ({}, "MAP(VARCHAR, VARCHAR)"),
        "first_names": ({}, "MAP(VARCHAR, VARCHAR)"),
        "closed_unlisted": (
            {},
            "MAP(VARCHAR, STRUCT(listed_until DATE, next_month DATE)[])",
        ),
        "tenants": ([], "VARCHAR[]"),
        "display_currency": (None, "VARCHAR"),
        "display_digits": (None, "BIGINT"),
        "currency": ("EUR", "VARCHAR"),
        "priced_currency": (None, "VARCHAR"),
        "micros_per_minor": (10_000, "BIGINT"),
        "tolerance_millionths": (5_000, "BIGINT"),
        "anomaly_floor": (None, "DECIMAL(30,3)"),
        "priced_month": (None, "DATE"),
        "priced_days": (None, "DATE[]"),
        "running_month": (None, "DATE"),
        "owners_shown": ("names", "VARCHAR"),
        "lost_days": ([], 'STRUCT(tenant VARCHAR, "source" VARCHAR, "day" DATE)[]'),
        "holidays": ([], "DATE[]"),
    }


def test_what_is_configured_is_what_models_are_told(tmp_path: Path) -> None:
    charge = Charge(tolerance=Decimal("0.0001"), anomaly_floor=Decimal("0.125"))
    report = Report(holidays="DE")

    told = variables(tmp_path, "KWD", tenants=("b", "a"), charge=charge, report=report)

    values = {name: value for name, (value, _) in told.items()}
    assert values["tenants"] == ["a", "b"]
    assert values["currency"] == "KWD"
    assert values["tolerance_millionths"] == 1
    assert values["anomaly_floor"] == Decimal("0.125")
    # Of the next month, too.
    assert {date(2026, 5, 1), date(2026, 12, 25)} <= set(values["holidays"])


@pytest.mark.parametrize(("currency", "micros"), [("JPY", 1_000_000), ("KWD", 1_000)])
def test_a_minor_unit_is_the_currencys(
    tmp_path: Path, currency: str, micros: int
) -> None:
    assert variables(tmp_path, currency)["micros_per_minor"] == (micros, "BIGINT")


@pytest.mark.parametrize("others", [0, 1])
def test_a_lake_of_an_older_version_is_built_with_unknown_errors(
    tmp_path: Path, others: int
) -> None:
    """Whether all files are older than the column, or just some."""
    lake = Lake(tmp_path / "lake")
    for day in range(1, 2 + others):
        run = {"run_id": f"r{day}", "automation_id": "a", "status": "failed"}
        run |= {"space_id": "", "error": "Forbidden"}
        put(lake, RUNS.table, date(2026, 10, day), [run])
    path = next((tmp_path / "lake").rglob("date=2026-10-01/*.parquet"))
    pl.read_parquet(path, hive_partitioning=False).drop("error").write_parquet(path)

    with warehouse.replacing(tmp_path / "warehouse.duckdb") as connection:
        build.build(connection, run_of(tmp_path, AS_OF), FinanceFiles("EUR"))
        made = connection.execute("select run_id, error from runs order by all")
        told = made.fetchall()

    assert told == [("r1", None), ("r2", "Forbidden")][: 1 + others]
