"""What is unusual is so with an allowance as without one: the usage is the same."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline import build, warehouse
from pipeline.config import Charge
from pipeline.endpoints import AUTOMATIONS, USAGE
from pipeline.finance import FinanceFiles, Rate, Rule
from pipeline.lake import Lake
from worlds.lake import keep, put
from worlds.runs import run_of

FIRST, SPIKE = date(2026, 9, 1), date(2026, 11, 3)
RULES = (Rule(line=2, priority=1, cost_center="F", valid_from=FIRST),)


def anomalies(folder: Path, included: int | None) -> list[tuple[Any, ...]]:
    rate = Rate(
        line=2,
        meter="runs",
        unit_price=Decimal(2),
        currency="EUR",
        valid_from=FIRST,
        included=None if included is None else Decimal(included),
        policy=None if included is None else "pro_rata",
    )
    run = run_of(folder, SPIKE + timedelta(days=1), charge=Charge())
    with warehouse.replacing(folder / "warehouse.duckdb") as connection:
        files = FinanceFiles("EUR", (rate,), RULES)
        build.build(connection, run, files, only=["anomalies"])
        return connection.execute(
            "select dimension, entity_id, kind, first_date, amount, expected_amount,"
            " excess_amount from anomalies order by all"
        ).fetchall()


def test_an_allowance_hides_no_spike_and_makes_none(tmp_path: Path) -> None:
    """Each Tuesday ten runs, at last thirty, and a newcomer with thirty more.

    Of 25 included runs each month uses all; of 70 none does, and nothing costs.
    """
    lake = Lake(tmp_path / "lake")
    for week in range(10):
        day = FIRST + timedelta(weeks=week)
        used = {"old": 30, "new": 30} if day == SPIKE else {"old": 10}
        named = [{"automation_id": one, "name": one, "owner_id": one} for one in used]
        put(lake, AUTOMATIONS.table, day, named)
        keep(
            lake,
            USAGE.table,
            day,
            [
                {"automation_id": one, "metric": "runs", "value": runs}
                for one, runs in used.items()
            ],
        )

    without = anomalies(tmp_path, None)

    assert without == [
        ("automation", "new", "new", SPIKE, 60, 0, 60),
        ("automation", "old", "spike", SPIKE, 60, 20, 40),
        ("cost_center", "F", "spike", SPIKE, 120, 20, 100),
        ("owner", "new", "new", SPIKE, 60, 0, 60),
        ("owner", "old", "spike", SPIKE, 60, 20, 40),
    ]
    for included in (25, 70):
        assert anomalies(tmp_path, included) == without
