"""A mart → a Parquet file, in types that pandas, Qlik, Power BI and Spark all read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipeline.errors import CheckError
from pipeline.warehouse import quoted

_WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER")
_DECIMAL = re.compile(r"DECIMAL\(\d+,(\d+)\)")
_AS_IT_IS = {"VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP", "DOUBLE", "BIGINT"}
_NESTED = ("STRUCT", "MAP", "UNION")
_DIGITS = 18

# What tells who somebody is, beside what the warehouse leaves out itself.
_PERSONAL = {
    ("name_history", "name"): "if(dimension in ('owner', 'owner_email'), null, name)",
    ("runs", "executed_by_id"): "null::varchar",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its type there, what it means, what it is made of."""

    name: str
    dtype: str
    meaning: str
    expression: str

    @property
    def shown(self) -> str:
        """The name, quoted for SQL."""
        return '"' + self.name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Mart:
    """A table of the schema `marts`, as it is exported."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rows: int = 0

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.parquet"


def marts(
    connection: duckdb.DuckDBPyConnection, *, are_owners_named: bool
) -> list[Mart]:
    """All marts by name, with the comments that the warehouse has of them."""
    named = connection.execute(
        "select table_name, comment from duckdb_tables() where schema_name = 'marts'"
        " union all select view_name, comment from duckdb_views()"
        " where schema_name = 'marts' and not internal order by all"
    ).fetchall()
    left_out = {} if are_owners_named else _PERSONAL
    return [
        Mart(name, meaning or "", tuple(_columns(connection, name, left_out)))
        for name, meaning in named
    ]


def write(connection: duckdb.DuckDBPyConnection, mart: Mart, folder: Path) -> Mart:
    """Write the file of *mart* into *folder*; the mart with the number of its rows.

    Raises:
        CheckError: A value does not fit its type in the file.
    """
    selected = ", ".join(
        f"cast({one.expression} as {one.dtype}) as {one.shown}" for one in mart.columns
    )
    path = quoted(str(folder / mart.file))
    try:
        written = connection.execute(
            f"copy (select {selected} from marts.{mart.name}) to {path}"
            " (format parquet, compression snappy)"
        ).fetchall()
    except (duckdb.ConversionException, duckdb.OutOfRangeException):
        if misfit := _misfit(connection, mart):
            raise misfit from None
        raise
    return replace(mart, rows=written[0][0])


def _columns(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    left_out: dict[tuple[str, str], str],
) -> Iterator[Column]:
    rows = connection.execute(
        "select column_name, data_type, comment from duckdb_columns()"
        " where schema_name = 'marts' and table_name = $1 order by column_index",
        [table],
    ).fetchall()
    for name, dtype, meaning in rows:
        own = '"' + name.replace('"', '""') + '"'
        portable, expression = _portable(dtype, own)
        expression = left_out.get((table, name), expression)
        yield Column(name, portable, meaning or "", expression)


def _portable(dtype: str, column: str) -> tuple[str, str]:
    """The type in the file, and the expression that is cast to it."""
    if dtype in _AS_IT_IS:
        return dtype, column
    if _WHOLE.fullmatch(dtype):
        return "BIGINT", column
    if found := _DECIMAL.fullmatch(dtype):
        return f"DECIMAL({_DIGITS},{found[1]})", column
    if dtype.startswith("TIMESTAMP"):
        return "TIMESTAMP", f"{column} at time zone 'UTC'"
    is_nested = dtype.endswith("]") or dtype.startswith(_NESTED)
    return "VARCHAR", f"to_json({column})" if is_nested else column


def _misfit(connection: duckdb.DuckDBPyConnection, mart: Mart) -> CheckError | None:
    """The error of the first value that does not fit its type in the file."""
    for one in mart.columns:
        value = one.expression
        found = connection.execute(
            f"select {value} from marts.{mart.name} where {value} is not null"
            f" and try_cast({value} as {one.dtype}) is null limit 1"
        ).fetchone()
        if found:
            return CheckError(
                f"marts.{mart.name}.{one.name}: {found[0]} does not fit {one.dtype},"
                " which other tools read\nnothing was exported; take it from the"
                " warehouse with `chargeback query`, or correct what it is made of"
            )
    return None
