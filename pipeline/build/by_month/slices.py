"""What a month sees of a table that is not made by month: `sql/slices/<table>.sql`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache

import duckdb

from pipeline import warehouse
from pipeline.build.by_month.facts import condition
from pipeline.build.by_month.repeated import TenantMonth
from pipeline.resources import resource
from pipeline.warehouse import Model

_BY = re.compile(r"^-- by: month of (.+)$", re.MULTILINE)
_MONTHS = f"{warehouse.SCHEMAS['month']}.known_months"


def select(table: str) -> str | None:
    """The select of what each month sees of *table*; None if nobody says it."""
    text = _text(table)
    if text is not None and (month := _month_of(table)):
        month = f"cast(date_trunc('month', {month}) as date)"
        return f"select tenant, {month} as month, seen from {table} as seen"
    return text


def rows(table: str, place: str, months: Sequence[TenantMonth]) -> str | None:
    """The rows of *table*, in *place*, that are of *months*; None if they see all."""
    if month := _month_of(table):
        seen = " or ".join(f"({condition(month, one)})" for one in months)
        return f"select * from {place} where {seen}"
    return None


def read_for(models: Iterable[Model]) -> set[str]:
    """The tables that the slices read of what *models* by month read."""
    read = {name for one in models if one.month_of for name in one.needs}
    slices = [sql for name in read if (sql := _text(name)) and not _month_of(name)]
    return {name for sql in slices for name in warehouse.tables_of(sql)}


@contextmanager
def months_known(
    connection: duckdb.DuckDBPyConnection, months: Sequence[date]
) -> Iterator[None]:
    """A table `known_months` of *months*, for slices of what has none of its own."""
    connection.execute(f"create table {_MONTHS} (month date)")
    connection.execute(f"insert into {_MONTHS} select unnest($1)", [list(months)])
    try:
        yield
    finally:
        connection.execute(f"drop table {_MONTHS}")


def _month_of(table: str) -> str | None:
    """The month that a row of *table* is of, where its rows are of months."""
    found = _BY.search(_text(table) or "")
    return found[1] if found else None


@cache
def _text(table: str) -> str | None:
    path = resource("sql") / "slices" / f"{table}.sql"
    return path.read_text(encoding="utf-8") if path.is_file() else None
