"""The warehouse: one DuckDB file, replaced whole, and read while it is replaced."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipeline import files
from pipeline.config import Engine
from pipeline.errors import PipelineError
from pipeline.warehouse.comments import Comments, comment, load_comments
from pipeline.warehouse.macros import create_macros
from pipeline.warehouse.models import (
    KEPT,
    SCHEMAS,
    Model,
    downstream,
    load_models,
    parse,
    upstream,
)
from pipeline.warehouse.opened import log_of, opened
from pipeline.warehouse.queries import Row, answering, ask, columns, rows
from pipeline.warehouse.reads import tables_of
from pipeline.warehouse.room import described, naming
from pipeline.warehouse.runner import (
    claim_error,
    grain_error,
    grain_query,
    make,
    making,
    prove_claims,
    prove_grain,
    too_large,
)
from pipeline.warehouse.text import first_line, literal, quoted

__all__ = [
    "KEPT",
    "MARTS",
    "SCHEMAS",
    "Comments",
    "Model",
    "Row",
    "amending",
    "answering",
    "ask",
    "claim_error",
    "clear_what_if",
    "columns",
    "comment",
    "described",
    "downstream",
    "first_line",
    "grain_error",
    "grain_query",
    "in_memory",
    "literal",
    "load_comments",
    "load_models",
    "log_of",
    "make",
    "making",
    "move",
    "parse",
    "prove_claims",
    "prove_grain",
    "quoted",
    "read",
    "replacing",
    "rows",
    "tables_of",
    "too_large",
    "upstream",
]

MARTS = SCHEMAS["marts"]

# The folder beside a warehouse that has the files of its large tables.
BUILT = "build"

# What the oldest DuckDB reads that is to open a warehouse.
_STORAGE = "v1.2.0"

# Nothing is fetched from anywhere, and no file is read that was not named.
_CLOSED: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}

_ENGINE = Engine()


@contextmanager
def replacing(
    path: Path, engine: Engine = _ENGINE
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a new warehouse, which takes the place of *path* at the end.

    Whatever goes before the marts is kept in memory and dropped. If the block fails,
    the old warehouse stands; who reads it keeps what they read. What is beyond the
    memory of *engine* is written beside *path*.

    Raises:
        PipelineError: A file cannot be written: the disk is full, or broken.
    """
    with (
        files.replacing(path) as partial,
        _connected(path, partial, engine) as connection,
    ):
        create_macros(connection)
        yield connection
    files.remove(log_of(path))


@contextmanager
def amending(
    path: Path, engine: Engine = _ENGINE
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a copy of the warehouse *path*, which takes its place at the end.

    It has no macros: they take longer to create than a table to fill.

    Raises:
        PipelineError: A file cannot be written: the disk is full, or broken.
    """
    with files.replacing(path) as partial:
        shutil.copyfile(path, partial)
        with _connected(path, partial, engine) as connection:
            yield connection


@contextmanager
def _connected(
    path: Path, partial: Path, engine: Engine
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that writes *partial*, which is whole at the end."""
    spill = partial.with_name(f"{partial.name}.tmp")
    log = log_of(partial)
    _remove(spill, log)  # what a killed run may have left
    try:
        with (
            duckdb.connect(config=_config(engine, spill)) as new,
            naming(new, path),
        ):
            _attach(new, partial)
            yield new
            new.execute("checkpoint warehouse")
            new.execute("use memory")
            new.execute("detach warehouse")
    finally:
        _remove(spill, log)


def move(made: Path, path: Path) -> None:
    """Let *made*, a whole warehouse beside *path*, take its place."""
    files.move(made, path)
    files.remove(log_of(path))


def read(
    path: Path, *, with_macros: bool = True, writes: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection that reads the warehouse, and nothing else on this machine.

    Large tables are views of the files that were built, which are beside it. It may
    write files into the folder *writes*.
    Macros take longer to create than a figure or two to read.

    Raises:
        PipelineError: There is no warehouse at *path*, or it cannot be read.
    """
    if not path.exists():
        raise PipelineError(f"{path}: no warehouse yet; run `chargeback run` first")
    try:
        connection = opened(path, _CLOSED)
    except duckdb.Error as exc:
        raise PipelineError(
            f"{path}: not readable as a warehouse ({first_line(exc)})\n"
            "run `chargeback build` to make it anew from the lake"
        ) from exc
    built = (path.parent / BUILT).absolute()
    # A view has the folder as a pattern, and is allowed what it says before it is read.
    folders = [str(built), literal(built), *([str(writes)] if writes else [])]
    named = ", ".join(map(quoted, folders))
    connection.execute(f"set allowed_directories = [{named}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set timezone = 'UTC'; set search_path = 'marts,pages'")
    if with_macros:
        create_macros(connection)
    connection.execute("set lock_configuration = true")
    return connection


def in_memory() -> duckdb.DuckDBPyConnection:
    """A connection to an empty warehouse, which is gone with it."""
    connection = duckdb.connect(config={**_CLOSED})
    _attach(connection, Path(":memory:"))
    create_macros(connection)
    return connection


def clear_what_if(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the tables of `what_if`, so that nothing hides those of the same name."""
    # One by one: with the schema itself the search path would go.
    tables = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'what_if'"
    ).fetchall()
    for (name,) in tables:
        connection.execute(f"drop table {SCHEMAS['what_if']}.{name}")


def _config(engine: Engine, spill: Path) -> dict[str, Any]:
    """How a build is opened: what it may take, and where it writes the rest."""
    threads = {"threads": engine.threads} if engine.threads else {}
    return {
        **_CLOSED,
        **threads,
        "memory_limit": engine.memory_limit,
        "temp_directory": str(spill),
    }


def _attach(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Schemas in which models name bare tables; the scratch is compressed."""
    connection.execute("set timezone = 'UTC'")
    connection.execute("set preserve_insertion_order = false")
    connection.execute("attach ':memory:' as scratch (compress)")
    # A build that is cut short is thrown away: it needs no log.
    connection.execute(
        f"attach {quoted(str(path))} as warehouse"
        f" (storage_version {quoted(_STORAGE)}, recovery_mode no_wal_writes)"
    )
    for schema in SCHEMAS.values():
        connection.execute(f"create schema if not exists {schema}")
    connection.execute(f"set search_path = {quoted(','.join(SCHEMAS.values()))}")


def _remove(folder: Path, file: Path) -> None:
    files.discard(folder)
    file.unlink(missing_ok=True)
