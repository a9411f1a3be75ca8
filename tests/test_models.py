"""Models: a folder a case, named after its claim, with the tables that it reads."""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from random import Random

import duckdb
import polars as pl
import pytest

from pipeline import seeds, warehouse
from pipeline.build.variables import VARIABLES
from pipeline.extract.selection import has_ended
from pipeline.resources import resource
from tools.model_tables import (
    CASES,
    columns,
    empty_tables,
    expected,
    load,
    models,
    restore_seeds,
    set_variables,
)

MODELS = models()
EXPECTED = sorted(CASES.glob("*/*/*/expect.csv"))
COMMENTS = warehouse.load_comments(resource("sql"))


@pytest.fixture(scope="module")
def empty(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_tables(tmp_path_factory.mktemp("models")) as connection:
        yield connection


@pytest.fixture
def tables(empty: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every table, empty but for seeds; what a case loads or sets is taken back."""
    values = {
        name: empty.execute(f"select getvariable('{name}')").fetchall()[0][0]
        for name in VARIABLES
    }
    yield empty
    for name, value in values.items():
        typed = f"cast($1 as {VARIABLES[name]})"
        empty.execute(f"set variable {name} = {typed}", [value])
    filled = empty.execute(
        "select database_name || '.' || schema_name || '.' || table_name"
        " from duckdb_tables() where estimated_size > 0 and schema_name != 'seeds'"
    ).fetchall()
    for (table,) in filled:
        empty.execute(f"delete from {table}")
    restore_seeds(empty)


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
    folder = CASES / MODELS[name].folder / name
    assert list(folder.glob("*/expect.csv")), f"write a case: {folder}/<claim>/"


def test_every_case_has_a_model() -> None:
    folders = {path.name: path.parent.name for path in CASES.glob("*/*")}

    assert folders == {model.name: model.folder for model in MODELS.values()}


@pytest.mark.parametrize(
    "status", [one.status for one in seeds.statuses() if one.is_final]
)
def test_a_status_dropped_from_its_seed_is_final_nowhere(
    tables: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
) -> None:
    """There is no second list of them: neither in Python nor in SQL."""
    finals = {one.status for one in seeds.statuses() if one.is_final}
    assert (ended_in_python(), ended_in_sql(tables)) == (finals, finals)
    shipped = (resource("seeds") / "seed_statuses.csv").read_text()
    kept = [line for line in shipped.splitlines() if not line.startswith(f"{status},")]
    (tmp_path / "seed_statuses.csv").write_text("\n".join(kept))

    with monkeypatch.context() as changed:
        changed.setattr(seeds, "resource", lambda _: tmp_path)
        restore_seeds(tables, ["seed_statuses"])
        ended = ended_in_python(), ended_in_sql(tables)

    assert ended == (finals - {status}, finals - {status})


STATUSES = [*(one.status for one in seeds.statuses()), "unheard of"]


def ended_in_python() -> set[str]:
    """The statuses whose runs are not listed again, though no stop is known."""
    runs = pl.DataFrame({"status": STATUSES, "stopped_at": [None] * len(STATUSES)})
    return set(runs.filter(has_ended())["status"])


def ended_in_sql(tables: duckdb.DuckDBPyConnection) -> set[str]:
    """The statuses whose runs have ended, though no stop is known."""
    tables.execute("delete from raw_runs")
    tables.executemany(
        "insert into raw_runs (tenant, run_id, status) values ('acme', $1, $1)",
        [[status] for status in STATUSES],
    )
    ended = f"select run_status from ({MODELS['stg_runs'].sql}) where has_ended"
    return {status for (status,) in tables.execute(ended).fetchall()}


def test_division_is_by_largest_remainder(tables: duckdb.DuckDBPyConnection) -> None:
    """A hundred days of random shares, against exact fractions."""
    random = Random(7)  # noqa: S311 (repeatable, not secret)
    shares = {
        f"a{number:03}": [
            random.choice((1, 2, 3, 10**6)) for _ in range(2 + number % 5)
        ]
        for number in range(100)
    }
    wholes = {name: random.choice((0, 1, 7, 10**6 + 3, 2**63 - 1)) for name in shares}
    columns = "part_id, tenant, usage_date, automation_id, owner_id, part_count"
    tables.executemany(
        f"insert into int_usage_attributed ({columns}, listed_runs, listed_seconds)"
        " values ($1, 'acme', date '2026-10-31', $2, $3, $4, $5, 0)",
        [
            (10 * number + place, name, f"o{place}", len(weights), weight)
            for number, (name, weights) in enumerate(shares.items())
            for place, weight in enumerate(weights)
        ],
    )
    tables.executemany(
        "insert into stg_usage (tenant, usage_date, automation_id, measure, measured)"
        " values ('acme', date '2026-10-31', $1, 'runs', $2)",
        list(wholes.items()),
    )

    made: dict[str, list[int]] = {name: [] for name in shares}
    model = MODELS["_usage_divided"]
    names = list(shares)
    for part_id, measured in tables.execute(
        f"select part_id, measured from ({model.sql}) order by part_id"
    ).fetchall():
        made[names[part_id // 10]].append(measured)

    assert made == {name: divide(wholes[name], shares[name]) for name in shares}


def divide(whole: int, weights: list[int]) -> list[int]:
    exact = [Fraction(whole * weight, sum(weights)) for weight in weights]
    parts = [int(share) for share in exact]
    by_rest = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))
    for place in by_rest[: whole - sum(parts)]:
        parts[place] += 1
    return parts


def test_first_night_makes_every_table_empty(empty: duckdb.DuckDBPyConnection) -> None:
    for model in MODELS.values():
        rows = empty.execute(f"select count(*) from {model.table}").fetchall()

        assert rows == [(0,)], model.name


@pytest.mark.parametrize("mart", ["charges", "statement"])
def test_what_is_frozen_of_a_mart_is_all_of_it(
    empty: duckdb.DuckDBPyConnection, mart: str
) -> None:
    """A column that a mart gains is also one of its closed months, but for two.

    The seal is a hash of what is frozen, and the register has when it was issued.
    """
    frozen, shown = (
        [column[:2] for column in empty.execute(f"describe {table}").fetchall()]
        for table in (f"raw_closed_{mart}", mart)
    )

    assert frozen == [
        column for column in shown if column[0] not in {"seal", "issued_at"}
    ]


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
    # Made after the models, by steps that have not run here.
    for table in ("checks", "run_history"):
        rows += [(table, name) for name in COMMENTS.tables[table]]

    # Columns that only exports have are held to the data contract.
    tables = [one for one in COMMENTS.tables if not one.startswith("exports_")]
    own = {(table, name) for table in tables for name in COMMENTS.tables[table]}
    assert own <= set(rows)
    assert COMMENTS.columns.keys() <= {
        name for row, name in rows if (row, name) not in own
    }


@pytest.mark.parametrize("mart", ["usage_daily", "tenant_daily"])
def test_what_is_summed_up_of_automation_days_is_promised(
    empty: duckdb.DuckDBPyConnection, mart: str
) -> None:
    """A measure that the mart gains is proved in each build, as its others are."""
    daily, summed = (
        {name for name, *_ in empty.execute(f"describe {table}").fetchall()}
        for table in ("automation_daily", mart)
    )
    promised = re.findall(r"sum\((\w+)\)", str(MODELS[mart].claims))

    assert (daily & summed) - {"tenant", "date", "owner_id", "space_id"} == set(
        promised
    ) & daily


def test_headers_name_only_columns_there_are(empty: duckdb.DuckDBPyConnection) -> None:
    for model in MODELS.values():
        described = empty.execute(f"describe {model.table}").fetchall()

        assert set(model.grain) <= {row[0] for row in described}, model.name
