"""A lake table: its columns and its key; the table of the coverage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

TIMESTAMP = pl.Datetime("us", "UTC")

# The day of a row, in every file: the file of a month has rows of many. A file of an
# earlier version lacks it, and is of the day of its folder.
ROW_DATE = "row_date"

# Of a snapshot that is stored as changes: the day that it is compared with, and what a
# row is: `new`, `changed`, `deleted` (of which there is the key alone) or `same`.
BASE_DATE = "base_date"
CHANGE = "change"

DType = pl.DataType | type[pl.DataType]


@dataclass(frozen=True)
class Table:
    """A lake table: its columns, and the key that makes a row of a day unique.

    Where a table has `updated_at`, the newest row of a key wins; else the last read.
    In columns that are *settled*, what was first known stays, for all rows of a day
    that have the same first column of the key. What a tenant lists on a day
    *is_snapshot*, and is stored as changes.
    """

    name: str
    columns: Mapping[str, DType]
    key: tuple[str, ...]
    settled: tuple[str, ...] = ()
    is_snapshot: bool = False

    @cached_property
    def empty(self) -> pl.DataFrame:
        """No rows of the table's columns."""
        return pl.DataFrame(schema=dict(self.columns))

    @cached_property
    def nothing_stored(self) -> pl.DataFrame:
        """No rows of the columns that files have."""
        return pl.DataFrame(schema=self.stored)

    @cached_property
    def stored(self) -> dict[str, DType]:
        """The columns that files have, but for the day of a row."""
        own = {BASE_DATE: pl.Date, CHANGE: pl.String} if self.is_snapshot else {}
        return {**self.columns, **own}

    def frame(self, rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
        """*rows* in the order of the columns, as a frame of the columns' types."""
        return pl.DataFrame(rows, schema=dict(self.columns), orient="row")


# How each day of each table was read, the ids that could not be read, and whether its
# file carries a hash, which files of earlier versions do not. The extraction writes it.
COVERAGE = Table(
    name="coverage",
    columns={
        "source": pl.String,
        "status": pl.String,
        "rows": pl.Int64,
        "missing": pl.String,
        "extracted_at": TIMESTAMP,
        "has_hash": pl.Boolean,
    },
    key=("source",),
)
