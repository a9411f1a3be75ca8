"""A lake whose months DuckDB or Spark makes, and what a build makes of it.

As a program, Spark makes them on a server of Connect: its folder and its address.
"""

import logging
import sys
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pipeline import build, warehouse
from pipeline.config import Charge, Engine
from pipeline.endpoints import RUNS, USAGE
from pipeline.lake import Lake
from pipeline.sandbox import WORLD_START, SandboxServer, World
from pipeline.upkeep.compact import compact_table
from pipeline.warehouse import Model
from worlds.nights import HOUR, KEY, Nights, pace
from worlds.odd_records import put_odd_records
from worlds.runs import run_of

AS_OF = date(2025, 11, 8)
TENANTS = ("sandbox", "odd", "idle")
SHOWN = ("charges", "statement")
DUCKDB, SPARK = Engine(facts="duckdb"), Engine(facts="spark")


@dataclass
class Made:
    """What a build made: each table with its types and rows; its files of months."""

    tables: dict[str, tuple[Any, list[Any]]]
    files: set[str]


@cache
def models() -> dict[str, Model]:
    """The models that are made a tenant-month at a time: those of usage and runs.

    But for one that counts moments with lists, which Spark has no rule for.
    """
    return {
        one.name: one
        for one in build.models()
        if one.month_of
        and not one.by_month.of_all_tenants
        and one.name != "report_concurrency"
    }


def fill(folder: Path) -> None:
    """The lake of a sandbox and of odd tenants, and a price of each meter."""
    world = World(now=datetime.combine(AS_OF, HOUR), forgets=False)
    with SandboxServer(world, api_key=KEY) as server:
        Nights(server, folder, pace(36_500), WORLD_START).extract(AS_OF)
    lake = Lake(folder / "lake")
    put_odd_records(lake)
    for table in (USAGE.table, RUNS.table):
        assert compact_table(lake, table, "sandbox", {WORLD_START})
    (folder / "rates.csv").write_text(
        "meter,unit_price,currency,valid_from\nruns,0.0123,EUR,2025-01-01\n"
        "duration_hours,1.37,EUR,2025-01-01\nbandwidth_gb,0.07,EUR,2025-01-01\n"
    )


def made(folder: Path, engine: Engine, *, is_full: bool = False) -> Made:
    charge = Charge(rate_card=folder / "rates.csv")
    run = run_of(folder, AS_OF, tenants=TENANTS, first_day=WORLD_START, charge=charge)
    run = replace(run, is_full=is_full)
    settings = replace(run.settings, engine=engine)
    shown = (*models(), *SHOWN)
    with warehouse.in_memory() as connection:
        files = build.finance_files(settings)
        build.build(connection, replace(run, settings=settings), files, only=shown)
        tables = {
            name: (
                connection.execute(f"describe {name}").fetchall(),
                connection.execute(f"from {name} order by all").fetchall(),
            )
            for name in shown
        }
    root = settings.build
    return Made(tables, {str(one.relative_to(root)) for one in root.rglob("*.parquet")})


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    made(Path(sys.argv[1]), Engine(facts="spark", spark_remote=sys.argv[2]))
