"""Marts → rows, in the order in which pages show them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb

from pipeline import warehouse
from pipeline.report.garbage import uncollected
from pipeline.report.lost import lost
from pipeline.report.queries import AS_TEXT, OF_MONTHS, QUERIES
from pipeline.warehouse import Row

Marts = Mapping[str, list[Row]]


def read(
    database: Path, months: Collection[date] | None = None
) -> dict[str, list[Row]]:
    """All that the pages show of the warehouse *database*, or those of *months*.

    Raises:
        PipelineError: There is no warehouse, or it cannot be read.
    """
    with _reading(database, months) as connection:
        marts = _marts(connection, QUERIES)
        marts["names"] = _names(connection)
        return marts


def read_months(database: Path, months: Collection[date]) -> dict[str, list[Row]]:
    """What the pages of *months* show of the warehouse *database*, and no other page.

    Raises:
        PipelineError: There is no warehouse, or it cannot be read.
    """
    with _reading(database, months) as connection:
        return _marts(connection, OF_MONTHS)


@contextmanager
def _reading(
    database: Path, months: Collection[date] | None
) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse.read(database) as connection, uncollected():
        set_months = "set variable shown_months = cast($1 as date[])"
        connection.execute(set_months, [months if months is None else list(months)])
        yield connection


def _marts(
    connection: duckdb.DuckDBPyConnection, names: Iterable[str]
) -> dict[str, list[Row]]:
    marts: dict[str, list[Row]] = {}
    for name in names:
        with warehouse.answering(f"the page's {name}"):
            marts[name] = shown(connection, name)
    return marts | {"lost": lost(connection)}


def count_statements(database: Path) -> dict[date, int]:
    """How many statements each month has.

    Raises:
        PipelineError: There is no warehouse, or it cannot be read.
    """
    with (
        warehouse.read(database, with_macros=False) as connection,
        warehouse.answering("statement"),
    ):
        counted = connection.execute(
            "select month, count(*) from statement group by all"
        )
        return dict(counted.fetchall())


def _names(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Owners, spaces and automations, with the cost centres that last paid for each."""
    key = ("tenant", "dimension", "entity_id")
    names, charged = (
        warehouse.rows(warehouse.ask(connection, f"report/{query}"))
        for query in ("names", "names_charged")
    )
    centers = {tuple(row[name] for name in key): row["cost_centers"] for row in charged}
    return [
        {**row, "cost_centers": centers.get(tuple(row[name] for name in key), [])}
        for row in names
    ]


def shown(connection: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    """What the pages show of *name*."""
    query, decimals = QUERIES[name], AS_TEXT.get(name, ())
    if decimals:
        replaced = ", ".join(f"cast({one} as varchar) as {one}" for one in decimals)
        query = f"select * replace ({replaced}) {query}"
    return warehouse.rows(connection.execute(query), decimals)


def of(rows: Iterable[Row], **values: object) -> list[Row]:
    """Those of *rows* whose columns have *values*."""
    found = list(rows)
    for name, value in values.items():
        found = [row for row in found if row[name] == value]
    return found


def first(values: Iterable[Any]) -> Any:
    """The first of *values* that is one, or None."""
    return next((value for value in values if value is not None), None)


def by(rows: Sequence[Row], *names: str) -> dict[Any, list[Row]]:
    """The *rows* by the values of columns: one value, or a tuple of them."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row, key in zip(rows, map(itemgetter(*names), rows), strict=True):
        groups[key].append(row)
    return groups
