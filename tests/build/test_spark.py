"""What Spark makes of a month is what DuckDB makes of it, by rows and by files.

All months are made on a server of Spark Connect, and what changed then by a master.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from pipeline import warehouse
from pipeline.build import by_month
from pipeline.build.by_month.engine import Inputs
from pipeline.build.by_month.lake_files import LakeFiles
from pipeline.build.by_month.repeated import TenantMonth
from pipeline.config import Engine
from pipeline.endpoints import USAGE
from pipeline.errors import CheckError, ConfigError, PipelineError
from pipeline.lake import Lake
from pipeline.warehouse import Model
from tools.commands import call
from worlds.dialects import CASES, REFUSED, VARIABLES
from worlds.engines import DUCKDB, SHOWN, SPARK, Made, fill, made, models
from worlds.export import make_folder
from worlds.lake import put

if not find_spec("pyspark") or not find_spec("sqlglot"):
    pytest.skip("needs pyspark: the extra spark", allow_module_level=True)
if not shutil.which("java"):
    pytest.skip("needs Java, which Spark runs on", allow_module_level=True)

import sqlglot

from pipeline.build.spark import session as sessions
from pipeline.build.spark.dialect import Dialect
from pipeline.build.spark.nodes import UnsupportedSqlError
from pipeline.build.spark.rules import NAMED, RULES
from pipeline.build.spark.tenant_months import SparkEngine

pytestmark = pytest.mark.slow


def test_every_rule_has_a_case() -> None:
    rules = {rule.__name__ for rule in (*RULES.values(), *NAMED.values())}

    more = {"alias", "macro", "qualify", "variable", "what both have"}

    assert rules == set(CASES) - more


def test_a_server_that_is_not_there_is_an_error_at_once() -> None:
    """Before there is a session, which would be taken."""
    nowhere = Engine(facts="spark", spark_remote="sc://127.0.0.1:1;user_id=x")

    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:1 does not start: .*refused"):
        sessions.session(nowhere).__enter__()


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """A Spark that starts in seconds: one core, no compiling of what runs once."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 (of an extra)

    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": "0",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
        " -Xss4m",
        "spark.driver.host": "127.0.0.1",
        "spark.log.level": "ERROR",
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
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
    """A lake in a folder of signs of patterns."""
    folder = tmp_path_factory.mktemp("spark") / "a [1]{2} + 3%20*"
    fill(folder)
    return folder


@pytest.fixture(scope="module")
def server(session: Any) -> str:
    """The address of Spark Connect, which the Java of the *session* serves too."""
    service = "org.apache.spark.sql.connect.service.SparkConnectService$"
    port = getattr(getattr(session._jvm, service), "MODULE$").localPort()  # noqa: SLF001
    return f"sc://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def connected(server: str, folder: Path) -> list[str]:
    """What a process says that lets the server make all months, for the first time."""
    done = subprocess.run(
        [sys.executable, "-m", "worlds.engines", str(folder), server],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


@pytest.fixture(scope="module")
def by_spark(connected: list[str], folder: Path) -> Made:
    """What is in the files that Spark has made: DuckDB makes none."""
    assert connected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_month, "WORTH_KEEPING", 0)
        before = {one: one.stat() for one in (folder / "build").rglob("*.parquet")}
        found = made(folder, DUCKDB)
        after = {one: one.stat() for one in (folder / "build").rglob("*.parquet")}
    assert after == before
    return found


