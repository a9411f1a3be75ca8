"""Days as their files have them: read, and replaced whole."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import islice
from pathlib import Path

import polars as pl

from pipeline.lake import faults, folders, hashes, known, listings, months, store
from pipeline.lake.coverage import everything
from pipeline.lake.tables import COVERAGE, ROW_DATE, Table

# So many files are made at once.
_AT_ONCE = 64


def read(root: Path, table: Table, tenant: str, day: date) -> pl.DataFrame:
    """The rows that the file of *day* has of it; none if it was never written.

    Columns that are newer than the file are null.

    Raises:
        CheckError: The file is there, but is not readable Parquet, or not as it was
            written.
    """
    path, within = folders.location_of(root, table.name, tenant, day)
    if not folders.exists(path):
        return table.nothing_stored
    try:
        if within:
            return months.read(table, path, day)
        content = path.read_bytes()
        if hashes.name_in(content) == "":
            raise faults.changed([path])
        rows = pl.read_parquet(content, hive_partitioning=False)
    except OSError as exc:
        raise faults.unreadable(path, exc) from exc
    except faults.PARQUET_ERRORS as exc:
        raise faults.damaged([path]) from exc
    rows = rows.drop(ROW_DATE, strict=False)
    if rows.columns == list(table.stored):
        return rows
    return pl.concat([table.nothing_stored, rows], how="diagonal")


def query(
    table: Table, located: Mapping[date, folders.Location], ask: known.Ask
) -> pl.DataFrame:
    """The result of *ask* on what several days store, with the day as `date`.

    Raises:
        CheckError: A file is there, but is not readable Parquet.
    """
    named = dict(located.values())
    paths = [path for path in named if folders.exists(path)]
    if not paths:
        empty = pl.DataFrame(schema={**table.stored, "date": pl.Date})
        return ask(empty.lazy()).collect()
    # Not by hive's rule, which looks for dates in the folders above the lake too.
    ending = len(f"YYYY-MM-DD/{table.name}.parquet")
    day = pl.col("_file").str.slice(-ending, 10)
    rows = pl.scan_parquet(
        paths,
        glob=False,
        schema={**table.stored, ROW_DATE: pl.Date},
        hive_partitioning=False,
        include_file_paths="_file",
        missing_columns="insert",
        extra_columns="ignore",
    ).with_columns(date=pl.coalesce(ROW_DATE, day.str.to_date("%Y-%m-%d")))
    if any(named.values()):
        rows = rows.filter(pl.col("date").is_in(list(located)))
    try:
        return ask(rows.drop("_file", ROW_DATE)).collect()
    except faults.PARQUET_ERRORS as exc:
        raise faults.damaged(paths) from exc
    except OSError as exc:
        raise faults.unreadable(paths[0], exc) from exc


def write(
    root: Path, table: Table, tenant: str, days: Iterable[tuple[date, pl.DataFrame]]
) -> None:
    """Let the rows of *days* be what the file of each day has of it."""
    rest = iter(days)
    while some := dict(islice(rest, _AT_ONCE)):
        alone: dict[Path, tuple[str, date]] = {}
        for day, at in folders.locations(root, table.name, tenant, some).items():
            name = at.path.relative_to(root).as_posix()
            if at.days:
                changed = months.with_day(table, name, at.path, day, some[day])
                store.put_large(at.path, changed)
                known.wrote(at.path, day, {})
            else:
                alone[at.path] = name, day
        made = hashes.encoded(
            (name, _dated(some[day], day)) for name, day in alone.values()
        )
        for (path, (_, day)), content in zip(alone.items(), made, strict=True):
            store.put(path, content)
            known.wrote(path, day, _answers(table, day, some[day]))


def _dated(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    of_day = pl.Series(ROW_DATE, [day], pl.Date)
    return rows.hstack([of_day.new_from_index(0, rows.height)])


def _answers(
    table: Table, day: date, rows: pl.DataFrame
) -> dict[known.Ask, list[known.Row]]:
    """What a run asks of *rows* next, so that it reads no file that it just wrote."""
    if table.is_snapshot or rows.columns != list(table.stored):
        return {}
    if table is COVERAGE:
        return {everything: [(*row, day) for row in rows.iter_rows()]}
    return {listings.counted: [(day, rows.height)] if rows.height else []}
