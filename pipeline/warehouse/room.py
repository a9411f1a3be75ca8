"""What DuckDB had no room for, in memory or on the disk: where, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipeline.errors import PipelineError
from pipeline.files import disk
from pipeline.warehouse.text import first_line

# What DuckDB says when it may write no more of what is beyond the memory.
_NO_DISK = "max_temp_directory_size"


# What DuckDB raises where a file cannot be written.
_FAILED = (duckdb.IOException, duckdb.TransactionException)


@contextmanager
def naming(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[None]:
    """Within it, what there was no room for in the making of *path* is described.

    Raises:
        PipelineError: Memory or disk is full, or the disk is broken.
    """
    try:
        yield
    except duckdb.Error as exc:
        is_room = isinstance(exc, duckdb.OutOfMemoryException) or disk.remedy(exc)
        if not (is_room or isinstance(exc, _FAILED)):
            raise
        text = described(connection, str(path), exc)
        raise PipelineError(text if is_room else f"{text}\n{disk.SAVED}") from exc


def described(
    connection: duckdb.DuckDBPyConnection, place: str, exc: duckdb.Error
) -> str:
    """A line or two on *exc*, which was raised at *place*: cause, and remedy."""
    if not isinstance(exc, duckdb.OutOfMemoryException):
        line, remedy = first_line(exc), disk.remedy(exc)
        return f"{place}: {line}\n{remedy}" if remedy else f"{place}: {line}"
    row = connection.execute(
        "select current_setting('memory_limit'), current_setting('temp_directory')"
    ).fetchone()
    memory, spill = row or ("", ".")
    if _NO_DISK in str(exc):
        return (
            f"{place}: no room in {Path(spill).parent} for what is beyond"
            f" engine.memory_limit ({memory})\n{disk.SAVED}; make room there or raise"
            " the limit, and repeat the command"
        )
    return (
        f"{place}: takes more memory than engine.memory_limit ({memory})\n{disk.SAVED};"
        " raise it or lower engine.threads, and repeat the command"
    )
