"""What Spark makes of a month is what DuckDB makes of it, by rows and by files."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from pipeline import build, warehouse
from pipeline.build import by_month
from pipeline.config import Charge, Engine
from pipeline.endpoints import RUNS, USAGE
from pipeline.endpoints.run_metrics import RUN_METRICS
from pipeline.lake import Lake
from pipeline.sandbox import WORLD_START, SandboxServer, World
from pipeline.warehouse import Model
from worlds.lake import cover, put
from worlds.nights import HOUR, KEY, Nights, pace
from worlds.runs import run_of

if not find_spec("pyspark") or not find_spec("sqlglot"):
    pytest.skip("needs pyspark: the extra spark", allow_module_level=True)
if not shutil.which("java"):
    pytest.skip("needs Java, which Spark runs on", allow_module_level=True)

pytestmark = pytest.mark.slow

AS_OF = date(2025, 11, 8)
TENANTS = ("sandbox", "odd", "idle")
SHOWN = ("charges", "statement")


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """A Spark that starts in seconds: one core, no compiling of what runs once."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 (of an extra)

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
        " -Xss4m",
        "spark.driver.host": "127.0.0.1",
        "spark.log.level": "ERROR",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder: Any = SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    found = builder.getOrCreate()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of a sandbox and of odd tenants, in a folder of signs of patterns."""
    folder = tmp_path_factory.mktemp("spark") / "a [1]{2} + 3%20*"
    world = World(now=datetime.combine(AS_OF, HOUR), forgets=False)
    with SandboxServer(world, api_key=KEY) as server:
        Nights(server, folder, pace(36_500), WORLD_START).extract(AS_OF)
    fill(Lake(folder / "lake"))
    (folder / "rates.csv").write_text(
        "meter,unit_price,currency,valid_from\nruns,0.0123,EUR,2025-01-01\n"
        "duration_hours,1.37,EUR,2025-01-01\nbandwidth_gb,0.07,EUR,2025-01-01\n"
    )
    return folder


def fill(lake: Lake) -> None:
    """Records that engines are apt to see differently; a tenant with runs alone."""
    day, later = date(2025, 10, 30), date(2025, 11, 3)
    evening = datetime(2025, 10, 31, 23, 59, 59, 999_999, UTC)
    runs = [
        run("a", "o1", evening, evening + timedelta(hours=3, microseconds=1)),
        run("b", "o2", evening, evening + timedelta(days=4)),
        run("c", None, evening, None),
        run("d", "", None, None),
        run("e", "o1", evening, evening, stopped_at=evening - timedelta(seconds=9)),
        run("f", "\u00e9", evening, evening, status="never heard of", billable=None),
        run("g", "Z", evening, evening, stopped_at=None, duration_seconds=7),
        run("h", "o3", evening, evening - timedelta(days=700)),
    ]
    put(lake, RUNS.table, day, runs, "odd")
    put(lake, RUNS.table, later, [run("a", "o9", evening, evening)], "odd")
    put(lake, RUNS.table, later, [run("i", "o1", evening, evening)], "idle")
    most = 2**63 - 1
    sizes = {"bandwidth_in_bytes": most, "bandwidth_out_bytes": most, "api_calls": 3}
    put(lake, RUN_METRICS, later, [{"run_id": "b", **sizes}], "odd")
    usage = [
        metered("x", "runs", 1000, "\u00a0\u3000Name of\u2003it \u00a0"),
        metered("x", "duration", 7, ""),
        metered("x", "bandwidthIn", most, None),
        metered("x", "somethingNew", most - 1, "x" * 60),
        metered("only metered", "duration", 0, "\u202fx"),
    ]
    put(lake, USAGE.table, date(2025, 10, 31), usage, "odd")
    put(lake, USAGE.table, date(2024, 2, 29), usage, "odd")
    for table in (USAGE.table, RUNS.table):
        cover(lake, table, date(2025, 10, 31), "odd")


def run(
    name: str,
    owner: str | None,
    created: datetime | None,
    started: datetime | None,
    **more: Any,
) -> dict[str, Any]:
    stopped = started and started + timedelta(seconds=59, microseconds=999_999)
    return {
        "run_id": name,
        "automation_id": "x",
        "space_id": "s" if owner else "",
        "owner_id": owner,
        "executed_by_id": "",
        "status": "finished",
        "billable": owner == "o1",
        "created_at": created,
        "started_at": started,
        "stopped_at": stopped,
        "updated_at": stopped or created,
        **more,
    }


def metered(
    automation: str, metric: str, value: int, name: str | None
) -> dict[str, Any]:
    return {
        "automation_id": automation,
        "metric": metric,
        "value": value,
        "automation_name": name,
        "owner_id": "o1",
    }


@dataclass
class Made:
    """What a build made: each table with its types and rows; its files of months."""

    tables: dict[str, tuple[Any, list[Any]]]
    files: set[str]


@cache
def models() -> dict[str, Model]:
    return {one.name: one for one in build.models() if one.month_of}


def made(folder: Path, facts: Any, *, is_full: bool = False) -> Made:
    charge = Charge(rate_card=folder / "rates.csv")
    run = run_of(folder, AS_OF, tenants=TENANTS, first_day=WORLD_START, charge=charge)
    run = replace(run, is_full=is_full)
    settings = replace(run.settings, engine=Engine(facts=facts))
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


@pytest.fixture(scope="module")
def by_spark(session: Any, folder: Path) -> Made:  # noqa: ARG001 (which it takes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_month, "WORTH_KEEPING", 0)
        return made(folder, "spark")


@pytest.fixture(scope="module")
def by_duckdb(by_spark: Made, folder: Path) -> Made:
    """After Spark, over its files: none of them is believed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_month, "WORTH_KEEPING", 0)
        found = made(folder, "duckdb", is_full=True)
    assert by_spark
    return found


@pytest.mark.parametrize("name", [*models(), *SHOWN])
def test_spark_makes_the_rows_that_duckdb_makes(
    by_spark: Made, by_duckdb: Made, name: str
) -> None:
    assert by_spark.tables[name] == by_duckdb.tables[name]
    assert len(by_duckdb.tables[name][1]) > 2


def test_the_files_have_the_same_names(by_spark: Made, by_duckdb: Made) -> None:
    assert by_spark.files == by_duckdb.files
    assert {name.partition("/")[0] for name in by_spark.files} == set(models())
