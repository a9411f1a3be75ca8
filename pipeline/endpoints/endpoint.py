"""An endpoint: the path of a listing, its records, and how they become rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

import msgspec
import polars as pl

from pipeline.endpoints.records import Record
from pipeline.errors import TenantError
from pipeline.lake.tables import TIMESTAMP, DType, Table

# The column of the id that a listing belongs to, which its records do not hold.
PARENT = "parent"


@dataclass(frozen=True)
class Endpoint:
    """One listing of a tenant: its path, its record type, its table in the lake.

    *path* may hold `{parent}`, the id of the automation whose listing it is. *sources*
    maps a column to the attribute of a record that it is taken from. *transforms* make
    further columns of these, or replace them. *transient* columns do not go to the
    lake. The values of *redacted* columns are replaced by what their function returns.
    """

    path: str
    record: type[Record]
    page_size: int | None
    table: Table
    sources: Mapping[str, str]
    transforms: Sequence[pl.Expr] = ()
    transient: Mapping[str, DType] = field(default_factory=dict)
    redacted: Mapping[str, Callable[[Any], str | None]] = field(default_factory=dict)

    def frame(self, records: Sequence[Record], parent: str = "") -> pl.DataFrame:
        """Records as rows: the columns of the table, then the transient ones.

        Raises:
            TenantError: A value is not a time; the message says in which record.
        """
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

    def rows(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Rows of the table, made of the `raw_columns` of one or more listings.

        Raises:
            TenantError: A value is not a time; the message says in which record.
        """
        rows = raw.with_columns(self._expressions).select(self._names)
        if any(rows[t].null_count() != raw[t].null_count() for t in self._times):
            rows = rows.with_columns(
                pl.Series(name, _parse_all(raw[name], self.sources[name]), TIMESTAMP)
                for name in self._times
            )
        return rows

    def as_answered(self, raw: pl.DataFrame) -> list[dict[str, Any]]:
        """The records of `raw_columns`, with the names that the tenant's answer has.

        Redacted columns are left out.
        """
        fields = {f.name: f.encode_name for f in msgspec.structs.fields(self.record)}
        names = {name: fields.get(of, of) for name, of in self.sources.items()}
        kept = raw.drop(PARENT, *self.redacted)
        return kept.rename(names, strict=False).to_dicts()

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

    @cached_property
    def _expressions(self) -> list[pl.Expr]:
        times = (_utc(pl.col(name)).alias(name) for name in self._times)
        return [*self.transforms, *times]


def same_named(*names: str) -> dict[str, str]:
    """The sources of columns whose attributes have the same names."""
    return {name: name for name in names}


def _utc(text: pl.Expr) -> pl.Expr:
    """Times in the tenant's usual format; null where the format is another."""
    return text.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S.%6fZ",
        time_unit="us",
        time_zone="UTC",
        strict=False,
        cache=False,
    )


def _parse_all(values: pl.Series, source: str) -> list[datetime | None]:
    return [_parse(text, f"$.data[{n}].{source}") for n, text in enumerate(values)]


def _parse(text: str | None, place: str) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_time(text)
    except ValueError as exc:
        raise TenantError(f"{place}: {text[:80]!r} is not a time") from exc


def parse_time(text: str) -> datetime:
    """A time in any format of RFC 3339; without an offset it is UTC.

    Raises:
        ValueError: *text* is not a time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as exc:
        raise ValueError(f"{text} is outside of the years 1 to 9999") from exc
