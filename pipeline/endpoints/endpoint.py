"""An endpoint: the path of a listing, its records, and how they become rows."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

import polars as pl

from pipeline.endpoints.records import Record
from pipeline.endpoints.times import FARTHEST, LATEST, columns_of_times, unreadable
from pipeline.lake.tables import TIMESTAMP, DType, Table

# The column of the id that a listing belongs to, which its records do not hold.
PARENT = "parent"

# Characters of a text; no name of anything is longer.
LONGEST_TEXT = 500


@dataclass(frozen=True)
class Endpoint:
    """One listing of a tenant: its path, its record type, its table in the lake.

    *path* may hold `{parent}`, the id of the automation whose listing it is. *sources*
    maps a column to the attribute of a record that it is taken from. *transforms* make
    further columns of these, or replace them. *transient* columns do not go to the
    lake. The values of *redacted* columns are replaced by what their function returns.
    Times of *agreed* columns may lie years ahead.
    """

    path: str
    record: type[Record]
    page_size: int | None
    table: Table
    sources: Mapping[str, str]
    transforms: Sequence[pl.Expr] = ()
    transient: Mapping[str, DType] = field(default_factory=dict)
    redacted: Mapping[str, Callable[[Any], str | None]] = field(default_factory=dict)
    agreed: Collection[str] = ()

    def frame(self, records: Sequence[Record], parent: str = "") -> pl.DataFrame:
        """Records as rows: the columns of the table, then the transient ones."""
        return self.rows(self.raw_columns([records], parent))

    def raw_columns(
        self, pages: Iterable[Sequence[Record]], parent: str = ""
    ) -> pl.DataFrame:
        """Pages of records as columns of declared types; times are still text.

        All records belong to the id *parent*. Each page becomes columns before the next
        one is requested, while it is in the processor's cache.
        """
        columns: list[list[Any]] = [[] for _ in self.sources]
        for page in pages:
            if page:
                new_values = zip(*map(self._row, page), strict=True)
                for column, more in zip(columns, new_values, strict=True):
                    column.extend(more)
        for index, redact in self._redactions:
            values = columns[index]
            columns[index] = [redact(value) if value else None for value in values]
        parents = pl.Series(PARENT, [parent], pl.String)
        return pl.DataFrame(
            [
                parents.new_from_index(0, len(columns[0])),
                *map(pl.Series, self.sources, columns, self._raw_types),
            ]
        )

    def rows(self, raw: pl.DataFrame, latest: datetime = LATEST) -> pl.DataFrame:
        """Rows of the table, made of the `raw_columns` of one or more listings.

        A time that is none, or not plausible, or after *latest*, is null. A text that
        is longer than any name is cut.
        """
        until = {
            name: FARTHEST if name in self.agreed else latest for name in self._times
        }
        times = columns_of_times(raw, until) if until else []
        rows = raw.with_columns(times).with_columns(self.transforms)
        return _cut(rows.select(self._names))

    def unset_times(self, raw: pl.DataFrame, rows: pl.DataFrame) -> dict[str, str]:
        """The fields whose text became no time in *rows*, each with such a text."""
        unset = {}
        for name in self._times:
            if rows[name].null_count() != raw[name].null_count():
                values = raw[name].filter(rows[name].is_null() & (raw[name] != ""))
                if (text := values.drop_nulls()).len():
                    unset[self.sources[name]] = str(text[0])
        return unset

    def unreadable(self, raw: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
        """Whether a record has a text for a time that neither is one nor says none.

        *rows* are those of *raw*.
        """
        return unreadable(raw, rows, self._times)

    # Computed once: for a page of 200 rows they would cost as much as the rows.

    @cached_property
    def _row(self) -> Callable[[Record], tuple[Any, ...]]:
        return attrgetter(*self.sources.values())

    @cached_property
    def _redactions(self) -> list[tuple[int, Callable[[Any], str | None]]]:
        names = list(self.sources)
        return [(names.index(name), redact) for name, redact in self.redacted.items()]

    @cached_property
    def _types(self) -> dict[str, DType]:
        return {**self.table.columns, **self.transient}

    @cached_property
    def _names(self) -> list[str]:
        return list(self._types)

    @cached_property
    def _times(self) -> list[str]:
        return [name for name in self.sources if self._types.get(name) == TIMESTAMP]

    @cached_property
    def _raw_types(self) -> list[DType]:
        """The types of the raw columns: of a time it is text."""
        return [
            pl.String if name in self._times else self._types[name]
            for name in self.sources
        ]


def same_named(*names: str) -> dict[str, str]:
    """The sources of columns whose attributes have the same names."""
    return {name: name for name in names}


def _cut(rows: pl.DataFrame) -> pl.DataFrame:
    """*rows* with values of at most `LONGEST_TEXT` characters."""
    values = rows.select(pl.col(pl.String).str.len_bytes().max())
    long = [one.name for one in values if (one[0] or 0) > LONGEST_TEXT]
    return rows.with_columns(pl.col(long).str.slice(0, LONGEST_TEXT)) if long else rows
