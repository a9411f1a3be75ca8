"""What a statement says of runs without a result, of rounding, and of what is to come:
each a part of what is charged, and nothing where it is not known."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline import report, warehouse
from pipeline.formats.quantities import to_decimals
from pipeline.report import marts
from pipeline.report.lost import lost, lost_of
from pipeline.report.rounding import rounding_of
from tools.report_pages import render, text_of
from worlds.report import make_warehouse

CHARGED = (
    "tenant varchar, month date, cost_center varchar, automation_id varchar,"
    " owner_id varchar, space_id varchar, kind varchar, meter varchar,"
    " amount decimal(30, 3), base_quantity decimal(38, 4)"
)
RAN = (
    "tenant varchar, date date, automation_id varchar, owner_id varchar,"
    " space_id varchar, status varchar, billable boolean, duration_seconds bigint"
)
STATEMENT = {"currency": "EUR"}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("world"))


def found(charges: list[tuple[Any, ...]], runs: list[tuple[Any, ...]]) -> Any:
    """Cost centre, runs and amount of what *runs* cost of *charges*."""
    with duckdb.connect() as connection:
        connection.execute(f"create table charges ({CHARGED})")
        connection.execute(f"create table runs ({RAN})")
        connection.execute(
            "create table report_months as select date '2026-10-01' as month,"
            " date '2026-10-07' as last_covered_date"
        )
        for center, meter, amount, quantity in charges:
            connection.execute(
                "insert into charges values ('acme', '2026-10-01', $1, 'a1', 'o1',"
                " 's1', 'usage', $2, $3, $4)",
                [center, meter, amount, quantity],
            )
        for status, billable, seconds, *day in runs:
            connection.execute(
                "insert into runs values ('acme', $4, 'a1', 'o1', 's1', $1, $2, $3)",
                [status, billable, seconds, day[0] if day else "2026-10-07"],
            )
        rows = lost(connection)
    return sorted((row["cost_center"], row["runs"], row["amount"]) for row in rows)


def test_who_shares_an_automation_shares_what_its_failures_cost() -> None:
    charges = [
        ("Sales", "duration_hours", 6, 240),
        ("Finance", "duration_hours", 4, 160),
        ("Sales", "third_party_runs", 1, 2),
        ("Sales", "bandwidth_gb", 9, 1000),
    ]
    runs = [("failed", True, 60), ("exceeded limit", None, 40), ("finished", True, 300)]

    # A quarter of the seconds, half of the third-party runs; of its bytes nobody knows.
    assert found(charges, runs) == [("Finance", 2, 1), ("Sales", 2, 2)]


def test_a_day_that_is_not_charged_yet_has_no_part() -> None:
    late = [("failed", True, 60, "2026-10-08")]

    assert found([("Sales", "duration_hours", 6, 240)], late) == []


def test_it_is_never_more_than_is_charged() -> None:
    charges = [("Sales", "duration_hours", 6, 240)]

    assert found(charges, [("failed", None, 900)]) == [("Sales", 1, 6)]


@pytest.mark.parametrize(
    "runs",
    [[], [("finished", True, 60)], [("stopped", True, 60)], [("failed", 0, None)]],
)
def test_nothing_is_said_where_nothing_is_known(runs: list[tuple[Any, ...]]) -> None:
    assert found([("Sales", "duration_hours", 6, 240)], runs) == []
    assert lost_of(STATEMENT, [], []) is None


def test_less_than_a_cent_is_nothing() -> None:
    rows = [{"automation_id": "a1", "runs": 1, "amount": Decimal("0.004")}]

    assert lost_of(STATEMENT, rows, []) is None


def test_of_each_statement_it_is_a_part(database: Path, tmp_path: Path) -> None:
    """Of each automation at most what it is charged; the page has the sum."""
    shown = marts.read(database)
    charged = {
        (row["month"], row["cost_center"], row["entity_id"]): row["amount"]
        for row in marts.of(shown["details"], dimension="automation")
    }
    pages = render(database, tmp_path / "pages")

    rows = shown["lost"]

    assert len({row["cost_center"] for row in rows}) > 1
    for row in rows:
        key = row["month"], row["cost_center"], row["automation_id"]
        assert 0 < row["amount"] <= charged[key]
    for statement in shown["statements"]:
        own = [row for row in rows if report.statement_page(row) == _page(statement)]
        amount = to_decimals(sum((row["amount"] for row in own), Decimal(0)), 2)
        text = text_of(pages / _page(statement))
        assert (f"€{amount} of the amount went to" in text) == (amount > 0)


def test_all_statements_have_what_savings_has(database: Path) -> None:
    shown = marts.read(database)
    (latest,) = marts.of(shown["months"], is_latest=True)
    of_statements = sum(
        row["amount"] for row in marts.of(shown["lost"], month=latest["month"])
    )
    of_kinds = {
        row["kind"]: row["kind_amount"]
        for row in shown["savings"]
        if row["kind"] in {"failed runs", "time limit"}
    }

    assert of_statements > 0
    # Each kind is rounded to a cent.
    assert abs(of_statements - sum(of_kinds.values())) <= Decimal("0.01")


def test_rounding_of_statements_is_that_of_the_tie_out(database: Path) -> None:
    shown = marts.read(database)
    for (tenant, month), lines in marts.by(shown["lines"], "tenant", "month").items():
        rounding = rounding_of(lines)
        tied = marts.of(shown["tie_out"], tenant=tenant, month=month)
        whole = sum((row["rounding_difference"] for row in tied), Decimal(0))
        assert rounding
        assert rounding["amount"] == to_decimals(whole, 4)
        assert sum(part for _, part in rounding["parts"]) == rounding["amount"]


def test_a_running_month_says_what_it_will_come_to(
    database: Path, tmp_path: Path
) -> None:
    pages = render(database, tmp_path / "pages")
    with warehouse.read(database) as connection:
        rows = warehouse.rows(
            connection.execute(
                "select * from forecast_levels where tenant != '' and cost_center != ''"
            )
        )

    assert rows
    for row in rows:
        text = text_of(pages / _page(row))
        assert f"€{row['forecast_amount']:.2f} expected by the end of the month" in text
    ended = text_of(next(pages.glob("statement-2026-10-cc-100*")))
    assert "expected by the end of the month" not in ended


def _page(row: warehouse.Row) -> str:
    return report.statement_page(row)
