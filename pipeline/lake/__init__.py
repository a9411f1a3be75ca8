"""The lake: Parquet files, one a table and day, replaced whole; no row is ever lost.

Old months are one file a table and month instead.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl

from pipeline.files import discard, make_folder, replacing
from pipeline.lake import folders, hashes, months, store
from pipeline.lake.coverage import DayCoverage, Found, with_coverage
from pipeline.lake.spool import Spool
from pipeline.lake.tables import COVERAGE, ROW_DATE, TIMESTAMP, Table

__all__ = ["COVERAGE", "TIMESTAMP", "DayCoverage", "Lake", "Merged", "Spool", "Table"]


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did to a day: the rows that changed it, and how many are new."""

    rows: pl.DataFrame
    new: int

    @property
    def changed(self) -> int:
        """How many rows replaced one that was there."""
        return self.rows.height - self.new


class Lake:
    """`<root>/<table>/tenant=<name>/date=<day>/<table>.parquet`, one file a day."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, table: Table, tenant: str, day: date) -> pl.DataFrame:
        """The rows of *day*; none if it was never written.

        Columns that are newer than the file are null.

        Raises:
            CheckError: The file is there, but is not readable Parquet, or not as it
                was written.
        """
        path = self.path(table, tenant, day)
        if not folders.exists(path):
            return table.frame([])
        try:
            if folders.days_in(path):
                return months.read(table, path, day)
            content = path.read_bytes()
            if hashes.name_in(content) == "":
                raise folders.changed([path])
            rows = pl.read_parquet(content, hive_partitioning=False)
        except OSError as exc:
            raise folders.unreadable(path, exc) from exc
        except folders.PARQUET_ERRORS as exc:
            raise folders.damaged([path]) from exc
        rows = rows.drop(ROW_DATE, strict=False)
        if rows.columns == list(table.columns):
            return rows
        return pl.concat([table.frame([]), rows], how="diagonal")

    def days(self, table: Table, tenant: str) -> list[date]:
        """The days that have a file, or are in that of their month; in order."""
        return folders.days(self._root, table.name, tenant)

    def days_by_file(self, table: Table, tenant: str) -> dict[Path, list[date]]:
        """The days in each file, and where a folder has none; in order."""
        found: dict[Path, list[date]] = {}
        for day in self.days(table, tenant):
            found.setdefault(self.path(table, tenant, day), []).append(day)
        return found

    def query(
        self,
        table: Table,
        tenant: str,
        days: Sequence[date],
        ask: Callable[[pl.LazyFrame], pl.LazyFrame],
    ) -> pl.DataFrame:
        """The result of *ask* on the rows of several days, with the day as `date`.

        Raises:
            CheckError: A file is there, but is not readable Parquet.
        """
        named = dict.fromkeys(self.path(table, tenant, day) for day in days)
        paths = [path for path in named if folders.exists(path)]
        if not paths:
            empty = table.frame([]).with_columns(date=pl.lit(None, pl.Date))
            return ask(empty.lazy()).collect()
        # Not by hive's rule, which looks for dates in the folders above the lake too.
        ending = len(f"YYYY-MM-DD/{table.name}.parquet")
        day = pl.col("_file").str.slice(-ending, 10)
        rows = pl.scan_parquet(
            paths,
            glob=False,
            schema={**table.columns, ROW_DATE: pl.Date},
            hive_partitioning=False,
            include_file_paths="_file",
            missing_columns="insert",
            extra_columns="ignore",
        ).with_columns(date=pl.coalesce(ROW_DATE, day.str.to_date("%Y-%m-%d")))
        if any(folders.days_in(path) for path in paths):
            rows = rows.filter(pl.col("date").is_in(list(days)))
        try:
            return ask(rows.drop("_file", ROW_DATE)).collect()
        except folders.PARQUET_ERRORS as exc:
            raise folders.damaged(paths) from exc
        except OSError as exc:
            raise folders.unreadable(paths[0], exc) from exc

    def heights(
        self, table: Table, tenant: str, days: Sequence[date]
    ) -> dict[date, int]:
        """How many rows each of *days* has; a day without a file is not in it."""
        found: dict[date, int] = {}
        alone = []
        for day in days:
            within = folders.days_in(self.path(table, tenant, day))
            if within and day in within:
                found[day] = within[day].rows
            elif not within:
                alone.append(day)
        sizes = self.query(
            table, tenant, alone, lambda rows: rows.group_by("date").len()
        )
        return found | dict(sizes.iter_rows())

    def merge(self, table: Table, tenant: str, day: date, rows: pl.DataFrame) -> Merged:
        """Add *rows* to *day*.

        A row replaces the one of the same key unless its `updated_at` is older. Rows
        of *day* that are not among *rows* stay, so that runs and automations which
        the tenant no longer lists are kept. Merging the same rows again leaves the
        same bytes.
        """
        existing = self.read(table, tenant, day)
        merged = _merge(table, existing, rows)
        if folders.exists(self.path(table, tenant, day)) and merged.equals(existing):
            return Merged(merged.clear(), 0)
        self._write(table, tenant, day, merged)
        if existing.is_empty():
            return Merged(merged, merged.height)
        other = merged.join(existing, on=existing.columns, how="anti", nulls_equal=True)
        return Merged(other, merged.height - existing.height)

    def replace(self, table: Table, tenant: str, day: date, rows: pl.DataFrame) -> None:
        """Make *day* of *rows*; of those that have the same key, the newest."""
        self._write(table, tenant, day, _merge(table, table.frame([]), rows))

    def coverage(self, tenant: str, table: Table) -> pl.DataFrame:
        """The coverage of *table*: a row for each day that was ever read, in order."""
        days = self.days(COVERAGE, tenant)
        return self.query(
            COVERAGE, tenant, days, lambda rows: rows.filter(source=table.name)
        )

    def cover(
        self, table: Table, tenant: str, read: Mapping[date, DayCoverage]
    ) -> None:
        """Record how each day of *table* was read; call it when the rows are safe.

        A day that was read whole stays `complete` until ids are missing from it. A
        day that is read again with the same outcome keeps its row, and its time, so
        that a repeated run leaves the same bytes.
        """
        days = list(read)
        existing = self.query(COVERAGE, tenant, days, lambda rows: rows)
        by_day = existing.rows_by_key("date")
        heights = self.heights(table, tenant, days)
        for day, coverage in read.items():
            has_hash = hashes.has_hash(self.path(table, tenant, day)) or None
            found = Found(table.name, heights.get(day, 0), has_hash)
            updated = with_coverage(by_day[day], found, coverage)
            if updated != by_day[day]:
                self.read(COVERAGE, tenant, day)  # refuses one that was changed
                self._write(COVERAGE, tenant, day, COVERAGE.frame(updated))

    @contextmanager
    def spool(self, table: Table, tenant: str) -> Iterator[Spool]:
        """A spool in a folder beside the lake, which is removed at the end."""
        folder = self._root.parent / f".spool-{tenant}"
        discard(folder)  # of a run that was killed
        make_folder(folder)
        try:
            yield Spool(folder, table)
        finally:
            discard(folder)

    def quarantine(self, tenant: str, day: date, page: bytes) -> Path:
        """Keep an invalid page beside the lake; the path of its file."""
        name = f"{day}-{sha256(page).hexdigest()[:12]}.json"
        path = self._root.parent / "quarantine" / f"tenant={tenant}" / name
        with replacing(path) as partial:
            partial.write_bytes(page)
        return path

    def name(self, path: Path) -> str:
        """What a file of the lake is called in it."""
        return path.relative_to(self._root).as_posix()

    def _write(self, table: Table, tenant: str, day: date, rows: pl.DataFrame) -> None:
        path = self.path(table, tenant, day)
        name = self.name(path)
        if folders.days_in(path):
            store.put_large(path, months.with_day(table, name, path, day, rows))
            return
        dated = rows.with_columns(pl.lit(day).alias(ROW_DATE))
        store.put(path, hashes.encoded(dated, name))

    def path(self, table: Table, tenant: str, day: date) -> Path:
        """Where the rows of *day* are, or would be: its own file, or its month's."""
        return folders.path_of(self._root, table.name, tenant, day)


def _merge(table: Table, existing: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    both = pl.concat([table.frame([]), existing, rows], how="diagonal").with_columns(
        pl.col(name).drop_nulls().first().over(table.key[0]) for name in table.settled
    )
    if both.n_unique(table.key) < both.height:
        both = _newest(table, both)
    return both.sort(table.key)


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
