"""A month by each way to share an allowance: worked out by hand, and nothing kept."""

import logging
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline import build, warehouse
from pipeline.endpoints import AUTOMATIONS, RUNS, USAGE
from pipeline.errors import ConfigError
from pipeline.finance import POLICIES, Entitlement, FinanceFiles, Rate, Rule
from pipeline.lake import Lake, Table
from worlds.lake import put
from worlds.runs import run_of

OCTOBER = date(2026, 10, 1)
AS_OF = date(2026, 11, 1)

CARD = (
    Rate(
        line=2,
        meter="runs",
        unit_price=Decimal(2),
        currency="EUR",
        valid_from=OCTOBER,
        included=Decimal(10),
        policy="first_come",
    ),
)
RULES = tuple(
    Rule(line=line, priority=1, cost_center=name, automation=f"Job {name}")
    for line, name in enumerate("FG", 2)
)
ENTITLED = Entitlement(
    line=2, meter="runs", cost_center="G", percent=Decimal(100), valid_from=OCTOBER
)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Ten runs of F on the first day of October, ten of G on the second."""
    place = Lake(tmp_path / "lake")
    for number, name in enumerate("FG", 1):
        day = date(2026, 10, number)
        began = datetime.combine(day, time(9), UTC)
        runs = [
            {
                "run_id": f"{name}{n}",
                "automation_id": name,
                "owner_id": "o1",
                "space_id": "",
                "status": "finished",
                "created_at": began,
                "started_at": began,
                "stopped_at": began,
                "updated_at": began,
            }
            for n in range(10)
        ]
        rows: list[tuple[Table, list[dict[str, Any]]]] = [
            (RUNS.table, runs),
            (USAGE.table, [{"automation_id": name, "metric": "runs", "value": 10}]),
            (AUTOMATIONS.table, [{"automation_id": name, "name": f"Job {name}"}]),
        ]
        for table, found in rows:
            put(place, table, day, found)
    return tmp_path / "lake"


def simulated(
    lake: Path, files: FinanceFiles, month: date = OCTOBER
) -> list[dict[str, Any]]:
    path = lake.parent / "simulated.duckdb"
    with warehouse.replacing(path) as connection:
        cursor = build.simulate(connection, run_of(lake.parent, AS_OF), files, month)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_each_policy_gives_the_same_allowance_to_others(lake: Path) -> None:
    rows = simulated(lake, FinanceFiles("EUR", CARD, RULES, entitlements=(ENTITLED,)))

    shown = {
        (row["cost_center"], policy): (
            row[f"{policy}_included"],
            row[f"{policy}_amount"],
        )
        for row in rows
        for policy in POLICIES
    }
    assert [row["used"] for row in rows] == [10, 10, 20]
    assert shown == {
        ("F", "pro_rata"): (5, 10),
        ("G", "pro_rata"): (5, 10),
        ("Total", "pro_rata"): (10, 20),
        ("F", "first_come"): (10, 0),
        ("G", "first_come"): (0, 20),
        ("Total", "first_come"): (10, 20),
        ("F", "by_entitlement"): (0, 20),
        ("G", "by_entitlement"): (10, 0),
        ("Total", "by_entitlement"): (10, 20),
    }


def test_without_entitlements_that_policy_says_so(
    lake: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        rows = simulated(lake, FinanceFiles("EUR", CARD, RULES))

    assert "nobody is entitled to a part of runs in 2026-10" in caplog.text
    assert [row["by_entitlement_amount"] for row in rows] == [10, 10, 20]


@pytest.mark.parametrize(
    ("month", "said"),
    [
        (date(2026, 9, 1), "2026-09: nothing is included in this month\n"),
        (AS_OF, "2026-11: nothing was used of what is included in it"),
    ],
)
def test_a_month_with_nothing_to_share_is_refused(
    lake: Path, month: date, said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        simulated(lake, FinanceFiles("EUR", CARD, RULES), month)

    assert caught.value.exit_code == 2
