"""Builds whose queries run as written, on a connection that builds have in common."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline import warehouse
from pipeline.warehouse.macros import create_macros

# What a build may leave on a connection, but for macros: each build has the same.
_LEFT = """
select database_name from duckdb_databases()
where not internal and database_name != 'memory'
union all select table_name from duckdb_tables()
union all select view_name from duckdb_views() where not internal
"""

# As they were before anything was put in their place.
_connect, _replacing = duckdb.connect, warehouse.replacing


@contextmanager
def plain_replacing(path: Path, *_: object) -> Iterator[duckdb.DuckDBPyConnection]:
    """In the place of `warehouse.replacing`, for tables of a few rows.

    To plan a query of them takes longer than to answer it, or to compress a column than
    to write it, and one thread is enough. To connect and to create the macros takes as
    long as ten of these tables: a build finds those of the one before, and nothing else
    of it.
    """
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(duckdb, "connect", _kept)
            patch.setattr(warehouse, "create_macros", lambda _: None)
            connection = stack.enter_context(_replacing(path))
        yield connection


_free: list[duckdb.DuckDBPyConnection] = []


@contextmanager
def _kept(config: dict[str, Any]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with macros, which the next build has if this one succeeds."""
    connection = _free.pop() if _free else _new(config)
    is_empty = False
    try:
        yield connection
        is_empty = _emptied(connection)
    finally:
        if is_empty and not _free:
            _free.append(connection)
        else:
            connection.close()


def _new(config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    connection = _connect(config=config)
    create_macros(connection)
    connection.execute("set threads = 1; pragma disable_optimizer")
    connection.execute("set force_compression = 'uncompressed'")
    return connection


def _emptied(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether nothing of a build is left, after its scratch and variables are gone."""
    connection.execute("detach scratch")
    for (name,) in connection.execute("select name from duckdb_variables()").fetchall():
        connection.execute(f"reset variable {name}")
    return not connection.execute(_LEFT).fetchall()
