"""The lake: Parquet days, each replaced whole, nothing ever lost."""

from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.entities import COVERAGE, Table
from pipeline.errors import PipelineError
from pipeline.files import replacing


class Lake:
    """`<root>/<table>/tenant=<name>/date=<day>/<table>.parquet`, one file a day."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, table: Table, tenant: str, day: date) -> pl.DataFrame:
        """What *day* holds; no rows if it was never written.

        Raises:
            PipelineError: The file is there, but is not readable Parquet.
        """
        path = self._path(table, tenant, day)
        if not path.exists():
            return table.frame([])
        try:
            return pl.read_parquet(path, hive_partitioning=False, glob=False)
        except pl.exceptions.PolarsError as exc:
            raise PipelineError(
                f"{path}: not readable as Parquet; restore it from a backup, or move it"
                " away and extract its day again with --since"
            ) from exc

    def merge(self, table: Table, tenant: str, day: date, rows: pl.DataFrame) -> bool:
        """Add *rows* to what *day* holds; True if that changed anything.

        A row replaces the one of the same key unless its `updated_at` is older. Rows
        that are held and not among *rows* stay: what a tenant no longer lists is kept.
        The same rows merged twice leave the same bytes.
        """
        path = self._path(table, tenant, day)
        held = self.read(table, tenant, day)
        merged = _merge(table, held, rows)
        if path.exists() and merged.equals(held):
            return False
        self._write(table, tenant, day, merged)
        return True

    def cover(
        self, table: Table, tenant: str, day: date, status: str, read_at: datetime
    ) -> None:
        """Note what *day* holds of *table*; call it when the rows are safe.

        A day that was read whole stays `complete`. The note stays as it is where the
        day was read before with the same outcome, so that a repeated night leaves
        the same bytes.
        """
        notes = self._notes(tenant, day)
        held = notes.get(table.name)
        if held and held[1] == "complete":
            status = "complete"
        note = (table.name, status, self.read(table, tenant, day).height)
        if held is None or held[:3] != note:
            rows = sorted({**notes, table.name: (*note, read_at)}.values())
            self._write(COVERAGE, tenant, day, COVERAGE.frame(rows))

    def complete_days(self, table: Table, tenant: str) -> set[date]:
        """The days whose rows of *table* were read after the day had ended."""
        folder = self._root / COVERAGE.name / f"tenant={tenant}"
        days = (path.name.removeprefix("date=") for path in folder.glob("date=*"))
        notes = {day: self._notes(tenant, day) for day in map(date.fromisoformat, days)}
        return {
            day
            for day, noted in notes.items()
            if table.name in noted and noted[table.name][1] == "complete"
        }

    def _notes(self, tenant: str, day: date) -> dict[str, tuple[Any, ...]]:
        return {row[0]: row for row in self.read(COVERAGE, tenant, day).iter_rows()}

    def _write(self, table: Table, tenant: str, day: date, rows: pl.DataFrame) -> None:
        content = BytesIO()
        rows.write_parquet(content, compression="zstd")
        with replacing(self._path(table, tenant, day)) as partial:
            partial.write_bytes(content.getbuffer())

    def _path(self, table: Table, tenant: str, day: date) -> Path:
        folder = self._root / table.name / f"tenant={tenant}" / f"date={day}"
        return folder / f"{table.name}.parquet"


def _merge(table: Table, held: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    newest = ["updated_at"] if "updated_at" in table.columns else []
    return (
        pl.concat([table.frame([]), held, rows], how="diagonal")
        .lazy()
        .with_row_index("_read")
        .sort([*newest, "_read"], nulls_last=False)
        .unique(subset=list(table.key), keep="last", maintain_order=True)
        .drop("_read")
        .sort(table.key)
        .collect()
    )
