"""A small tenant's autumn, as a lake and finance files: what the pages are shown."""

import os
import shutil
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline import build, finance, warehouse
from pipeline.build import checks, run_history
from pipeline.config import Charge
from pipeline.endpoints import AUTOMATIONS, CONNECTORS, RUNS, SPACES, USAGE, USERS
from pipeline.endpoints.run_metrics import RUN_CONNECTORS
from pipeline.lake import Lake
from worlds.lake import keep, new_folder, put
from worlds.runs import run_of

AS_OF = date(2026, 11, 24)
FIRST_DAY = date(2026, 9, 14)

_UNREAD = date(2026, 11, 9)
_MOVED = date(2026, 10, 19)
_DAY = timedelta(days=1)
_ERRORS = (
    "401 unauthorized: the token of the data source has expired",
    "Maximum execution time of 14400 seconds exceeded",
    None,
)
_CONNECTORS = (("Qlik Cloud Services", False), ("Salesforce", True), (None, None))

RATES = """\
meter,unit_price,currency,valid_from,valid_to
third_party_runs,0.35,EUR,2026-01-01,2026-10-31
third_party_runs,0.375,EUR,2026-11-01,
duration_hours,1.2,EUR,2026-01-01,
bandwidth_gb,0.08125,EUR,2026-01-01,
"""
COST_CENTERS = """\
priority,cost_center,tenant,space,owner_email,automation
10,CC-100 Finance,,Finance,,
10,CC-200 Sales,,Sales*,,
20,CC-300 Operations,,,*@ops.example,
,CC-900 Research,,,,
"""
EXCHANGE_RATES = """\
currency,valid_from,rate
USD,2026-10-01,1.0845
USD,2026-11-10,1.0912
JPY,2026-09-01,160.255
"""
FIXED_COSTS = """\
item,amount,currency,valid_from,valid_to,split,meter,shares,tenant
Licence fee,60,EUR,2026-10,,even,,,
"""
BUDGETS = """\
cost_center,month,amount
CC-100 Finance,2026-10,400
CC-100 Finance,2026-11,300
CC-200 Sales,2026-10,250
CC-900 Research,2026-10,75
"""


@dataclass(frozen=True, slots=True)
class Names:
    """What people may have typed."""

    tenant: str = "acme"
    users: tuple[str | None, ...] = ("Anna Groß", "Mateo Ibáñez", "Priya Nair", None)
    spaces: tuple[str, ...] = ("Finance", "Sales Operations")
    automations: tuple[str, ...] = (
        "Reload open invoices",
        "Send board pack by mail",
        "Sync quotas with the CRM",
        "Archive contract renewals",
    )
    cost_center: str = ""


HOSTILE = Names(
    users=(
        "<script>alert(1)</script>",
        "{{7*7}} {% raw %}",
        '=HYPERLINK("http://example.com","x")',
        "\N{RIGHT-TO-LEFT OVERRIDE}evil \N{PILE OF POO}\nline two",
    ),
    spaces=("</script><img src=x onerror=alert(2)>", "a" * 10_000),
    automations=(
        "<b>bold</b> & <a href='javascript:alert(3)'>x</a>",
        "\N{RIGHT-TO-LEFT MARK}\N{HEBREW LETTER SHIN}",
        "",
        "--><!--",
    ),
    cost_center='<i>Sales</i> "& Söhne"',
)


@dataclass(frozen=True, slots=True)
class Autumn:
    """What there is of the autumn, and when it is looked at."""

    names: tuple[Names, ...] = (Names(),)
    has_usage: bool = True
    has_prices: bool = True
    has_snapshots: bool = True
    has_listed_runs: bool = True
    fixed_costs: str = FIXED_COSTS
    parents: str = ""
    as_of: date = AS_OF
    display_currency: str | None = None
    exchange_rates: str = EXCHANGE_RATES
    values: str | None = None


