"""The marts as files that others read: types, sums, the folder, the night."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline import files
from pipeline.errors import CheckError, ConfigError
from pipeline.export.marts import Destination, export_marts, folder
from tools.commands import call
from worlds.closing import FEBRUARY, Company
from worlds.export import HOSTILE, Folder, make_folder
from worlds.small_builds import small_builds

PORTABLE = {"BIGINT", "DOUBLE", "VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return make_folder(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def marts(world: Folder) -> Path:
    result = exported(world.path)

    assert (result.returncode, result.stderr) == (0, "")
    return world.path / "marts"


def exported(path: Path) -> subprocess.CompletedProcess[str]:
    command = ("export", "--marts", "--out", "marts")
    return call(*command, folder=path, env={"KEY": "x"})


def names(world: Folder) -> list[str]:
    rows = world.ask(
        "select distinct table_name from duckdb_columns() where schema_name = 'marts'"
    )
    return sorted(name for (name,) in rows)


def test_every_mart_is_a_file_of_portable_types(world: Folder, marts: Path) -> None:
    found = sorted(path.stem for path in marts.glob("*.parquet"))
    types = {
        str(dtype)
        for path in marts.glob("*.parquet")
        for _, dtype, *_ in duckdb.execute(f"describe from '{path}'").fetchall()
    }

    assert found == names(world)
    assert {one for one in types if not one.startswith("DECIMAL(18,")} <= PORTABLE


@pytest.mark.parametrize("table", ["charges", "statement", "statement_lines"])
def test_the_files_sum_to_the_statements(
    world: Folder, marts: Path, table: str
) -> None:
    keys = ["tenant", "month", "cost_center"]
    asked = "select tenant, month, cost_center, sum(amount) from {} group by all"
    expected = sorted(world.ask(asked.format("marts.statement")))

    read = pl.read_parquet(marts / f"{table}.parquet")
    summed = read.group_by(keys).agg(pl.col("amount").sum()).sort(keys)
    assert sorted(summed.rows()) == expected
    in_duckdb = duckdb.execute(asked.format(f"'{marts}/{table}.parquet'"))
    assert sorted(in_duckdb.fetchall()) == expected


def test_pandas_reads_counts_as_whole_numbers_and_money_to_the_cent(
    world: Folder, marts: Path
) -> None:
    pandas = pytest.importorskip("pandas", reason="make spark brings it")
    ((runs, amount),) = world.ask(
        "select (select sum(runs) from usage_daily), sum(amount) from charges"
    )

    usage = pandas.read_parquet(marts / "usage_daily.parquet")
    charges = pandas.read_parquet(marts / "charges.parquet")
    assert (usage["runs"].dtype, usage["runs"].sum()) == ("int64", runs)
    assert charges["amount"].sum() == amount  # of Decimal


def test_rows_and_names_are_those_of_the_warehouse(world: Folder, marts: Path) -> None:
    counted = " union all ".join(
        f"select '{name}', count(*) from marts.{name}" for name in names(world)
    )
    for name, count in world.ask(counted):
        assert pl.read_parquet(marts / f"{name}.parquet").height == count

    called = {*pl.read_parquet(marts / "automations.parquet")["name"]}
    assert called == {name for (name,) in world.ask("select name from automations")}
    assert len(called & {*HOSTILE}) >= 5  # others are cut where they are read


def test_the_companions_name_every_column_with_its_meaning(marts: Path) -> None:
    columns = {
        (path.stem, name): str(dtype)
        for path in marts.glob("*.parquet")
        for name, dtype, *_ in duckdb.execute(f"describe from '{path}'").fetchall()
    }

    yaml = import_module("yaml")  # without types
    sources = yaml.safe_load((marts / "sources.yml").read_text())["sources"][0]
    assert columns == {
        (table["name"], one["name"]): one["data_type"]
        for table in sources["tables"]
        for one in table["columns"]
        if one["description"]
    }
    contract = json.loads((marts / "contract.json").read_text())
    assert contract["files"] == sorted(path.name for path in marts.iterdir())
    assert columns == {
        (table["name"], one["name"]): one["type"]
        for table in contract["tables"]
        for one in table["columns"]
        if one["description"]
    }
    script = (marts / "chargeback.qvs").read_text()
    assert all(f"as [{table}.{name}]" in script for table, name in columns)
    assert script.count("'") % 2 == 0
    readme = (marts / "README.md").read_text()
    assert all(f"| `{name}` |" in readme for _, name in columns)


def test_the_same_warehouse_gives_the_same_bytes(world: Folder, marts: Path) -> None:
    before = {path.name: path.read_bytes() for path in marts.iterdir()}

    assert exported(world.path).returncode == 0
    assert {path.name: path.read_bytes() for path in marts.iterdir()} == before
    assert not list(world.path.glob(".marts*"))


@pytest.mark.parametrize(
    "options",
    [
        ("--marts", "2026-10"),
        ("--marts", "--format", "csv"),
        ("--marts", "--cost-center", "Ops"),
        ("2026-10",),
        ("--format", "csv"),
    ],
)
def test_options_that_do_not_go_together_are_exit_code_2(
    world: Folder, options: tuple[str, ...]
) -> None:
    command = ("export", *options, "--out", "elsewhere")
    result = call(*command, folder=world.path, env={"KEY": "x"})

    assert result.returncode == 2
    assert not (world.path / "elsewhere").exists()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A warehouse of one mart with types that other tools do not read."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "create schema marts; create schema pages; create table marts.odd as select"
            " 7::hugeint as count, ['a', null] as names, {'b': 1} as one,"
            " 1.5::decimal(38,3) as amount, 2::integer as tier, 0.5::float as ratio,"
            " timestamptz '2026-01-01 12:00:00+02' as at"
        )
    return path


def test_odd_types_become_portable_ones(small: Path, tmp_path: Path) -> None:
    export_marts(small, Destination(tmp_path / "marts"))

    read = duckdb.execute(f"select * from '{tmp_path}/marts/odd.parquet'")
    assert [str(dtype) for _, dtype, *_ in read.description or []] == [
        *("BIGINT", "VARCHAR", "VARCHAR", "DECIMAL(18,3)", "BIGINT", "VARCHAR"),
        "TIMESTAMP",
    ]
    assert [str(value) for value in read.fetchall()[0]] == [
        *("7", '["a",null]', '{"b":1}', "1.500", "2", "0.5", "2026-01-01 10:00:00")
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("count", "9223372036854775808"),
        ("count", "-170141183460469231731687303715884105727"),
        ("amount", "1000000000000000.000"),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_the_old_files_stand(
    small: Path, tmp_path: Path, column: str, value: str
) -> None:
    export_marts(small, Destination(tmp_path / "marts"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "marts").iterdir()}
    with duckdb.connect(small) as connection:
        connection.execute(f"update marts.odd set {column} = {value}")

    with pytest.raises(CheckError, match=rf"marts\.odd\.{column}: {value} does not"):
        export_marts(small, Destination(tmp_path / "marts"))

    after = {path.name: path.read_bytes() for path in (tmp_path / "marts").iterdir()}
    assert after == before
    assert not list(tmp_path.glob(".marts*"))


@pytest.fixture
def foreign(tmp_path: Path) -> dict[str, Path]:
    """Places that are no export of marts, by name."""
    (tmp_path / "a_file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    (tmp_path / "kept").mkdir()
    export = tmp_path / "export"
    export.mkdir()
    (export / "contract.json").write_text('{"kind": "other", "files": ["x.parquet"]}')
    (tmp_path / "link").symlink_to(tmp_path / "full")
    names = ("a_file", "full", "kept", "kept/below", "export", "link", "/")
    return {name: tmp_path / name for name in names}


@pytest.mark.parametrize(
    "name", ["a_file", "full", "kept", "kept/below", "export", "link", "/"]
)
def test_only_a_new_folder_or_an_earlier_export_is_replaced(
    small: Path, tmp_path: Path, foreign: dict[str, Path], name: str
) -> None:
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(ConfigError, match="nothing was written"):
        export_marts(small, Destination(foreign[name], [tmp_path / "kept"]))

    assert sorted(tmp_path.rglob("*")) == before


def test_what_somebody_put_into_an_export_is_not_lost(
    small: Path, tmp_path: Path
) -> None:
    export_marts(small, Destination(tmp_path / "marts"))
    (tmp_path / "marts" / "mine.qvs").write_text("mine")

    with pytest.raises(ConfigError, match=r"no export of marts: mine\.qvs"):
        export_marts(small, Destination(tmp_path / "marts"))

    assert (tmp_path / "marts" / "mine.qvs").read_text() == "mine"


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_folder_and_where_a_link_leads_are_replaced_whole(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, can_exchange: bool
) -> None:
    if not can_exchange:
        monkeypatch.setattr(files, "exchange", lambda *_: False)
    (tmp_path / "marts").mkdir(mode=0o750)
    (tmp_path / "link").symlink_to(tmp_path / "marts")
    export_marts(small, Destination(tmp_path / "link"))
    with duckdb.connect(small) as connection:
        connection.execute("alter table marts.odd rename to even")
    export_marts(small, Destination(tmp_path / "link"))

    assert [path.stem for path in (tmp_path / "marts").glob("*.parquet")] == ["even"]
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "marts").stat().st_mode & 0o777 == 0o750
    assert not list(tmp_path.glob(".*"))


def test_what_a_kill_left_between_two_renames_is_put_back(tmp_path: Path) -> None:
    old = tmp_path / ".marts.partial" / "old"
    old.mkdir(parents=True)
    (old / "charges.parquet").write_text("old")
    (old.parent / "new").mkdir()

    with suppress(ZeroDivisionError), folder.replacing(tmp_path / "marts"):
        raise ZeroDivisionError

    assert (tmp_path / "marts" / "charges.parquet").read_text() == "old"
    assert not list(tmp_path.glob(".*"))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A closed January, and marts that each delivery replaces."""
    company = Company(tmp_path_factory.mktemp("company"))
    company.start(FEBRUARY)
    company.configure('privacy.owners = "none"\nexport.marts = "bi/marts"')
    with small_builds():
        company.build("2026-02-01")
        yield company


