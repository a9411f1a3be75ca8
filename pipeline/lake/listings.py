"""Snapshots as changes: of a month's first one all rows, then what differs from it.

A day has the rows that are not in the first snapshot of its month (`new`), that are
other ones (`changed`), and the keys that are no longer listed (`deleted`); or all rows
again, if that would be more than half of them. Each day is made again of two files,
its own and that of `base_date`, so that a day that is lost takes no other along.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from pipeline.dates import month_of
from pipeline.errors import CheckError
from pipeline.lake.tables import BASE_DATE, CHANGE, Table

# What is stored of a day.
Read = Callable[[date], pl.DataFrame]


class MissingBaseError(CheckError):
    """The snapshot that another one was compared with is not there."""


def base_of(stored: pl.DataFrame) -> date | None:
    """The day that what is *stored* of a day is compared with; None if it is whole."""
    first: Any = stored[BASE_DATE].first() if stored.height else None
    return first if isinstance(first, date) else None


def whole(table: Table, stored: pl.DataFrame, read: Read) -> pl.DataFrame:
    """All rows of the snapshot that is *stored* as changes, or whole.

    Raises:
        MissingBaseError: What it is compared with is not there.
    """
    base_day = base_of(stored)
    listed = stored.filter(pl.col(CHANGE).ne_missing("deleted"))
    if base_day is None:
        return listed.select(*table.columns)
    base = read(base_day)
    if base.is_empty() or base_of(base):
        raise MissingBaseError(
            f"{table.name} of {base_day}: not there, and later days are changes of it\n"
            "restore it from a backup"
        )
    stays = base.join(stored, on=list(table.key), how="anti")
    both = pl.concat([stays.select(*table.columns), listed.select(*table.columns)])
    return both.sort(table.key)


def changes(
    table: Table, rows: pl.DataFrame, day: date, earlier: Iterable[date], read: Read
) -> pl.DataFrame:
    """What is to be stored of the snapshot *rows* of *day*, after *earlier* ones."""
    everything = _marked(rows, None, None)
    existing = read(day)
    if existing.height and base_of(existing) is None:
        return everything  # other days may be compared with it
    found = _base(day, earlier, read)
    if found is None:
        return everything
    base_day, base = found
    key = list(table.key)
    base = base.select(*table.columns)
    new = rows.join(base, on=key, how="anti")
    deleted = base.join(rows, on=key, how="anti").select(key)
    other = rows.join(base, on=list(table.columns), how="anti", nulls_equal=True)
    changed = other.join(new, on=key, how="anti")
    stored = pl.concat(
        [
            _marked(new, base_day, "new"),
            _marked(changed, base_day, "changed"),
            _marked(deleted, base_day, "deleted"),
        ],
        how="diagonal",
    )
    if stored.is_empty():  # a file without rows is of a day that listed nothing
        return _marked(rows.head(1), base_day, "same")
    if stored.height * 2 > rows.height:
        return everything
    return stored.sort(key).select(*table.stored)


def heights(found: Mapping[date, list[tuple[Any, ...]]]) -> Mapping[date, int]:
    """How many rows the snapshots have of which `summed` was *found*, by day.

    One whose base was not found is not in it.
    """
    by_day = {
        day: (rows, base, more)
        for each in found.values()
        for day, rows, base, more in each
    }
    sizes = {day: rows for day, (rows, base, _) in by_day.items() if base is None}
    for day, (_, base, more) in by_day.items():
        if base in sizes:
            sizes[day] = sizes[base] + more
    return sizes


def counted(rows: pl.LazyFrame) -> pl.LazyFrame:
    """By day: rows that are stored."""
    return rows.group_by("date").len()


def summed(rows: pl.LazyFrame) -> pl.LazyFrame:
    """By day: rows that are stored, the day of the base, and rows more than it has."""
    return rows.group_by("date").agg(
        pl.len(),
        pl.col(BASE_DATE).first(),
        (pl.col(CHANGE) == "new").sum().cast(pl.Int64)
        - (pl.col(CHANGE) == "deleted").sum().cast(pl.Int64),
    )


def _base(
    day: date, earlier: Iterable[date], read: Read
) -> tuple[date, pl.DataFrame] | None:
    """The whole snapshot of the month that the last one before *day* is, or is of."""
    same_month = [
        one for one in earlier if month_of(one) == month_of(day) and one < day
    ]
    for one in reversed(same_month):
        try:
            stored = read(one)
            base_day = base_of(stored) or one
            base = stored if base_day == one else read(base_day)
        except CheckError:
            continue
        if base.height and base_of(base) is None:
            return base_day, base
    return None


def _marked(rows: pl.DataFrame, base: date | None, change: str | None) -> pl.DataFrame:
    return rows.with_columns(
        pl.lit(base, pl.Date).alias(BASE_DATE), pl.lit(change, pl.String).alias(CHANGE)
    )