def make_warehouse(folder: Path, **sides: Any) -> Path:
    """A warehouse in *folder*: that of an `Autumn` with these *sides*."""
    path = folder / "warehouse.duckdb"
    path.write_bytes(_warehouse(Autumn(**sides)))
    return path


@cache
def _warehouse(autumn: Autumn) -> bytes:
    """The file that the models make of a lake of this *autumn*, once a process."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        if autumn.has_usage:
            tables = {"snapshots"} if autumn.has_snapshots else set()
            tables |= {"runs"} if autumn.has_listed_runs else set()
            lake = _lake(autumn.names, autumn.as_of, frozenset(tables))
            # A build reads it; whoever replaces a file of it leaves the other link.
            shutil.copytree(lake, folder / "lake", copy_function=os.link)
        card = finance.FinanceFiles("EUR")
        if autumn.has_prices:
            card = _card(folder, autumn)
        with warehouse.replacing(folder / "warehouse.duckdb") as connection:
            shown = Charge(display_currency=autumn.display_currency)
            run = run_of(folder, autumn.as_of, charge=shown)
            build.build(connection, run, card)
            checks.check(connection)
            run_history.keep(connection, run.settings)
        return (folder / "warehouse.duckdb").read_bytes()


@cache
def _lake(names: tuple[Names, ...], as_of: date, tables: frozenset[str]) -> Path:
    """The lake of worlds that differ by prices alone, which is half of their work."""
    lake = new_folder()
    for one in names:
        _fill(Lake(lake), one, as_of, tables)
    return lake


def _card(folder: Path, autumn: Autumn) -> finance.FinanceFiles:
    names = autumn.names[0]
    files = {
        "rates": RATES,
        "centers": COST_CENTERS.replace("\n", ",\n").replace(",\n", ",parent\n", 1),
        "budgets": BUDGETS,
        "fixed": autumn.fixed_costs,
        "exchange": autumn.exchange_rates,
    }
    for line in autumn.parents.splitlines():
        center, _, parent = line.partition(" <")
        files["centers"] += f",{center},,,,,{parent.strip()}\n"
    if names.cost_center:
        quoted = '"' + names.cost_center.replace('"', '""') + '"'
        files["centers"] += f"30,{quoted},,,*@acme.example,,\n"
        for name in ("centers", "budgets"):
            files[name] = files[name].replace("CC-100 Finance", quoted)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    rates, centers, budgets, fixed, exchange = (
        folder / f"{name}.csv" for name in files
    )
    charge = Charge(rates, centers, budgets, fixed_costs=fixed, exchange_rates=exchange)
    if autumn.values is not None:
        (folder / "values.csv").write_text(autumn.values, encoding="utf-8")
        charge = replace(charge, values=folder / "values.csv")
    # Names that are refused today may stand in files that were frozen before.
    read = finance.load_frozen if names.cost_center else finance.load
    return read(charge, "EUR")


def _fill(lake: Lake, names: Names, as_of: date, tables: Container[str]) -> None:
    count = (as_of - FIRST_DAY).days
    for day in (FIRST_DAY + n * _DAY for n in range(count)):
        if day == _UNREAD:
            continue
        runs = list(_runs(day))
        if "runs" in tables:
            keep(lake, RUNS.table, day, runs, names.tenant)
            used = [row for run in runs for row in _used(run)]
            put(lake, RUN_CONNECTORS, day, used, names.tenant)
        keep(lake, USAGE.table, day, list(_usage(day, runs, names)), names.tenant)
    if "snapshots" in tables:
        for day in (date(2026, 10, 1), _MOVED, as_of - _DAY):
            _snapshot(lake, names, day)


def _snapshot(lake: Lake, names: Names, day: date) -> None:
    tenant = names.tenant
    users = [
        {
            "user_id": _owner(n),
            "name": name,
            "email": f"user{n}@{'ops' if n > 1 else 'acme'}.example",
            "status": "active",
        }
        for n, name in enumerate(names.users)
    ]
    spaces = [
        {"space_id": _space(n), "name": name, "type": "shared"}
        for n, name in enumerate(names.spaces)
    ]
    automations = [
        {
            "automation_id": _automation(n),
            "name": _name(names, n),
            "owner_id": _owner(n % 5),
            "space_id": _space_of(n, day),
            "state": "available",
        }
        for n in range(56)
    ]
    keep(lake, USERS.table, day, users, tenant)
    keep(lake, SPACES.table, day, spaces, tenant)
    keep(lake, AUTOMATIONS.table, day, automations, tenant)
    connectors = [
        {"connector_id": _connector(n), "name": name, "billable": billable}
        for n, (name, billable) in enumerate(_CONNECTORS)
    ]
    keep(lake, CONNECTORS.table, day, connectors, tenant)


def _runs(day: date) -> Iterator[dict[str, Any]]:
    """Four busy automations on weekdays, and one of a long tail each day."""
    busy = [] if day.weekday() > 4 else range(4)
    for n in [*busy, 4 + day.toordinal() % 52]:
        for run in range(1 + (day.toordinal() * (n + 3)) % (9 - min(n, 4))):
            started = datetime.combine(day, time(6 + run, 5 * (n % 10)), UTC)
            number = day.toordinal() + n + run
            yield {
                "run_id": f"run-{n}-{day}-{run}",
                "automation_id": _automation(n),
                "space_id": _space_of(n, day),
                "owner_id": _owner(n % 5),
                "executed_by_id": _owner(n % 5),
                "status": "failed" if number % 11 == 0 else "finished",
                "error": _ERRORS[n % 3] if number % 11 == 0 else None,
                "context": "scheduler",
                "is_test": False,
                "billable": None if n == 7 else number % 3 != 0,
                "created_at": started,
                "started_at": started,
                "stopped_at": started + timedelta(seconds=200 * (n % 7) + 61 * run),
                "updated_at": started,
            }


def _used(run: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a run's blocks say of connectors: the busy ones use one or two each."""
    n = int(run["automation_id"][-4:])
    for number in {n % 2, n} & {0, 1, 2, 3}:
        yield {
            "run_id": run["run_id"],
            "automation_id": run["automation_id"],
            "connector_id": _connector(number),
            "received_bytes": 1_200_000 * (1 + n),
            "sent_bytes": 40_000,
            "api_calls": None if number == 3 else 2,
        }


