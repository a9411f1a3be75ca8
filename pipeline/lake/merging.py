"""Rows of a day, merged with those that it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

import polars as pl

from pipeline.lake.tables import Table


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did to a day: the rows that changed it, and how many are new."""

    rows: pl.DataFrame
    new: int

    @property
    def changed(self) -> int:
        """How many rows replaced one that was there."""
        return self.rows.height - self.new


def merge(table: Table, existing: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """*existing* rows and new ones: of each key the newest, in order of the key."""
    both = pl.concat([existing, rows], how="diagonal") if existing.height else rows
    if both.columns != table.empty.columns or both.dtypes != table.empty.dtypes:
        both = pl.concat([table.empty, both], how="diagonal")
    if table.settled:
        first = pl.col(table.settled).drop_nulls().first()
        both = both.with_columns(first.over(table.key[0]))
    if _is_in_order(both, table.key):
        return both
    ordered = both.sort(table.key)
    if _has_repeated(ordered, table.key):
        return _newest(table, both).sort(table.key)
    return ordered


def compared(existing: pl.DataFrame, merged: pl.DataFrame) -> Merged:
    """What a merge did that made *merged* rows of the *existing* ones of a day."""
    if existing.is_empty():
        return Merged(merged, merged.height)
    other = merged.join(existing, on=existing.columns, how="anti", nulls_equal=True)
    return Merged(other, merged.height - existing.height)


def _is_in_order(rows: pl.DataFrame, key: Sequence[str]) -> bool:
    """Whether *rows* are known to be in order of a *key* that no two of them share.

    They are compared if the key is one column: that takes a tenth of sorting them.
    """
    if len(key) > 1:
        return False
    only = rows[key[0]]
    return not only.has_nulls() and bool((only.head(-1) < only.slice(1)).all())


def _has_repeated(ordered: pl.DataFrame, key: Sequence[str]) -> bool:
    """Whether two rows, which are in order of *key*, have the same one.

    Neighbours are compared, which takes half as long as to count different keys.
    """
    columns = [ordered[name] for name in key]
    same = [one.slice(1).eq_missing(one.head(-1)) for one in columns]
    return reduce(and_, same).any()


def _newest(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """One row of each key: the newest, and of equally new ones the last."""
    newest = ["updated_at"] if "updated_at" in table.columns else []
    return (
        rows.lazy()
        .with_row_index("_read")
        .sort([*newest, "_read"], nulls_last=False)
        .unique(subset=list(table.key), keep="last", maintain_order=True)
        .drop("_read")
        .collect()
    )
