"""The macros of `sql/macros/`: what several queries calculate in the same way."""

import duckdb

from pipeline.resources import resource


def create_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Create every macro for *connection* alone: also where its files are read only."""
    for file in sorted((resource("sql") / "macros").glob("*.sql")):
        connection.execute(file.read_text(encoding="utf-8"))
