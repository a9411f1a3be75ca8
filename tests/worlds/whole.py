"""Two tenants' autumn in which every model has rows: each source, split and policy.

August was closed; then usage came in late, and prices, rules and fixed costs changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipeline import build, finance, seeds, warehouse
from pipeline.closing import archive
from pipeline.config import Charge
from pipeline.endpoints import AUTOMATIONS, CONNECTORS, RUNS, SPACES, USAGE, USERS
from pipeline.endpoints.licence import CONSUMPTION, LICENCE
from pipeline.endpoints.run_metrics import RUN_CONNECTORS, RUN_METRICS
from pipeline.lake import Lake, Table
from tools.commands import call
from worlds.lake import cover, put
from worlds.runs import run_of

AS_OF = date(2026, 11, 12)
FIRST_DAY = date(2026, 8, 1)
TENANTS = {"acme": 6, "beta": 2}  # and how many automations they have

_DAY = timedelta(days=1)
_SPIKE = date(2026, 11, 5)
_FILES = {
    "rate_card": """\
meter,unit_price,currency,valid_from,valid_to,tier_from,included,policy
runs,0.02,EUR,2026-01-01,2026-09-30,0,100,pro_rata
runs,0.015,EUR,2026-01-01,2026-09-30,400,,
runs,0.025,EUR,2026-10-01,,0,,
third_party_runs,0.1,EUR,2026-01-01,,0,20,first_come
duration_hours,1.2,EUR,2026-01-01,,0,5,by_entitlement
bandwidth_gb,0.08,EUR,2026-01-01,,0,,
""",
    "cost_centers": """\
priority,cost_center,tenant,space,owner_email,automation_id,valid_from,valid_to,percent
10,CC-A,,,,a0,,,60
10,CC-B,,,,a0,,,40
20,CC-B,,Finance,,,,,
20,CC-C,,,user0@acme.example,,,,
20,CC-A,beta,,user0@acme.example,,,,
30,CC-C,,,user1@acme.example,,,,
""",
    "budgets": """\
cost_center,month,amount
CC-A,2026-10,200
CC-B,2026-10,100
CC-A,2026-11,150
""",
    "fixed_costs": """\
item,amount,currency,valid_from,valid_to,split,meter,shares,tenant
Licence fee,310,EUR,2026-08,,even,,,
Support,100,EUR,2026-08,,proportional,runs,,
Goodwill,-7,EUR,2026-10,2026-10,percent,,CC-A=100,acme
Invoice,90,EUR,2026-10,,budget,,,
""",
    "entitlements": """\
meter,cost_center,percent,valid_from,valid_to
duration_hours,CC-A,50,2026-01,
duration_hours,CC-B,10,2026-01,
""",
    "values": """\
valid_from,valid_to,space,automation_id,minutes_per_run,hourly_rate,amount_per_run
2026-08-10,2026-10-15,,a0,7.5,40,
2026-10-16,,,a0,,,0.333333
2026-09-01,,Finance,,2,40,
""",
    "exchange_rates": """\
currency,valid_from,rate
USD,2026-08-20,1.0845
USD,2026-10-15,1.0912
""",
}
_DISPLAY = "USD"


@contextmanager
def whole_tables(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a build in *folder*, also those that no reader sees."""
    lake = Lake(folder / "lake")
    _fill(lake)
    charge = _configure(folder)
    _close_august(folder)
    _change(folder, lake)
    with warehouse.replacing(folder / "warehouse.duckdb") as connection:
        run = run_of(
            folder, AS_OF, tenants=tuple(TENANTS), first_day=FIRST_DAY, charge=charge
        )
        build.build(
            connection, run, finance.read(run.settings), archive.load(folder / "closed")
        )
        yield connection


