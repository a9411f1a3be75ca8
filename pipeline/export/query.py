"""Warehouse → standard output: the rows of an analyst's query, read only."""

import csv
import os
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import duckdb
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline import warehouse
from pipeline.errors import ConfigError
from pipeline.export.formulas import inert
from pipeline.export.parquet import to_parquet

_WIDEST = 10_000
_MOMENT = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a query, with the names and DuckDB types of their columns."""

    names: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]

    @classmethod
    def of(cls, cursor: duckdb.DuckDBPyConnection) -> Self:
        """All rows of *cursor*; a statement that returns none has no columns."""
        columns = cursor.description or []
        rows = cursor.fetchall() if columns else []
        names = [column[0] for column in columns]
        return cls(names, [str(column[1]) for column in columns], rows)


def query(path: Path, sql: str, form: str) -> None:
    """Write what *sql* answers to standard output: table, csv, json or parquet.

    Raises:
        ConfigError: The SQL is wrong, or would change something.
        PipelineError: There is no warehouse at *path*.
    """
    write(_ask(path, sql), form)


def write(answer: Answer, form: str) -> None:
    """Write *answer* to standard output: table, csv, json or parquet.

    Whoever reads it may stop where they have read enough.
    """
    try:
        _WRITERS[form](answer)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _ask(path: Path, sql: str) -> Answer:
    with warehouse.read(path) as connection:
        try:
            statements = duckdb.extract_statements(sql)
            if len(statements) != 1:
                raise ConfigError(
                    f"query: {len(statements)} statements\nwrite one, such as"
                    ' "from marts.statement"'
                )
            cursor = connection.execute(sql)
            if any(_MOMENT in str(column[1]) for column in cursor.description or []):
                cursor = connection.execute(_in_utc(sql, cursor))
            return Answer.of(cursor)
        except duckdb.Error as exc:
            raise ConfigError(f"query: {str(exc).strip()}") from exc


def _in_utc(sql: str, cursor: duckdb.DuckDBPyConnection) -> str:
    """The same query with moments as timestamps of UTC; in lists they are text.

    DuckDB asks another package for zones before it hands a moment to Python.
    """
    columns = []
    names = []
    for number, (name, dtype, *_) in enumerate(cursor.description or []):
        alias, shown = f"c{number}", str(name).replace('"', '""')
        if str(dtype) == _MOMENT:
            columns.append(f"{alias} at time zone 'UTC' as \"{shown}\"")
        elif _MOMENT in str(dtype):
            columns.append(f'cast({alias} as varchar) as "{shown}"')
        else:
            columns.append(f'{alias} as "{shown}"')
        names.append(alias)
    (statement,) = duckdb.extract_statements(sql)
    inner = statement.query.strip().rstrip(";")
    return (
        f"select {', '.join(columns)} from (\n{inner}\n) as answer({', '.join(names)})"
    )


def _table(answer: Answer) -> None:
    """Write a table: numbers on the right; what a person typed is not markup."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, dtype in zip(answer.names, answer.types, strict=True):
        numeric = dtype.startswith(("DECIMAL", "HUGEINT", "DOUBLE", "FLOAT"))
        numeric = numeric or dtype.endswith(("INT", "INTEGER"))
        justify: Any = "right" if numeric else "left"
        table.add_column(Text(_shown(name)), justify=justify, overflow="fold")
    for row in answer.rows:
        table.add_row(*(Text(_shown(value)) for value in row))
    # A file or a pipe has no width to fold cells to.
    width = None if sys.stdout.isatty() else _WIDEST
    Console(soft_wrap=not sys.stdout.isatty(), width=width).print(table)


def _shown(value: object) -> str:
    text = "" if value is None else str(_written(value))
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _csv(answer: Answer) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(map(inert, answer.names))
    writer.writerows(map(inert, map(_written, row)) for row in answer.rows)


def _written(value: object) -> object:
    """*value*; a decimal with all its digits, where str() writes 0E-9."""
    return f"{value:f}" if isinstance(value, Decimal) else value


def _unique(names: list[str]) -> list[str]:
    """*names*, with a number behind those that were there before."""
    unique: list[str] = []
    for name in names:
        number, one = 1, name
        while one in unique or (number > 1 and one in names):
            number += 1
            one = f"{name}_{number}"
        unique.append(one)
    return unique


def _json(answer: Answer) -> None:
    """Write an array of objects, in which a DECIMAL is a number with all its digits."""
    encoder = msgspec.json.Encoder(decimal_format="number")
    names = _unique(answer.names)
    rows = [dict(zip(names, row, strict=True)) for row in answer.rows]
    sys.stdout.write(msgspec.json.format(encoder.encode(rows)).decode() + "\n")


def _parquet(answer: Answer) -> None:
    if sys.stdout.isatty():
        raise ConfigError("query: parquet is not for a terminal; write it to a file")
    content = to_parquet(_unique(answer.names), answer.types, answer.rows)
    sys.stdout.buffer.write(content)


_WRITERS = {"table": _table, "csv": _csv, "json": _json, "parquet": _parquet}
