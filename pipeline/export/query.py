"""Warehouse → standard output: the rows of an analyst's query, read only."""

import csv
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import Timer
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

log = logging.getLogger(__name__)

_WIDEST = 10_000
_MOMENT = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a query, with the names and DuckDB types of their columns."""

    names: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]

    @classmethod
    def of(cls, cursor: duckdb.DuckDBPyConnection, most: int | None = None) -> Self:
        """All rows of *cursor*, or *most* of them."""
        columns = cursor.description or []
        rows = cursor.fetchall() if most is None else cursor.fetchmany(most)
        names = [column[0] for column in columns]
        return cls(names, [str(column[1]) for column in columns], rows)


@dataclass(frozen=True, slots=True)
class Question:
    """A query, the seconds that it may take, and the rows that it may answer."""

    sql: str
    timeout_seconds: int | None = None
    max_rows: int | None = None


def query(path: Path, question: Question, form: str) -> None:
    """Write what *question* answers to standard output: table, csv, json or parquet.

    Rows beyond those it may answer are left out, which standard error says.

    Raises:
        ConfigError: The SQL is wrong, more than one select, or took too long.
        PipelineError: There is no warehouse at *path*.
    """
    answer, is_whole = ask(path, question)
    write(answer, form)
    if not is_whole:
        log.warning("query: more than %s rows: the rest is left out", question.max_rows)


def write(answer: Answer, form: str) -> None:
    """Write *answer* to standard output: table, csv, json or parquet.

    Whoever reads it may stop where they have read enough.
    """
    try:
        _WRITERS[form](answer)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def ask(path: Path, question: Question) -> tuple[Answer, bool]:
    """What the warehouse at *path* answers to *question*, and whether it has all rows.

    Errors are those of `query`.
    """
    sql, most = question.sql, question.max_rows
    with warehouse.read(path) as connection:
        try:
            _check(duckdb.extract_statements(sql))
            with _interrupted(connection, question.timeout_seconds):
                cursor = connection.execute(sql)
                if any(_MOMENT in str(one[1]) for one in cursor.description or []):
                    cursor = connection.execute(_in_utc(sql, cursor))
                answer = Answer.of(cursor, most)
                return answer, most is None or cursor.fetchone() is None
        except duckdb.InterruptException as exc:
            raise ConfigError(
                f"query: not answered within {question.timeout_seconds} s\n"
                "ask for less, or set a longer --timeout"
            ) from exc
        except duckdb.Error as exc:
            raise ConfigError(f"query: {_two_lines(str(exc))}") from exc


def _two_lines(message: str) -> str:
    """What DuckDB says, and in a second line where in the query, without pictures."""
    first, *rest = (line.strip() for line in message.splitlines() if line.strip(" ^"))
    return "\n".join(filter(None, (first, " ".join(rest))))


def _check(statements: Sequence[duckdb.Statement]) -> None:
    """Accept one statement that reads; copy, attach and others reach for files."""
    kinds = [statement.type for statement in statements]
    if kinds == [duckdb.StatementType.SELECT]:
        return
    found = f"{len(kinds)} statements" if len(kinds) != 1 else kinds[0].name.lower()
    raise ConfigError(
        f"query: expected one select, found {found}\nask with select, from, describe,"
        ' show or summarize, such as "from marts.statement"'
    )


@contextmanager
def _interrupted(
    connection: duckdb.DuckDBPyConnection, seconds: int | None
) -> Iterator[None]:
    """Within it, what *connection* does is interrupted after so many *seconds*."""
    if seconds is None:
        yield
        return
    timer = Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


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
    written = _shown if sys.stdout.isatty() else _written
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(map(inert, map(written, answer.names)))
    writer.writerows(map(inert, map(written, row)) for row in answer.rows)


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