def test_a_delivery_exports_closed_months_as_issued_and_fails_alone(
    company: Company,
) -> None:
    before = (company.path / "data/warehouse.duckdb").read_bytes()
    assert company.close("2026-01", "2026-02-01").returncode == 0
    done = company.chargeback("deliver", "--as-of", "2026-02-02", "--quiet")
    marts = company.path / "bi/marts"

    assert (done.returncode, done.stderr) == (0, "")
    asked = (
        "select cost_center, statement_number, status, seal, amount from {} order by 1"
    )
    read = duckdb.execute(asked.format(f"'{marts}/statement.parquet'")).fetchall()
    assert read == company.ask(asked.format("marts.statement"))
    assert {row[2] for row in read} == {"FINAL"}
    people = (
        "select count(name) from '{}/name_history.parquet' where dimension = 'owner'"
    )
    assert duckdb.execute(people.format(marts)).fetchall() == [(0,)]

    (marts / "mine.txt").write_text("mine")
    refused = company.chargeback("deliver", "--as-of", "2026-02-02", "--quiet")
    assert refused.returncode == 6
    assert "export.marts" in refused.stderr
    records = (company.path / "data/state/runs").glob("*.json")
    record = max(records, key=lambda path: path.stat().st_mtime_ns)
    stages = json.loads(record.read_text())["stages"]
    assert [(one["name"], one["outcome"]) for one in stages] == [
        ("deliver", "ok"),
        ("marts", "error"),
    ]

    (company.path / "data/warehouse.duckdb").write_bytes(before)
    stale = company.chargeback("export", "--marts", "--out", "elsewhere")
    assert stale.returncode == 4
    assert "chargeback build" in stale.stderr


@pytest.mark.parametrize("place", [".", "data", "data/lake/marts", "rates.csv", "/"])
def test_a_folder_of_marts_that_would_replace_data_is_refused(
    company: Company, place: str
) -> None:
    company.configure(f'export.marts = "{place}"')
    result = company.chargeback("status")

    assert result.returncode == 2
    assert "export.marts" in result.stderr