def _configure(folder: Path) -> Charge:
    files = {name: folder / f"{name}.csv" for name in _FILES}
    for name, path in files.items():
        path.write_text(_FILES[name], encoding="utf-8")
    tenants = "".join(
        f'[[tenant]]\nname = "{name}"\nurl = "http://127.0.0.1:{port}"\n'
        'api_key = "env:WHOLE_KEY"\n'
        for port, name in enumerate(TENANTS, 1)
    )
    charge = "".join(f'{name} = "{path.name}"\n' for name, path in files.items())
    (folder / "chargeback.toml").write_text(
        f'data_dir = "."\nfirst_day = {FIRST_DAY}\n{tenants}[charge]\n{charge}'
        f'display_currency = "{_DISPLAY}"\n'
    )
    return Charge(
        files["rate_card"],
        files["cost_centers"],
        files["budgets"],
        fixed_costs=files["fixed_costs"],
        entitlements=files["entitlements"],
        values=files["values"],
        exchange_rates=files["exchange_rates"],
        display_currency=_DISPLAY,
    )


def _close_august(folder: Path) -> None:
    command = ["close", "2026-08", "--as-of", str(AS_OF), "--quiet"]
    done = call(*command, folder=folder, env={"WHOLE_KEY": "a key"})
    assert done.returncode == 0, done.stderr


def _change(folder: Path, lake: Lake) -> None:
    """What makes August cost something else today, by each cause."""
    late = {"automation_id": "a2", "metric": "runs", "value": 40, "owner_id": "u2"}
    put(lake, USAGE.table, date(2026, 8, 9), [late])
    for name, old, new in (
        ("rate_card", "runs,0.02,", "runs,0.021,"),
        ("cost_centers", "a0,,,60\n10,CC-B,,,,a0,,,40", "a0,,,70\n10,CC-B,,,,a0,,,30"),
        ("fixed_costs", "Support,100,", "Support,120,"),
    ):
        path = folder / f"{name}.csv"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(old, new), encoding="utf-8")


def _fill(lake: Lake) -> None:
    for tenant, count in TENANTS.items():
        for day in (FIRST_DAY + n * _DAY for n in range((AS_OF - FIRST_DAY).days)):
            runs = [run for n in range(count) for run in _runs(n, day)]
            put(lake, RUNS.table, day, runs, tenant)
            put(lake, RUN_METRICS, day, [_metrics(one) for one in runs], tenant)
            put(lake, RUN_CONNECTORS, day, [_connector(one) for one in runs], tenant)
            usage = [row for n in range(count) for row in _usage(n, day, runs)]
            put(lake, USAGE.table, day, usage, tenant)
            for table in (USAGE.table, RUNS.table, RUN_METRICS):
                cover(lake, table, day, tenant)
        for day in (FIRST_DAY, date(2026, 10, 1), AS_OF - _DAY):
            _snapshot(lake, tenant, day, count)


def _is_active(number: int, day: date) -> bool:
    """The fifth automation is deleted in September, the sixth is of October."""
    if number == 4:
        return day < date(2026, 9, 15)
    return number != 5 or day >= date(2026, 10, 20)


def _runs(number: int, day: date) -> Iterator[dict[str, Any]]:
    """Of the second automation, every other run is of another owner and space."""
    if number == 3 or not _is_active(number, day):
        return  # what the fourth one ran is never listed
    for run in range(2 + (day.toordinal() * (number + 2)) % 3):
        start = datetime.combine(day, time(6 + run, 7 * number), UTC)
        place = number + (run % 2 if number == 1 else 0)
        serial = day.toordinal() + number + run
        yield {
            "run_id": f"run-{number}-{day}-{run}",
            "automation_id": f"a{number}",
            "space_id": ("s0", "s1", "")[place % 3],
            "owner_id": f"u{place % 3}",
            "executed_by_id": f"u{run % 3}",
            "status": _status(serial),
            "error": "Forbidden" if serial % 7 == 0 else None,
            "context": "scheduler" if run else "editor",
            "is_test": False,
            "billable": None if number == 2 else serial % 2 == 0,
            # Those of the first day of a month wait since the month before.
            "created_at": start - timedelta(hours=20 * (day.day == 1), seconds=run),
            "started_at": start,
            "stopped_at": start + timedelta(seconds=301 * (number + 1) + 7 * run),
            "updated_at": start + timedelta(hours=1),
        }


