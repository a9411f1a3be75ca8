"""Files of months: the days of a complete month in one file, in place of a file each.

Such a file stands in the folder of the month's first day. Its rows have their day in
the column `row_date`, as those of every file have; its metadata say which days it has.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from hashlib import file_digest, sha256
from pathlib import Path

import polars as pl

from pipeline.lake import faults, folders, footers, hashes
from pipeline.lake.footers import OfDay
from pipeline.lake.tables import ROW_DATE, Table

# Readers skip row groups of other days, and other automations.
_ROWS_OF_GROUP = 122_880

Write = Callable[[Path], None]


def joined(table: Table, name: str, sources: Mapping[date, Path]) -> Write:
    """What writes the file *name* of a month out of the files of its days."""
    days = sorted(sources)
    parts = [_part(table, sources[day], day) for day in days]
    return _writing(name, parts, {day: _of_day(sources[day]) for day in days})


def with_day(
    table: Table, name: str, path: Path, day: date, rows: pl.DataFrame
) -> Write:
    """What writes the file *name* of the month at *path* anew, with *rows* of *day*."""
    every = _scan(table, path)
    of_day = pl.col(ROW_DATE)
    own = rows.select(list(table.stored))
    new = own.lazy().with_columns(pl.lit(day).alias(ROW_DATE))
    parts = [every.filter(of_day < day), new, every.filter(of_day > day)]
    digest = sha256(next(hashes.encoded([(f"{name} {day}", rows)]))).hexdigest()
    days = {**folders.days_in(path), day: OfDay(rows.height, digest)}
    return _writing(name, parts, days)


def read(table: Table, path: Path, day: date) -> pl.DataFrame:
    """The rows that the file of a month has of *day*.

    Raises:
        CheckError: It is not as it was written.
    """
    if not hashes.is_as_written(path):
        raise faults.changed([path])
    return _scan(table, path).filter(pl.col(ROW_DATE) == day).drop(ROW_DATE).collect()


def _writing(
    name: str, parts: Sequence[pl.LazyFrame], days: Mapping[date, OfDay]
) -> Write:
    def write(path: Path) -> None:
        pl.concat(parts).sink_parquet(
            path,
            compression="zstd",
            compression_level=3,
            row_group_size=_ROWS_OF_GROUP,
            metadata=footers.stated(name, days),
            maintain_order=True,
        )
        hashes.seal(path)

    return write


def _part(table: Table, path: Path, day: date) -> pl.LazyFrame:
    return _scan(table, path).with_columns(pl.lit(day).alias(ROW_DATE))


def _scan(table: Table, path: Path) -> pl.LazyFrame:
    """The rows of a file, with all columns of *table*; those that it lacks are null."""
    rows = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    found = rows.collect_schema()
    return rows.select(
        (pl.col(name) if name in found else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in {**table.stored, ROW_DATE: pl.Date}.items()
    )


def _of_day(path: Path) -> OfDay:
    rows = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    height = rows.select(pl.len()).collect().item()
    with path.open("rb") as file:
        return OfDay(height, file_digest(file, "sha256").hexdigest())
