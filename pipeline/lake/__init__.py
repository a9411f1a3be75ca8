"""The lake: Parquet files, one a table and day, replaced whole; no row is ever lost.

Old months are one file a table and month instead. Snapshots are stored as changes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path

import polars as pl

from pipeline.files import discard, make_folder, replacing
from pipeline.lake import folders, hashes, known, listings, stored
from pipeline.lake.coverage import DayCoverage, Found, everything, with_coverage
from pipeline.lake.merging import Merged, compared, merge
from pipeline.lake.spool import Spool
from pipeline.lake.tables import COVERAGE, TIMESTAMP, Table

__all__ = ["COVERAGE", "TIMESTAMP", "DayCoverage", "Lake", "Merged", "Spool", "Table"]


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
        rows = self.stored(table, tenant, day)
        if not table.is_snapshot:
            return rows
        return listings.whole(
            table, rows, lambda base: self.stored(table, tenant, base)
        )

    def stored(self, table: Table, tenant: str, day: date) -> pl.DataFrame:
        """What the file of *day* has of it: changes, where it is of a snapshot.

        Raises:
            CheckError: As `read`.
        """
        return stored.read(self._root, table, tenant, day)

    def store(self, table: Table, tenant: str, day: date, rows: pl.DataFrame) -> None:
        """Let *rows*, as `stored` has them, be what the file of *day* has of it."""
        stored.write(self._root, table, tenant, [(day, rows)])

    def store_whole(self, table: Table, tenant: str) -> None:
        """Let no snapshot of a table be stored as changes.

        Raises:
            CheckError: One cannot be made again.
        """
        if table.is_snapshot:
            for day in reversed(self.days(table, tenant)):
                if listings.base_of(self.stored(table, tenant, day)):
                    rows = self.read(table, tenant, day)
                    everything = pl.concat([table.nothing_stored, rows], how="diagonal")
                    self.store(table, tenant, day, everything)

    def days(self, table: Table, tenant: str) -> list[date]:
        """The days that have a file, or are in that of their month; in order."""
        return folders.days(self._root, table.name, tenant)

    def days_by_file(self, table: Table, tenant: str) -> dict[Path, list[date]]:
        """The days in each file, and where a folder has none; in order."""
        found: dict[Path, list[date]] = {}
        for day, location in self._locations(
            table, tenant, self.days(table, tenant)
        ).items():
            found.setdefault(location.path, []).append(day)
        return found

    def query(
        self,
        table: Table,
        tenant: str,
        days: Sequence[date],
        ask: known.Ask,
    ) -> pl.DataFrame:
        """The result of *ask* on what several days store, with the day as `date`.

        Raises:
            CheckError: A file is there, but is not readable Parquet.
        """
        return stored.query(table, self._locations(table, tenant, days), ask)

    def heights(
        self, table: Table, tenant: str, days: Sequence[date]
    ) -> dict[date, int]:
        """How many rows each of *days* has; a day without a file is not in it."""
        if table.is_snapshot:
            return self._listed(table, tenant, days)
        located = self._locations(table, tenant, days).items()
        within = {day: one.days[day].rows for day, one in located if day in one.days}
        alone = [day for day, one in located if not one.days]
        sizes = self._known(table, tenant, alone, listings.counted)
        return within | {day: rows for each in sizes.values() for day, rows in each}

    def merge(self, table: Table, tenant: str, day: date, rows: pl.DataFrame) -> Merged:
        """Add *rows* to *day*.

        A row replaces the one of the same key unless its `updated_at` is older. Rows
        of *day* that are not among *rows* stay, so that runs and automations which
        the tenant no longer lists are kept. Merging the same rows again leaves the
        same bytes.
        """
        return self.merge_days(table, tenant, [(day, rows)])[0]

    def merge_days(
        self, table: Table, tenant: str, days: Iterable[tuple[date, pl.DataFrame]]
    ) -> list[Merged]:
        """As `merge`, of several days, which are in memory at once."""
        done: list[Merged] = []
        changed: dict[date, pl.DataFrame] = {}
        for day, rows in days:
            try:
                existing = self.read(table, tenant, day)
            except listings.MissingBaseError:  # it is listed again
                existing = table.empty
            merged = merge(table, existing, rows)
            if merged.equals(existing) and folders.exists(
                self.path(table, tenant, day)
            ):
                done.append(Merged(merged.clear(), 0))
                continue
            changed[day] = merged
            done.append(compared(existing, merged))
        self._write(table, tenant, changed)
        return done

    def replace(self, table: Table, tenant: str, day: date, rows: pl.DataFrame) -> None:
        """Make *day* of *rows*; of those that have the same key, the newest."""
        self._write(table, tenant, {day: merge(table, table.empty, rows)})

    def coverage(self, tenant: str, table: Table) -> pl.DataFrame:
        """The coverage of *table*: a row for each day that was ever read, in order."""
        rows = [row for row in self.covered(tenant) if row[0] == table.name]
        return pl.DataFrame(rows, {**COVERAGE.columns, "date": pl.Date}, orient="row")

    def covered(self, tenant: str) -> list[known.Row]:
        """The coverage of all tables: its columns and the day, in order of days."""
        days = self.days(COVERAGE, tenant)
        found = self._known(COVERAGE, tenant, days, everything)
        return [row for rows in found.values() for row in rows]

    def cover(
        self, table: Table, tenant: str, read: Mapping[date, DayCoverage]
    ) -> None:
        """Record how each day of *table* was read; call it when the rows are safe.

        A day that was read whole stays `complete` until ids are missing from it. A
        day that is read again with the same outcome keeps its row, and its time, so
        that a repeated run leaves the same bytes.
        """
        days = list(read)
        existing = self._known(COVERAGE, tenant, days, everything)
        heights = self.heights(table, tenant, days)
        located = self._locations(table, tenant, days)
        changed = {}
        for day, coverage in read.items():
            has_hash = hashes.has_hash(located[day].path) or None
            found = Found(table.name, heights.get(day, 0), has_hash)
            before = [row[:-1] for row in existing.get(day, ())]
            updated = with_coverage(before, found, coverage)
            if updated != before:
                self.read(COVERAGE, tenant, day)  # refuses one that was changed
                changed[day] = COVERAGE.frame(updated)
        self._write(COVERAGE, tenant, changed)

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
        with replacing(path) as new:
            new.write_bytes(page)
        return path

    def name(self, path: Path) -> str:
        """What a file of the lake is called in it."""
        return path.relative_to(self._root).as_posix()

    def _listed(
        self, table: Table, tenant: str, days: Sequence[date]
    ) -> dict[date, int]:
        """How many rows each snapshot has; one that cannot be made is not in it."""
        found = self._known(table, tenant, days, listings.summed)
        bases = {base for each in found.values() for _, _, base, _ in each if base}
        more = self._known(table, tenant, sorted(bases - {*found}), listings.summed)
        sizes = listings.heights(found | more)
        return {day: rows for day, rows in sizes.items() if day in found}

    def _known(
        self, table: Table, tenant: str, days: Iterable[date], ask: known.Ask
    ) -> dict[date, list[known.Row]]:
        """As `query`, the rows by day; files that are as they were are not read."""
        located = self._locations(table, tenant, days).items()
        paths = {day: one.path for day, one in located}
        return known.rows(ask, paths, lambda new: self.query(table, tenant, new, ask))

    def _write(
        self, table: Table, tenant: str, days: Mapping[date, pl.DataFrame]
    ) -> None:
        if not table.is_snapshot:
            stored.write(self._root, table, tenant, days.items())
            return
        read = partial(self.stored, table, tenant)
        for day, rows in days.items():
            listed = self.days(table, tenant)
            changes = listings.changes(table, rows, day, listed, read)
            self.store(table, tenant, day, changes)

    def _locations(
        self, table: Table, tenant: str, days: Iterable[date]
    ) -> dict[date, folders.Location]:
        return folders.locations(self._root, table.name, tenant, days)

    def path(self, table: Table, tenant: str, day: date) -> Path:
        """Where the rows of *day* are, or would be: its own file, or its month's."""
        return folders.path_of(self._root, table.name, tenant, day)