def _status(serial: int) -> str:
    if serial % 23 == 0:
        return "exceeded limit"
    return "failed" if serial % 7 == 0 else "finished"


def _metrics(run: dict[str, Any]) -> dict[str, Any]:
    size = len(run["run_id"]) + run["started_at"].day
    return {
        "run_id": run["run_id"],
        "automation_id": run["automation_id"],
        "bandwidth_in_bytes": 1_000_003 * size,
        "bandwidth_out_bytes": 1_003 * size,
        "api_calls": 3 + size % 5,
        "source": "run",
    }


def _connector(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "run_id": run["run_id"],
        "automation_id": run["automation_id"],
        "connector_id": f"c{int(run['automation_id'][1:]) % 2}",
        "received_bytes": 900_001,
        "sent_bytes": 907,
        "api_calls": 2,
    }


def _usage(
    number: int, day: date, runs: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """What its runs add up to; on the third day of a month a run more than is listed.

    On the fifth day of a month, the third automation has no metered row.
    """
    own = [run for run in runs if run["automation_id"] == f"a{number}"]
    if not _is_active(number, day) or (number == 2 and day.day == 5):
        return
    seconds = sum((run["stopped_at"] - run["started_at"]).seconds for run in own)
    count = len(own) + (2 if number == 3 else day.day == 3)
    values = {
        "runs": count,
        "scheduledRuns": count - 1,
        "triggeredRuns": 1,
        "webhookRuns": day.day % 2,
        "duration": (seconds + 1) * (60 if day == _SPIKE and not number else 1),
        "bandwidthIn": 310_000_007 * (number + 1),
        "bandwidthOut": 12_345_678,
    }
    others = {one.metric: 1 + day.day % 3 for one in seeds.measures() if one.metric}
    for metric, value in (others | values).items():
        yield {
            "automation_id": f"a{number}",
            "metric": metric,
            "value": value,
            "automation_name": f"Job {number}",
            "owner_id": f"u{number % 3}",
        }


def _snapshot(lake: Lake, tenant: str, day: date, count: int) -> None:
    month = datetime.combine(day.replace(day=1), time(), UTC)
    listings: list[tuple[Table, list[dict[str, Any]]]] = [
        (
            USERS.table,
            [
                {
                    "user_id": f"u{n}",
                    "name": f"User {n}",
                    "email": f"user{n}@acme.example",
                    "status": "disabled" if n == 2 else "active",
                }
                for n in range(3)
            ],
        ),
        (
            SPACES.table,
            [
                {"space_id": f"s{n}", "name": name, "type": "shared"}
                for n, name in enumerate(("Finance", "Operations"))
            ],
        ),
        (
            AUTOMATIONS.table,
            [
                {
                    "automation_id": f"a{n}",
                    "name": f"Job {n}" if day == FIRST_DAY else f"Job {n} renamed",
                    "owner_id": f"u{n % 3}",
                    "space_id": ("s0", "s1", "")[n % 3],
                    "state": "available",
                    "run_mode": "scheduled",
                }
                for n in range(count)
                if _is_active(n, day)
            ],
        ),
        (
            CONNECTORS.table,
            [
                {"connector_id": f"c{n}", "name": f"Connector {n}", "billable": n == 1}
                for n in range(2)
            ],
        ),
        (
            LICENCE.table,
            [
                {
                    "parameter": "3rdPartyAutomationRuns",
                    "quantity": 900,
                    "period_type": "month",
                    "is_unlimited": False,
                }
            ],
        ),
        (
            CONSUMPTION.table,
            [
                {
                    "resource_action": action,
                    "period_type": "month",
                    "period_start": month,
                    "tenant_usage": 300,
                    "licence_usage": 600,
                    "capacity_limit": 900,
                    "is_overage": False,
                }
                for action in ("executed", "3rd_party_executed")
            ],
        ),
    ]
    for table, listed in listings:
        put(lake, table, day, listed, tenant)
        cover(lake, table, day, tenant)