@pytest.fixture(scope="module")
def by_duckdb(by_spark: Made, folder: Path) -> Made:
    """After Spark, over its files: none of them is believed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_month, "WORTH_KEEPING", 0)
        found = made(folder, DUCKDB, is_full=True)
    assert by_spark
    return found


@pytest.mark.parametrize("name", [*models(), *SHOWN])
def test_spark_makes_the_rows_that_duckdb_makes(
    by_spark: Made, by_duckdb: Made, name: str
) -> None:
    assert by_spark.tables[name] == by_duckdb.tables[name]
    assert len(by_duckdb.tables[name][1]) > 2


def test_a_server_of_connect_makes_all_of_them(connected: list[str]) -> None:
    said = "\n".join(connected)

    assert "made by DuckDB" not in said
    assert "Warning" not in said
    for name in models():
        assert re.search(rf"{name}: ([1-9]\d*) of \1 months? made", said), name


def test_the_files_have_the_same_names(by_spark: Made, by_duckdb: Made) -> None:
    assert by_spark.files == by_duckdb.files
    assert {name.partition("/")[0] for name in by_spark.files} >= set(models())


def test_spark_makes_what_is_lacking_from_what_duckdb_made(
    session: Any,  # noqa: ARG001 (which a build takes)
    by_duckdb: Made,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Of a day that changed its month, and of nothing else."""
    assert by_duckdb
    late = {"automation_id": "x", "metric": "runs", "value": 17, "owner_id": "o1"}
    put(Lake(folder / "lake"), USAGE.table, date(2025, 11, 2), [late], "odd")

    with caplog.at_level("INFO"):
        shown = made(folder, SPARK)

    numbers = dict(re.findall(r"(\w+): (\d+) of \d+ months? made", caplog.text))
    assert {numbers[name] for name in models()} == {"0", "1"}
    assert "made by DuckDB" not in caplog.text
    assert not list(folder.rglob(".spark"))
    assert made(folder, DUCKDB, is_full=True).tables == shown.tables


@pytest.fixture(scope="module")
def parts(session: Any, folder: Path) -> Iterator[tuple[SparkEngine, Inputs, Model]]:
    """An engine in a folder of its own, and a small model with what it reads."""
    (folder / "parts").mkdir()
    with (
        warehouse.in_memory() as connection,
        SparkEngine(session, folder / "parts") as engine,
    ):
        connection.execute(
            "create table scratch.raw.small as select * from (values ('acme',"
            " date '2026-01-05', 9223372036854775807), ('acme', date '2026-01-05', 2))"
            " as t(tenant, day, figure)"
        )
        lake = LakeFiles(folder, frozenset(), {}, {MONTH: {}}, {})
        inputs = Inputs(connection, lake, lambda *_: None)
        path = folder / "usage" / "made.sql"
        path.parent.mkdir()
        path.write_text(
            "-- A row.\n-- grain: tenant, figure\n-- by: month of day\n"
            "-- conserves: sum(figure) per tenant = small\n"
            "select tenant, day, figure from small"
        )
        yield engine, inputs, warehouse.parse(path)


MONTH = TenantMonth("acme", date(2026, 1, 1))


def test_no_macro_has_the_name_of_a_function_of_spark(
    parts: tuple[SparkEngine, Inputs, Model],
) -> None:
    """It would be that function."""
    macros = Dialect.of(parts[1].connection).macros

    for name, (parameters, _) in macros.items():
        called = sqlglot.parse_one(f"{name}({', '.join(parameters)})", read="duckdb")
        assert isinstance(called, sqlglot.exp.Anonymous), name


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("figure from", "figure + 1 as figure from", CheckError, "made: a figure is"),
        ("figure from", "figure // 2 as figure from", CheckError, "does not conserve"),
        ("figure from", "1 as figure from", CheckError, "not one row for each tenant"),
        ("day, figure", "day + 31 as day, figure", PipelineError, "2026-02, which"),
    ],
)
def test_what_is_wrong_is_an_error_that_names_the_model(
    parts: tuple[SparkEngine, Inputs, Model],
    old: str,
    new: str,
    error: type[Exception],
    words: str,
) -> None:
    engine, inputs, model = parts
    wrong = replace(model, name="made", sql=model.sql.replace(old, new))

    with pytest.raises(error, match=words):
        engine.make(wrong, [MONTH], inputs)


