"""Days as their files have them: read, and replaced whole."""

from datetime import date
from pathlib import Path

import polars as pl

from pipeline.lake import faults, folders, hashes, known, listings, months, store
from pipeline.lake.coverage import everything
from pipeline.lake.tables import COVERAGE, ROW_DATE, Table


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


def write(root: Path, table: Table, tenant: str, day: date, rows: pl.DataFrame) -> None:
    """Let *rows* be what the file of *day* has of it."""
    path, within = folders.location_of(root, table.name, tenant, day)
    name = path.relative_to(root).as_posix()
    if within:
        store.put_large(path, months.with_day(table, name, path, day, rows))
        known.wrote(path, day, {})
        return
    dated = rows.with_columns(pl.lit(day).alias(ROW_DATE))
    store.put(path, hashes.encoded(dated, name))
    known.wrote(path, day, _answers(table, day, rows))


def _answers(
    table: Table, day: date, rows: pl.DataFrame
) -> dict[known.Ask, list[known.Row]]:
    """What a run asks of *rows* next, so that it reads no file that it just wrote."""
    if table.is_snapshot or rows.columns != list(table.stored):
        return {}
    if table is COVERAGE:
        return {everything: [(*row, day) for row in rows.iter_rows()]}
    return {listings.counted: [(day, rows.height)] if rows.height else []}
