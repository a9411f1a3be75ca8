"""A file of the lake that another program wrote: named when a build fails on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from pipeline.config import Settings
from pipeline.endpoints import TABLES
from pipeline.errors import CheckError, ConfigError, PipelineError
from pipeline.lake import COVERAGE, Table, folders, present


@contextmanager
def naming_odd_files(settings: Settings) -> Iterator[None]:
    """Where the block fails on a file whose columns are not the lake's, name it.

    Looked for only then: it takes a look into every file.

    Raises:
        CheckError: There is such a file.
        PipelineError: The block failed on something else.
    """
    try:
        yield
    except ConfigError:
        raise
    except PipelineError as exc:
        if found := next(_odd_files(settings), None):
            raise found from exc
        raise


def _odd_files(settings: Settings) -> Iterator[CheckError]:
    tenants = present.counted(settings)
    for table in (*TABLES, COVERAGE):
        for path in folders.files(settings.lake, table.name, tenants):
            if what := _odd(path, table):
                yield CheckError(
                    f"{path}: {what}, as no run writes it\nrestore it from a backup; or"
                    " move it away, and run reads its day again if the tenant still has"
                    " it"
                )


def _odd(path: Path, table: Table) -> str | None:
    """What is odd about the columns of a file of *table*, if anything is."""
    try:
        with path.open("rb") as file:  # a path may look like a pattern
            found = pl.read_parquet_schema(file)
    except (OSError, pl.exceptions.PolarsError):
        return "not readable as Parquet"
    if not found.keys() & table.columns.keys():
        return "has none of its columns"
    for name, dtype in table.columns.items():
        if name in found and found[name] != dtype:
            return f"has {name} as {found[name]}, not {dtype}"
    return None
