"""Every table that the models make, empty and with its types; and files of rows."""

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from pipeline import build, seeds, warehouse
from pipeline.build.variables import VARIABLES
from pipeline.finance import FinanceFiles
from pipeline.warehouse import Model
from worlds.runs import run_of

CASES = Path(__file__).parents[1] / "models"
AS_OF = date(2026, 11, 1)

Rows = list[tuple[str | None, ...]]


@contextmanager
def empty_tables(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The first night's warehouse: no lake, no finance files, in New York."""
    with warehouse.replacing(folder / "warehouse.duckdb") as connection:
        run = run_of(folder, AS_OF, tenants=("acme",))
        build.build(connection, run, FinanceFiles("EUR"))
        connection.execute("set timezone = 'America/New_York'")
        yield connection


def models() -> dict[str, Model]:
    """Every model by name, as the build orders them."""
    return {one.name: one for one in build.models()}


def load(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Put a CSV file's rows into the table of its name; `""` is empty, not null."""
    connection.execute(f"delete from {file.stem}")
    connection.execute(f"insert into {file.stem} by name from {_rows_of(file)}")


def restore_seeds(
    connection: duckdb.DuckDBPyConnection, names: Iterable[str] = seeds.TABLES
) -> None:
    """Put the rows of the files back where a case had put others."""
    for name in names:
        rows = seeds.rows(name)
        if connection.execute(f"from {name}").fetchall() != rows:
            places = ", ".join("?" for _ in seeds.columns(name))
            connection.execute(f"delete from {name}")
            connection.executemany(f"insert into {name} values ({places})", rows)


def set_variables(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Set what a case needs otherwise than the build has it.

    A value is a number, a date, or an expression: a text in quotes, a list, `map …`.
    """
    with file.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            name, value = row["name"], row["value"]
            if not value.startswith(("map", "'", "[")):
                value = f"'{value}'"
            typed = f"cast({value} as {VARIABLES[name]})"
            connection.execute(f"set variable {name} = {typed}")


def expected(connection: duckdb.DuckDBPyConnection, file: Path) -> Rows:
    """The rows of *file*, sorted, as text."""
    return connection.execute(f"from {_rows_of(file)} order by all").fetchall()


def columns(file: Path) -> list[str]:
    """The columns that *file* names."""
    with file.open(encoding="utf-8") as lines:
        return next(csv.reader(lines))


def _rows_of(file: Path) -> str:
    types = ", ".join(f"'{name}': 'varchar'" for name in columns(file))
    return (
        f"read_csv({warehouse.quoted(str(file))}, columns = {{{types}}}, header = true,"
        " auto_detect = false, delim = ',', quote = '\"', escape = '\"',"
        " nullstr = '', allow_quoted_nulls = false)"
    )