def _usage(
    day: date, runs: list[dict[str, Any]], names: Names
) -> Iterator[dict[str, Any]]:
    """What the runs add up to; on the 3rd one run more, which no list shows."""
    for automation_id in sorted({run["automation_id"] for run in runs}):
        own = [run for run in runs if run["automation_id"] == automation_id]
        seconds = sum((r["stopped_at"] - r["started_at"]).seconds for r in own)
        count = len(own) + (day.day == 3)
        n = int(automation_id[-4:])
        metered = {
            "runs": count,
            "scheduledRuns": count,
            "duration": seconds,
            "bandwidthIn": 1_250_000_000 * len(own) + 1_000_003 * n,
            "bandwidthOut": 310_000_000 * len(own),
        }
        for metric, value in metered.items():
            yield {
                "automation_id": automation_id,
                "metric": metric,
                "value": value,
                "automation_name": _name(names, n)[:50],
                "owner_id": own[0]["owner_id"],
            }


def _name(names: Names, number: int) -> str:
    known = names.automations
    return known[number] if number < len(known) else f"Small job {number}"


def _automation(number: int) -> str:
    return f"6f0a5b1e-77c2-4d19-9a53-00000000{number:04}"


def _connector(number: int) -> str:
    return f"c35f4b70-3ce4-4a30-b62b-00000000{number:04}"


def _owner(number: int) -> str:
    return f"64f1c0de{number:016}"


def _space(number: int) -> str:
    return f"65a2b3c4{number:016}"


def _space_of(number: int, day: date) -> str:
    """The third automation moves; the fifth is in a space that nobody lists."""
    if number == 2:
        return _space(0) if day < _MOVED else _space(1)
    return (_space(0), _space(1), "", "", _space(9))[number % 5]
