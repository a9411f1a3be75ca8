"""Rows between the tenant and the lake, kept on disk until their day is written."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.lake.tables import Table


class Spool:
    """Rows on their way to the lake, kept on disk so that they need no memory.

    They are handed out by day, since a day's file is replaced once and whole.
    """

    _FLUSH_ROWS = 50_000

    def __init__(self, folder: Path, table: Table) -> None:
        self._folder = folder
        self._table = table
        self._held: list[pl.DataFrame] = []
        self._height = 0
        self._parts: list[Path] = []

    def add(self, rows: pl.DataFrame) -> None:
        """Take *rows*, whose `created_date` is the day that they belong to."""
        self._held.append(rows)
        self._height += rows.height
        if self._height >= self._FLUSH_ROWS:
            self._flush()

    def days(self) -> Iterator[tuple[date, pl.DataFrame]]:
        """Each day with its rows in the order they came in; in order of the days."""
        self._flush()
        if not self._parts:
            return
        rows = pl.scan_parquet(self._parts, glob=False)
        counts = rows.group_by("created_date").len().sort("created_date").collect()
        # As many days at a time as fit the memory: each look reads all that is kept.
        looks = counts.with_columns(look=pl.col("len").cum_sum() // self._FLUSH_ROWS)
        for _, days in looks.group_by("look", maintain_order=True):
            first, last = days["created_date"][0], days["created_date"][-1]
            asked = rows.filter(pl.col("created_date").is_between(first, last))
            held = asked.collect().sort("created_date", maintain_order=True)
            begin = 0
            for day, height in days.select("created_date", "len").iter_rows():
                yield day, held.slice(begin, height).drop("created_date")
                begin += height

    def _flush(self) -> None:
        if self._held:
            part = self._folder / f"{self._table.name}-{len(self._parts)}.spool"
            # In order of the days, so that a look passes over most of a part.
            held = pl.concat(self._held).sort("created_date", maintain_order=True)
            held.write_parquet(part, compression="uncompressed", row_group_size=8192)
            self._parts.append(part)
            self._held, self._height = [], 0
