"""What is wrong with files of the lake: errors that name them, and say what to do."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipeline.errors import CheckError, ChecksError
from pipeline.formats.plurals import counted

# What Polars raises on a file that is no Parquet; it panics on some.
PARQUET_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)


def unreadable(path: Path, exc: OSError) -> CheckError:
    """The error for what is there, but may not be read."""
    return CheckError(
        f"{exc.filename or path}: cannot be read: {exc.strerror}\n"
        "give the lake to the user of this command, or restore it from a backup"
    )


def damaged(paths: Sequence[Path]) -> CheckError:
    """The error for the first of *paths* that is there, but is not Parquet."""
    path = next((path for path in paths if not _is_parquet(path)), paths[0])
    return CheckError(
        f"{path}: not readable as Parquet\nrestore it from a backup; or move it away,"
        " and run reads its day again if the tenant still has it"
    )


def changed(paths: Sequence[Path]) -> CheckError:
    """The error for files that are not as they were written: each of *paths*."""
    what = [f"{path}: not as it was written" for path in paths]
    remedy = (
        "restore it from a backup; or move it away, and run reads its day again if the"
        " tenant still has it"
    )
    return together(what, remedy)


def together(what: Sequence[str], remedy: str) -> CheckError:
    """One error for *what* is wrong with files; all have the same *remedy*."""
    each = [CheckError(f"{one}\n{remedy}") for one in what]
    if len(each) == 1:
        return each[0]
    rest = counted(len(what) - 1, "more file")
    return ChecksError(f"{what[0]}, and {rest}\n{remedy}", each)


def _is_parquet(path: Path) -> bool:
    try:
        pl.read_parquet(path, hive_partitioning=False, glob=False)
    except (OSError, *PARQUET_ERRORS):
        return False
    return True
