"""The lake: Parquet days, each replaced whole, nothing ever lost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from shutil import rmtree

import polars as pl

from pipeline.errors import PipelineError
from pipeline.files import replacing
from pipeline.lake.spool import Spool
from pipeline.lake.tables import COVERAGE, TIMESTAMP, Table

__all__ = ["COVERAGE", "TIMESTAMP", "Lake", "Merged", "Note", "Spool", "Table"]


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did to a day: the rows that are not as they were, and new ones."""

    rows: pl.DataFrame
    new: int

    @property
    def changed(self) -> int:
        """Rows that were there and are another now."""
        return self.rows.height - self.new


@dataclass(frozen=True, slots=True)
class Note:
    """How a day was read: `complete` or `partial`, when, and without which ids."""

    status: str
    read_at: datetime
    missing: Sequence[str] = ()


# A row of the coverage: source, status, rows, missing, extracted_at.
_Noted = tuple[str, str, int, str | None, datetime]


class Lake:
    """`<root>/<table>/tenant=<name>/date=<day>/<table>.parquet`, one file a day."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, table: Table, tenant: str, day: date) -> pl.DataFrame:
        """What *day* holds; no rows if it was never written.

        A column that the file is older than is null.

        Raises:
            PipelineError: The file is there, but is not readable Parquet.
        """
        path = self._path(table, tenant, day)
        if not path.exists():
            return table.frame([])
        try:
            rows = pl.read_parquet(path, hive_partitioning=False, glob=False)
        except pl.exceptions.PolarsError as exc:
            raise PipelineError(
                f"{path}: not readable as Parquet; restore it from a backup, or move it"
                " away and extract its day again with --since"
            ) from exc
        if rows.columns == list(table.columns):
            return rows
        return pl.concat([table.frame([]), rows], how="diagonal")

    def days(self, table: Table, tenant: str) -> list[date]:
        """The days that have a file, in order."""
        folder = self._root / table.name / f"tenant={tenant}"
        names = (path.name.removeprefix("date=") for path in folder.glob("date=*"))
        return sorted(map(date.fromisoformat, names))

    def query(
        self,
        table: Table,
        tenant: str,
        days: Sequence[date],
        ask: Callable[[pl.LazyFrame], pl.LazyFrame],
    ) -> pl.DataFrame:
        """What *ask* makes of the rows of several days, with the day as `date`.

        Raises:
            PipelineError: A file is there, but is not readable Parquet.
        """
        paths = [p for day in days if (p := self._path(table, tenant, day)).exists()]
        if not paths:
            empty = table.frame([]).with_columns(date=pl.lit(None, pl.Date))
            return ask(empty.lazy()).collect()
        hive = {"tenant": pl.String, "date": pl.Date}
        rows = pl.scan_parquet(
            paths,
            glob=False,
            schema={**table.columns, **hive},
            hive_schema=hive,
            missing_columns="insert",
            extra_columns="ignore",
        )
        try:
            return ask(rows.drop("tenant")).collect()
        except pl.exceptions.PolarsError as exc:
            raise PipelineError(
                f"{paths[0].parents[1]}: {table.name} of {min(days)} to {max(days)} is"
                f" not readable as Parquet: {str(exc).splitlines()[0]}\n"
                "restore it from a backup"
            ) from exc

    def merge(self, table: Table, tenant: str, day: date, rows: pl.DataFrame) -> Merged:
        """Add *rows* to what *day* holds.

        A row replaces the one of the same key unless its `updated_at` is older. Rows
        that are held and not among *rows* stay: what a tenant no longer lists is kept.
        The same rows merged twice leave the same bytes.
        """
        held = self.read(table, tenant, day)
        merged = _merge(table, held, rows)
        if self._path(table, tenant, day).exists() and merged.equals(held):
            return Merged(merged.clear(), 0)
        self._write(table, tenant, day, merged)
        if held.is_empty():
            return Merged(merged, merged.height)
        other = merged.join(held, on=held.columns, how="anti", nulls_equal=True)
        return Merged(other, merged.height - held.height)

    def notes(self, tenant: str, table: Table) -> pl.DataFrame:
        """The coverage of *table*: a row for each day that was ever read, in order."""
        days = self.days(COVERAGE, tenant)
        return self.query(
            COVERAGE, tenant, days, lambda notes: notes.filter(source=table.name)
        )

    def cover(self, table: Table, tenant: str, read: Mapping[date, Note]) -> None:
        """Note how each day of *table* was read; call it when the rows are safe.

        A day that was read whole stays `complete` until ids are missing from it. The
        note stays as it is where the day was read before with the same outcome, so
        that a repeated night leaves the same bytes.
        """
        days = list(read)
        notes = self.query(COVERAGE, tenant, days, lambda notes: notes)
        held = notes.rows_by_key("date")
        sizes = self.query(
            table, tenant, days, lambda rows: rows.group_by("date").len()
        )
        heights = dict(sizes.iter_rows())
        for day, note in read.items():
            after = _noted(held[day], table, heights.get(day, 0), note)
            if after != held[day]:
                self._write(COVERAGE, tenant, day, COVERAGE.frame(after))

    @contextmanager
    def spool(self, table: Table, tenant: str) -> Iterator[Spool]:
        """A place beside the lake for rows on their way to it."""
        folder = self._root.parent / f".spool-{tenant}"
        rmtree(folder, ignore_errors=True)  # a killed run left it
        folder.mkdir(parents=True)
        try:
            yield Spool(folder, table)
        finally:
            rmtree(folder)

    def quarantine(self, tenant: str, day: date, page: bytes) -> Path:
        """Keep a page that could not be read, beside the lake; where it is."""
        name = f"{day}-{sha256(page).hexdigest()[:12]}.json"
        path = self._root.parent / "quarantine" / f"tenant={tenant}" / name
        with replacing(path) as partial:
            partial.write_bytes(page)
        return path

    def _write(self, table: Table, tenant: str, day: date, rows: pl.DataFrame) -> None:
        content = BytesIO()
        rows.write_parquet(content, compression="zstd", compression_level=1)
        with replacing(self._path(table, tenant, day)) as partial:
            partial.write_bytes(content.getbuffer())

    def _path(self, table: Table, tenant: str, day: date) -> Path:
        folder = self._root / table.name / f"tenant={tenant}" / f"date={day}"
        return folder / f"{table.name}.parquet"


def _noted(held: list[_Noted], table: Table, height: int, note: Note) -> list[_Noted]:
    """The notes of a day, *held* so far, with the new one of *table*.

    Plain tuples: a day has a few notes, and a frame costs more than all of them.
    """
    before = [row for row in held if row[0] == table.name]
    was_complete = any(status == "complete" for _, status, *_ in before)
    status = "complete" if was_complete and not note.missing else note.status
    missing = " ".join(sorted(note.missing)) or None
    new = (table.name, status, height, missing, note.read_at)
    if [row[:-1] for row in before] == [new[:-1]]:
        return held
    return sorted([*(row for row in held if row not in before), new])


def _merge(table: Table, held: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    both = pl.concat([table.frame([]), held, rows], how="diagonal")
    if both.n_unique(table.key) < both.height:
        both = _newest(table, both)
    return both.sort(table.key)


def _newest(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """One row of each key: of the newest the one that came last."""
    newest = ["updated_at"] if "updated_at" in table.columns else []
    return (
        rows.lazy()
        .with_row_index("_read")
        .sort([*newest, "_read"], nulls_last=False)
        .unique(subset=list(table.key), keep="last", maintain_order=True)
        .drop("_read")
        .collect()
    )
