"""The warehouse file is replaced whole, and models are made in the order they need."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipeline import build, warehouse
from pipeline.config import Engine
from pipeline.errors import CheckError, ConfigError, PipelineError
from pipeline.finance import FinanceFiles
from worlds.runs import run_of


def write(folder: Path, layer: str, name: str, select: str, grain: str = "a") -> None:
    path = folder / layer / f"{name}.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"-- A sentence\n-- of two lines.\n-- grain: {grain}\n\n{select}\n")


def marts_of(path: Path) -> list[str]:
    with warehouse.read(path) as connection:
        rows = connection.execute("select table_name from duckdb_tables()").fetchall()
    return sorted(name for (name,) in rows)


def make(path: Path, name: str) -> None:
    with warehouse.replacing(path) as connection:
        connection.execute(f"create table {warehouse.MARTS}.{name} as select 1 as a")


def test_file_holds_marts_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "warehouse.duckdb"
    with warehouse.replacing(path) as connection:
        for layer, schema in warehouse.SCHEMAS.items():
            connection.execute(f"create table {schema}.of_{layer} as select 1 as a")
        both = "select * from of_staging inner join of_marts on true"
        assert connection.execute(both).fetchall() == [(1, 1)]

    assert marts_of(path) == ["of_marts", "of_pages"]
    assert [file.name for file in path.parent.iterdir()] == ["warehouse.duckdb"]


def test_a_failed_build_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    make(path, "old")
    before = path.read_bytes()

    with pytest.raises(duckdb.Error), warehouse.replacing(path) as connection:
        connection.execute("create table warehouse.marts.new as select error('no')")

    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    (tmp_path / ".warehouse.duckdb.partial").write_bytes(b"torn")
    (tmp_path / ".warehouse.duckdb.partial.wal").write_bytes(b"torn")
    (tmp_path / ".warehouse.duckdb.partial.tmp").mkdir()
    (tmp_path / ".warehouse.duckdb.partial.tmp" / "spill").write_bytes(b"torn")

    make(path, "new")

    assert marts_of(path) == ["new"]
    assert [file.name for file in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_a_reader_keeps_what_it_reads_while_it_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    make(path, "old")

    with warehouse.read(path) as reader:
        make(path, "new")
        assert reader.execute("select a from old").fetchall() == [(1,)]

    assert marts_of(path) == ["new"]


def test_reading_changes_nothing_and_reaches_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    make(path, "mart")
    (tmp_path / "secret.csv").write_text("a\n1\n")

    with warehouse.read(path) as connection:
        for statement in (
            f"from '{tmp_path}/secret.csv'",
            f"attach '{tmp_path}/other.duckdb'",
            "create table marts.another as select 1 as a",
            "set timezone = 'Asia/Tokyo'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
        assert connection.execute("select current_setting('timezone')").fetchall() == [
            ("UTC",)
        ]


_WRITER = """
import sys
import duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("create table marts.scratch as select 1 as a")
print("written", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def written(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A warehouse that another process has open, and has written to."""
    path = tmp_path / "warehouse.duckdb"
    make(path, "mart")
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "written\n"
        yield path, writer
        writer.kill()


def test_who_opens_it_for_writing_stops_nobody(
    written: tuple[Path, subprocess.Popen[str]],
) -> None:
    path, writer = written
    assert marts_of(path) == ["mart"]

    make(path, "new")

    assert marts_of(path) == ["new"]
    writer.kill()
    writer.wait()
    assert marts_of(path) == ["new"]


def test_what_a_killed_writer_leaves_counts_for_nobody(
    written: tuple[Path, subprocess.Popen[str]],
) -> None:
    path, writer = written
    writer.kill()
    writer.wait()
    assert warehouse.log_of(path).exists()
    assert marts_of(path) == ["mart"]

    make(path, "new")

    assert not warehouse.log_of(path).exists()
    assert marts_of(path) == ["new"]
    with duckdb.connect(path) as anybody:
        assert anybody.execute("from marts.new").fetchall() == [(1,)]


def test_a_log_that_was_planted_counts_for_nobody(tmp_path: Path) -> None:
    path, other = tmp_path / "warehouse.duckdb", tmp_path / "other.duckdb"
    make(path, "mart")
    other.write_bytes(path.read_bytes())
    with duckdb.connect(other) as writer:
        writer.execute("update marts.mart set a = 999")
        log = warehouse.log_of(other).read_bytes()
    warehouse.log_of(path).write_bytes(log)

    with warehouse.read(path) as connection:
        assert connection.execute("from mart").fetchall() == [(1,)]


def test_a_warehouse_that_takes_the_place_of_another_has_no_log(tmp_path: Path) -> None:
    path, made = tmp_path / "warehouse.duckdb", tmp_path / ".closing.duckdb"
    make(path, "old")
    make(made, "new")
    warehouse.log_of(path).write_bytes(b"of the old one")

    warehouse.move(made, path)

    assert marts_of(path) == ["new"]
    assert [file.name for file in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_duckdb_from_1_2_on_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    make(path, "mart")

    with duckdb.connect(path, read_only=True) as connection:
        ((tags,),) = connection.execute(
            "select tags from duckdb_databases() where database_name = 'warehouse'"
        ).fetchall()

    assert tags == {"storage_version": "v1.2.0+"}


def test_no_warehouse_yet_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"no warehouse yet; run `chargeback run`"):
        warehouse.read(tmp_path / "warehouse.duckdb")


def test_a_torn_warehouse_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"not a database at all" * 1000)

    with pytest.raises(PipelineError, match=r"(?s)not readable.*chargeback build"):
        warehouse.read(path)


def test_tables_that_are_not_kept_are_compressed(tmp_path: Path) -> None:
    rows = "select n as a, repeat('as long as an id of an automation', 4) as b"
    write(tmp_path, "usage", "int_long", f"{rows} from range(100000) as numbers (n)")
    models = warehouse.load_models(tmp_path, [])
    with warehouse.replacing(tmp_path / "warehouse.duckdb") as connection:
        warehouse.make(connection, models)
        kinds = connection.execute(
            "select distinct compression from pragma_storage_info('int_long')"
        ).fetchall()

    assert ("Uncompressed",) not in kinds


def test_a_model_comes_after_all_it_reads(tmp_path: Path) -> None:
    write(tmp_path, "marts", "a_mart", "select a from int_b where a in (from stg_a)")
    write(tmp_path, "marts", "b_mart", "select a from a_mart union all from raw_a")
    write(tmp_path, "intermediate", "int_b", "with c as (from stg_a) select a from c")
    write(tmp_path, "staging", "stg_a", "select a from raw_a")

    models = warehouse.load_models(tmp_path, ["raw_a"])

    names = [model.name for model in models]
    assert names == ["stg_a", "int_b", "a_mart", "b_mart"]
    assert models[0].description == "A sentence of two lines."
    assert models[1].reads == {"stg_a"}


def test_what_a_table_leads_to_is_all_that_reads_it(tmp_path: Path) -> None:
    write(tmp_path, "marts", "a_mart", "select a from int_b")
    write(tmp_path, "marts", "other", "select a from raw_c")
    write(tmp_path, "intermediate", "int_b", "select a from stg_a")
    write(tmp_path, "staging", "stg_a", "select a from raw_a")
    models = warehouse.load_models(tmp_path, ["raw_a", "raw_c"])

    assert warehouse.downstream(models, ["stg_a"]) == {"int_b", "a_mart"}


def test_a_cte_hides_a_table_only_from_what_comes_after_it(tmp_path: Path) -> None:
    write(
        tmp_path, "staging", "runs", "with runs as (from raw_runs) select a from runs"
    )
    write(tmp_path, "marts", "b", "with runs as (from runs) select a from runs")
    write(
        tmp_path,
        "marts",
        "c",
        "with x as (with y as (from runs) from y) select a from x, b where exists"
        " (with b as (select 1) from b)",
    )

    reads = {
        one.name: one.reads for one in warehouse.load_models(tmp_path, ["raw_runs"])
    }

    assert reads == {"runs": {"raw_runs"}, "b": {"runs"}, "c": {"runs", "b"}}


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("select a from nowhere", r"marts/one\.sql: reads 'nowhere'"),
        ("select a from two", "models read each other: .*one.*two"),
        ("selec a", r"one\.sql: syntax error"),
        ("select 1 as a; select 2 as a", r"one\.sql: "),
        ("create table x as select 1 as a", r"one\.sql: "),
    ],
)
def test_a_model_that_is_wrong_is_named(tmp_path: Path, select: str, said: str) -> None:
    write(tmp_path, "marts", "one", select)
    write(tmp_path, "marts", "two", "select a from one")

    with pytest.raises(PipelineError, match=said):
        warehouse.load_models(tmp_path, [])


def test_a_model_without_a_grain_is_refused(tmp_path: Path) -> None:
    (tmp_path / "marts").mkdir()
    (tmp_path / "marts" / "one.sql").write_text("-- A sentence.\n\nselect 1 as a\n")

    with pytest.raises(PipelineError, match=r"one\.sql: the header lacks"):
        warehouse.load_models(tmp_path, [])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("(1, 1), (1, 1), (1, 2)", r"one: not one row .* a, b\n.*\(1, 1\) \(2 rows\)"),
        ("(1, null), (2, 2)", r"one: not one row .*\n.*\(1, None\) \(1 row\)"),
    ],
)
def test_a_grain_that_does_not_hold_stops_the_build(
    tmp_path: Path, rows: str, said: str
) -> None:
    write(tmp_path, "marts", "one", f"select a, b from (values {rows}) as v (a, b)")
    header = "-- A sentence\n-- of two lines.\n-- grain: a, b\n"
    file = tmp_path / "marts" / "one.sql"
    file.write_text(header + "\n".join(file.read_text().splitlines()[3:]))
    models = warehouse.load_models(tmp_path, [])

    with (
        pytest.raises(CheckError, match=said),
        warehouse.replacing(tmp_path / "warehouse.duckdb") as connection,
    ):
        warehouse.make(connection, models)


def test_a_model_that_fails_on_its_rows_is_named(tmp_path: Path) -> None:
    write(tmp_path, "marts", "one", "select cast('x' as integer) as a")
    models = warehouse.load_models(tmp_path, [])

    with (
        pytest.raises(PipelineError, match=r"marts/one\.sql: Conversion Error"),
        warehouse.replacing(tmp_path / "warehouse.duckdb") as connection,
    ):
        warehouse.make(connection, models)


FULL = {
    "": r"int_long\.sql: takes more memory than engine\.memory_limit \(7\.6 MiB\)",
    "1MB": r"int_long\.sql: no room in .* beyond engine\.memory_limit \(7\.6 MiB\)",
}


@pytest.mark.parametrize("most", FULL)
def test_what_a_build_has_no_room_for_is_named(tmp_path: Path, most: str) -> None:
    """Beyond its memory it writes beside the warehouse, and leaves nothing there."""
    rows = "select md5(n::varchar) as a, n as b from range(200000) as numbers (n)"
    write(tmp_path, "usage", "int_long", f"{rows} order by a")
    models = warehouse.load_models(tmp_path, [])
    path = tmp_path / "data" / "warehouse.duckdb"
    spill = "max_temp_directory_size" if most else "temp_directory"

    def make() -> None:
        with warehouse.replacing(path, Engine("8MB", threads=1)) as connection:
            connection.execute(f"set {spill} = '{most}'")
            warehouse.make(connection, models)

    with pytest.raises(PipelineError, match=FULL[most]):
        make()

    assert not list(path.parent.iterdir())


def test_a_build_takes_what_the_settings_say(tmp_path: Path) -> None:
    engine = Engine(memory_limit="1.5 GiB", threads=3)

    with warehouse.replacing(tmp_path / "warehouse.duckdb", engine) as connection:
        taken = connection.execute(
            "select current_setting('memory_limit'), current_setting('threads')"
        ).fetchone()

    assert taken == ("1.5 GiB", 3)


def test_a_currency_with_four_decimals_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"

    with (
        pytest.raises(ConfigError, match=r"CLF .* has 4 decimals"),
        warehouse.replacing(path) as connection,
    ):
        build.build(
            connection, run_of(tmp_path, date(2026, 11, 1)), FinanceFiles("CLF")
        )


def test_a_lake_file_older_than_a_column_is_read(tmp_path: Path) -> None:
    """Its column is null; one that is not ours is passed over."""
    folder = tmp_path / "lake" / "users" / "tenant=acme" / "date=2026-10-31"
    folder.mkdir(parents=True)
    duckdb.execute(
        "copy (select 'o1' as user_id, 'Anna' as name, 7 as shoe_size)"
        f" to '{folder}/users.parquet'"
    )
    path = tmp_path / "warehouse.duckdb"

    with warehouse.replacing(path) as connection:
        build.build(
            connection, run_of(tmp_path, date(2026, 11, 1)), FinanceFiles("EUR")
        )

    with warehouse.read(path) as connection:
        rows = connection.execute("select tenant, label, email from owners").fetchall()
    assert rows == [("acme", "Anna", None)]


def test_a_torn_lake_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "lake" / "users" / "tenant=acme" / "date=2026-10-31"
    folder.mkdir(parents=True)
    (folder / "users.parquet").write_bytes(b"PAR1 torn")

    with (
        pytest.raises(PipelineError, match=r"(?s)date=2026-10-31/users.*from a backup"),
        warehouse.replacing(tmp_path / "warehouse.duckdb") as connection,
    ):
        build.build(
            connection, run_of(tmp_path, date(2026, 11, 1)), FinanceFiles("EUR")
        )
