"""The examples of docs/finance-files.md are what the models make of them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tools.documented import held_by_the_docs, row_of
from tools.model_tables import empty_tables, models
from worlds.closing import FEBRUARY, JANUARY, MARCH, Company

pytestmark = pytest.mark.slow

MODELS = models()

RATES = (
    "meter,unit_price,currency,valid_from,valid_to,tier_from,included,policy\n"
    "runs,0.5,EUR,2026-01-01,2026-01-31,,,\n"
    "runs,0.5,EUR,2026-02-01,,,1,pro_rata\n"
)
RULES = (
    "priority,cost_center,automation_id\n10,Finance,a1\n10,Sales,a3\n10,Ops,a4\n"
    "10,Idle,never\n"
)
FIXED = (
    "item,amount,currency,valid_from,valid_to,split,meter,shares,tenant\n"
    "Even,100,EUR,2026-01,2026-01,even,,,\n"
    "Proportional,100,EUR,2026-01,2026-01,proportional,runs,,\n"
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """January of Finance and nobody, February of three that had a run each."""
    made = Company(tmp_path_factory.mktemp("rules"))
    budgets = "cost_center,month,amount\nIdle,2026-02,50\n"
    made.start(JANUARY, rates=RATES, rules=RULES, fixed=FIXED, budgets=budgets)
    made.use(JANUARY, {"a1": 60, "a2": 40})
    made.use(FEBRUARY, {"a1": 1, "a3": 1, "a4": 1})
    made.build(str(MARCH))
    return made


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_tables(tmp_path) as connection:
        yield connection


@pytest.mark.parametrize("known", [(30, 90), (None, None), (None, 90)])
def test_a_shared_day_is_divided_by_runs_and_by_seconds(
    tables: duckdb.DuckDBPyConnection, known: tuple[int | None, ...]
) -> None:
    day = date(2026, 1, 1)
    parts = [("anna", 3, known[0]), ("ben", 1, known[1])]
    for number, (owner, runs, seconds) in enumerate(parts, 1):
        tables.execute(
            "insert into int_usage_attributed by name select $1 as part_id,"
            " 'acme' as tenant, $2 as usage_date, 'a1' as automation_id,"
            " $3 as owner_id, '' as space_id, 2 as part_count, $4 as listed_runs,"
            " $5 as listed_seconds",
            [number, day, owner, runs, seconds],
        )
    metered = {"runs": 8, "duration_seconds": 100, "bandwidth_in_bytes": 1000}
    for measure, value in metered.items():
        tables.execute(
            "insert into stg_usage by name select 'acme' as tenant, $1 as usage_date,"
            " 'a1' as automation_id, $2 as measure, $3 as measured",
            [day, measure, value],
        )

    made = {
        (part, measure): value
        for part, measure, value in tables.execute(
            f"select part_id, measure, measured from ({MODELS['_usage_divided'].sql})"
        ).fetchall()
    }

    rows = [
        row_of(
            owner.capitalize() + ("" if seconds else ", no seconds known"),
            runs,
            seconds or "",
            *(made[number, measure] for measure in metered),
        )
        for number, (owner, runs, seconds) in enumerate(parts, 1)
    ]
    assert held_by_the_docs(rows), rows


def test_even_passes_over_unallocated_and_proportional_does_not(
    company: Company,
) -> None:
    shares = {
        (name, item): amount
        for name, item, amount in company.ask(
            "select cost_center, item, amount from charges where kind = 'fixed'"
        )
    }

    assert shares.keys() == {
        ("Finance", "Even"),
        ("Finance", "Proportional"),
        ("Unallocated", "Proportional"),
    }
    cells = {key: f"{amount:.2f}" for key, amount in shares.items()}
    rows = [
        row_of(name, cells.get((name, "Even"), ""), cells[name, "Proportional"])
        for name in ("Finance", "Unallocated")
    ]
    assert held_by_the_docs(rows), rows


def test_allowances_are_divided_in_ten_thousandths(company: Company) -> None:
    lines = company.ask(
        "select cost_center, quantity, included_quantity, billable_quantity, amount"
        " from statement_lines where month = date '2026-02-01' and kind = 'usage'"
        " order by cost_center"
    )

    rows = [
        row_of(
            name, *(f"{number.normalize():f}" for number in numbers), f"{amount:.2f}"
        )
        for name, *numbers, amount in lines
    ]
    assert held_by_the_docs(rows), rows
    assert sum((line[2] for line in lines), Decimal(0)) == 1


def test_a_budget_alone_makes_a_statement_of_nothing(company: Company) -> None:
    (idle,) = company.ask(
        "select amount, budget, budget_remaining from statement"
        " where cost_center = 'Idle' and month = date '2026-02-01'"
    )

    row = row_of("Idle", *(f"{amount:.2f}" for amount in idle))
    assert held_by_the_docs([row]), row
