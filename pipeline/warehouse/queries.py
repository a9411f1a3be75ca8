"""Queries: a select of `sql/`, asked with variables, answered as rows by name."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import duckdb

from pipeline.errors import PipelineError
from pipeline.resources import resource
from pipeline.warehouse.text import first_line

Row = Mapping[str, Any]


def ask(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    *,
    create: str = "",
    **variables: object,
) -> duckdb.DuckDBPyConnection:
    """The answer to *query*, such as `mail/lines`, with *variables* set before.

    With *create*, which makes something out of a select, it is made instead.

    Raises:
        PipelineError: The warehouse cannot answer: it is of another version.
    """
    sql = (resource("sql") / f"{query}.sql").read_text(encoding="utf-8")
    with answering(f"{query}.sql"):
        for name, value in variables.items():
            connection.execute(f"set variable {name} = $1", [value])
        return connection.execute(f"{create}{sql}")


def columns(answer: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The columns of *answer* by name, with their DuckDB types."""
    return {column[0]: str(column[1]) for column in answer.description or []}


def rows(
    answer: duckdb.DuckDBPyConnection, decimals: Collection[str] = ()
) -> list[Row]:
    """All rows of *answer*, their values by the names of the columns.

    Texts of the columns *decimals* become decimals: DuckDB takes six times as long.
    """
    names = columns(answer)
    found: Iterable[Sequence[Any]] = answer.fetchall()
    if decimals:
        found = zip(
            *(
                _decimals(column) if name in decimals else column
                for name, column in zip(names, zip(*found, strict=True), strict=False)
            ),
            strict=True,
        )
    return [dict(zip(names, values, strict=True)) for values in found]


def _decimals(column: Sequence[str | None]) -> list[Any]:
    """The numbers of texts, each text of which is read once."""
    read = {text: text and Decimal(text) for text in set(column)}
    return [read[text] for text in column]


@contextmanager
def answering(question: str) -> Iterator[None]:
    """Of a *question* of ours that it cannot answer: it is of another version.

    Raises:
        PipelineError: DuckDB refuses what is asked in the block.
    """
    try:
        yield
    except duckdb.Error as exc:
        raise PipelineError(
            f"{question}: {first_line(exc)}\n"
            "run `chargeback build` to make the warehouse anew"
        ) from exc
