"""The lake and the finance files of the golden year, which were worked out by hand.

`tests/build/golden_year/` has them: what four automations used on a day of each month,
and what finance charges for it.
"""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.config import Charge
from pipeline.endpoints import AUTOMATIONS, RUNS, SPACES, USAGE
from pipeline.lake import Lake
from worlds.lake import put

YEAR = Path(__file__).parents[1] / "build" / "golden_year"
AS_OF = date(2027, 1, 2)
FILES = Charge(
    rate_card=YEAR / "rates.csv",
    cost_centers=YEAR / "cost_centers.csv",
    fixed_costs=YEAR / "fixed_costs.csv",
)

_OWNERS = {"a1": "o1", "a2": "o2", "a3": "o3", "a4": "o4"}
_SPACES_OF = {"a1": "s1", "a2": "s2", "a3": "s3", "a4": ""}


def rows_of(name: str) -> list[dict[str, str]]:
    with (YEAR / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill(lake: Lake) -> None:
    """Put what was used into *lake*, as runs and as usage."""
    by_day = defaultdict(list)
    for row in rows_of("usage.csv"):
        by_day[date.fromisoformat(row["date"])].append(row)
    for day, rows in by_day.items():
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        put(lake, RUNS.table, day, [run for row in rows for run in _runs_of(row, noon)])
        metered = [
            {"automation_id": row["automation_id"], "metric": name, "value": int(value)}
            for row in rows
            for name, value in (
                ("runs", row["third_party_runs"]),
                ("duration", row["duration_seconds"]),
            )
        ]
        put(lake, USAGE.table, day, metered)
    names = {"s1": "Finance", "s2": "Sales", "s3": "Shared"}
    spaces = [{"space_id": one, "name": name} for one, name in names.items()]
    put(lake, SPACES.table, AS_OF, spaces)
    automations = [
        {"automation_id": one, "owner_id": _OWNERS[one], "space_id": _SPACES_OF[one]}
        for one in _OWNERS
    ]
    put(lake, AUTOMATIONS.table, AS_OF, automations)


def _runs_of(row: dict[str, str], day: datetime) -> list[dict[str, Any]]:
    """As many third-party runs as the row says, the first as long as all of them."""
    ends = day + timedelta(seconds=int(row["duration_seconds"]))
    automation = row["automation_id"]
    return [
        {
            "run_id": f"{automation}-{day:%Y%m}-{number}",
            "automation_id": automation,
            "owner_id": _OWNERS[automation],
            "space_id": _SPACES_OF[automation],
            "status": "finished",
            "billable": True,
            "created_at": day,
            "started_at": day,
            "stopped_at": day if number else ends,
            "updated_at": day,
        }
        for number in range(int(row["third_party_runs"]))
    ]
