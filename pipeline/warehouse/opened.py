"""A warehouse that is or was open for writing elsewhere is read as its file stands."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from pipeline.errors import PipelineError

_LOCKED = "Could not set lock"


def opened(path: Path, config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """A connection that reads the file *path*, and no log beside it.

    Whoever opens a warehouse for writing locks it, and leaves a log if killed, which
    DuckDB would play over any file of that name: then a copy is opened.

    Raises:
        duckdb.Error: It is not a database.
        PipelineError: There is no room for the copy.
    """
    if not log_of(path).exists():
        try:
            return duckdb.connect(path, read_only=True, config=config)
        except duckdb.IOException as exc:
            if _LOCKED not in str(exc):
                raise
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        try:
            shutil.copyfile(path, copy)
        except OSError as exc:
            raise PipelineError(
                f"{path}: open for writing elsewhere, and cannot be copied to"
                f" {folder}: {exc.strerror}\nclose it there, or make room, or set"
                " TMPDIR to another folder"
            ) from exc
        return duckdb.connect(copy, read_only=True, config=config)


def log_of(path: Path) -> Path:
    """Where DuckDB writes what is to be written to the database *path*."""
    return path.with_name(f"{path.name}.wal")