@pytest.mark.parametrize(
    "column", ["sha256(tenant)", "figure / 2", "cast(day as varchar)", "rowid"]
)
def test_a_model_that_no_rule_knows_is_made_by_duckdb(
    parts: tuple[SparkEngine, Inputs, Model],
    caplog: pytest.LogCaptureFixture,
    column: str,
) -> None:
    engine, inputs, model = parts
    odd = replace(model, sql=model.sql.replace("figure from", f"{column} as x from"))

    with caplog.at_level("INFO"):
        assert engine.make(odd, [MONTH], inputs) is None

    assert "made: made by DuckDB: Spark has no rule for" in caplog.text


def canonical(row: tuple[Any, ...]) -> str:
    """A row as text: whole numbers alike, whichever type has them."""
    return repr([int(one) if isinstance(one, Decimal) else one for one in row])


@pytest.mark.parametrize("name", CASES)
def test_a_rule_gives_the_rows_that_duckdb_gives(
    parts: tuple[SparkEngine, Inputs, Model], session: Any, name: str
) -> None:
    connection = parts[1].connection
    connection.execute(VARIABLES)
    dialect = Dialect.of(connection)
    sql = CASES[name]

    found = [tuple(row) for row in session.sql(dialect.spark(sql)).collect()]

    made = connection.execute(sql).fetchall()
    assert Counter(map(canonical, found)) == Counter(map(canonical, made))


@pytest.mark.parametrize("sql", REFUSED)
def test_what_is_not_known_to_be_the_same_is_refused(
    parts: tuple[SparkEngine, Inputs, Model], sql: str
) -> None:
    dialect = Dialect.of(parts[1].connection)

    with pytest.raises(UnsupportedSqlError):
        dialect.spark(f"select {sql} from (values (1, 2)) as t(a, b)")


def test_spark_reads_from_exports_what_each_cost_centre_is_charged(
    session: Any, tmp_path: Path
) -> None:
    """To the cent: of CSV, of FOCUS in both forms, of the journal, and of a mart."""
    world = make_folder(tmp_path, hostile=False, small=True)
    exports = ("csv", "csv"), ("focus", "focus", "--by", "month"), ("journal", "j.csv")
    for form, out, *more in exports:
        assert world.export(form, out, *more).returncode == 0
    command = ("export", "--marts", "--out", "marts")
    assert call(*command, folder=tmp_path, env={"KEY": "x"}).returncode == 0
    focus = "BillingAccountId, x_SubAccountId, BilledCost"
    stem = "chargeback-2026-10"
    files = {
        f"csv/{stem}-lines.csv": "tenant, cost_center, amount",
        f"focus/{stem}-CostAndUsage.csv": focus,
        f"focus/{stem}-CostAndUsage.parquet": focus,
        "j.csv": "tenant, statement_cost_center,"
        " if(statement_line > 0, debit - credit, 0)",
        "marts/charges.parquet": "tenant, cost_center,"
        " if(month = date'2026-10-01', amount, 0)",
    }
    asked = []
    for number, (name, columns) in enumerate(files.items()):
        form = name.rpartition(".")[2]
        # Of quotation marks within others, Spark expects backslashes by default.
        options = {"header": True, "escape": '"', "inferSchema": name == "j.csv"}
        rows = session.read.format(form).options(**options).load(str(tmp_path / name))
        rows.createOrReplaceTempView(f"file_{number}")
        asked.append(f"select {number}, {columns} from file_{number}")
    found = session.sql(
        'select file, tenant, ltrim("\'", center), sum(cast(amount as decimal(18, 3)))'
        f" from ({' union all '.join(asked)}) as t(file, tenant, center, amount)"
        " group by 1, 2, 3 order by 1, 2, 3"
    ).collect()
    expected = world.ask(
        "select tenant, cost_center, sum(amount) from statement"
        " where month = date '2026-10-01' group by all order by all"
    )
    assert [tuple(row) for row in found] == [
        (number, *row) for number in range(len(files)) for row in expected
    ]
