"""Rows between the tenant and the lake, on disk until their day is written."""

from collections.abc import Iterator
from datetime import date
from itertools import accumulate
from pathlib import Path

import polars as pl

from pipeline.lake.tables import Table


class Spool:
    """Rows on disk, so that they need no memory; returned by day, whose file is one."""

    _FLUSH_ROWS = 50_000

    def __init__(self, folder: Path, table: Table) -> None:
        self._folder = folder
        self._table = table
        self._unflushed: list[pl.DataFrame] = []
        self._height = 0
        self._parts: list[Path] = []

    def add(self, rows: pl.DataFrame) -> None:
        """Take *rows*, whose `created_date` is the day that they belong to."""
        self._unflushed.append(rows)
        self._height += rows.height
        if self._height >= self._FLUSH_ROWS:
            self._flush()

    def days(self) -> Iterator[list[tuple[date, pl.DataFrame]]]:
        """The days in order, as many at a time as fit the memory.

        Rows of a day are in order of their key, those of the same one as added.
        """
        self._flush()
        if not self._parts:
            return
        rows = pl.scan_parquet(self._parts, glob=False)
        counts = rows.group_by("created_date").len().sort("created_date").collect()
        # As many days at a time as fit the memory: each batch scans all parts.
        batches = counts.with_columns(batch=pl.col("len").cum_sum() // self._FLUSH_ROWS)
        for _, days in batches.group_by("batch", maintain_order=True):
            first, last = days["created_date"][0], days["created_date"][-1]
            in_batch = rows.filter(pl.col("created_date").is_between(first, last))
            # By key, too, at once: to merge a day that is in order costs less.
            batch = in_batch.collect().sort(
                "created_date", *self._table.key, maintain_order=True
            )
            batch = batch.drop("created_date")
            heights = days["len"].to_list()
            begins = accumulate(heights, initial=0)
            slices = map(batch.slice, begins, heights)
            yield list(zip(days["created_date"], slices, strict=True))

    def _flush(self) -> None:
        if self._unflushed:
            path = self._folder / f"{self._table.name}-{len(self._parts)}.spool"
            # In order of the days, so that a scan skips most row groups of a part.
            part = pl.concat(self._unflushed).sort("created_date", maintain_order=True)
            part.write_parquet(path, compression="uncompressed", row_group_size=8192)
            self._parts.append(path)
            self._unflushed, self._height = [], 0
