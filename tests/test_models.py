"""Models: a folder a case, named after its claim, with the tables that it reads."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from models.tables import (
    CASES,
    columns,
    empty_tables,
    expected,
    load,
    models,
    set_variables,
)

from pipeline import warehouse
from pipeline.resources import resource

MODELS = models()
EXPECTED = sorted(CASES.glob("*/*/expect.csv"))
COMMENTS = warehouse.load_comments(resource("sql") / "columns.toml")


@pytest.fixture(scope="module")
def empty(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_tables(tmp_path_factory.mktemp("models")) as connection:
        yield connection


@pytest.fixture
def tables(empty: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every table, empty; what a case loads or sets is taken back."""
    names = ("as_of", "first_day", "tenants", "micros_per_minor")
    values = [
        empty.execute(f"select getvariable('{name}')").fetchall()[0][0]
        for name in names
    ]
    yield empty
    for name, value in zip(names, values, strict=True):
        empty.execute(f"set variable {name} = $1", [value])
    filled = empty.execute(
        "select database_name || '.' || schema_name || '.' || table_name"
        " from duckdb_tables() where estimated_size > 0"
    ).fetchall()
    for (table,) in filled:
        empty.execute(f"delete from {table}")


@pytest.mark.parametrize(
    "expect", EXPECTED, ids=lambda file: f"{file.parts[-3]}/{file.parts[-2]}"
)
def test_model_makes_what_its_case_expects(
    tables: duckdb.DuckDBPyConnection, expect: Path
) -> None:
    model = MODELS[expect.parent.parent.name]
    for file in sorted(expect.parent.glob("*.csv")):
        if file.name == "variables.csv":
            set_variables(tables, file)
        elif file != expect:
            assert file.stem in model.reads, "the model does not read this table"
            load(tables, file)

    tables.execute(f"insert into {model.table} by name from ({model.sql})")

    names = ", ".join(f'cast("{name}" as varchar)' for name in columns(expect))
    made = tables.execute(f"select {names} from {model.table} order by all").fetchall()
    assert made == expected(tables, expect)
    keys = tables.execute(
        f"select distinct {', '.join(model.grain)} from {model.table}"
    )
    assert len(keys.fetchall()) == len(made)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_case(name: str) -> None:
    assert list((CASES / name).glob("*/expect.csv"))


def test_every_case_has_a_model() -> None:
    folders = {path.name for path in CASES.iterdir() if path.is_dir()}

    assert folders - {"__pycache__"} <= MODELS.keys()


def test_first_night_makes_every_table_empty(empty: duckdb.DuckDBPyConnection) -> None:
    for model in MODELS.values():
        rows = empty.execute(f"select count(*) from {model.table}").fetchall()

        assert rows == [(0,)], model.name


def test_no_figure_is_a_binary_fraction(empty: duckdb.DuckDBPyConnection) -> None:
    """DOUBLE cannot hold a cent; the views of raw files are typed by us too."""
    floats = empty.execute(
        "select table_name, column_name from duckdb_columns()"
        " where data_type in ('DOUBLE', 'FLOAT')"
        " and database_name in ('scratch', 'warehouse')"
    ).fetchall()

    assert floats == []


def test_every_mart_and_column_has_a_comment(empty: duckdb.DuckDBPyConnection) -> None:
    unsaid = empty.execute(
        "select table_name, column_name from duckdb_columns()"
        " where database_name = 'warehouse' and comment is null"
        " union all select table_name, null from duckdb_tables()"
        " where database_name = 'warehouse' and comment is null"
    ).fetchall()

    assert unsaid == []


def test_glossary_holds_nothing_that_no_mart_has(
    empty: duckdb.DuckDBPyConnection,
) -> None:
    rows = empty.execute(
        "select table_name, column_name from duckdb_columns()"
        " where database_name = 'warehouse'"
    ).fetchall()
    # Made by the check step, which has not run here.
    rows += [("checks", name) for name in COMMENTS.tables["checks"]]

    own = {
        (table, name) for table in COMMENTS.tables for name in COMMENTS.tables[table]
    }
    assert own <= set(rows)
    assert COMMENTS.columns.keys() <= {
        name for row, name in rows if (row, name) not in own
    }


def test_headers_name_only_columns_there_are(empty: duckdb.DuckDBPyConnection) -> None:
    for model in MODELS.values():
        described = empty.execute(f"describe {model.table}").fetchall()

        assert set(model.grain) <= {row[0] for row in described}, model.name
