"""An endpoint: where a listing is, what its records are, how they become rows."""

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

# The column that holds the id which a listing is of; it is in no record.
PARENT = "parent"


@dataclass(frozen=True)
class Endpoint:
    """One listing of a tenant: where it is, what a record is, where it is kept.

    *path* may hold `{parent}`, the id of the automation that the listing is of;
    *sources* names the attribute of a record that a column is taken from, *tidy* are
    columns made from these, *unkept* are columns that do not go to the lake. Of a
    column that is *reduced* nothing but the answer of its function is kept.
    """

    path: str
    record: type[Record]
    page_size: int | None
    table: Table
    sources: Mapping[str, str]
    tidy: Sequence[pl.Expr] = ()
    unkept: Mapping[str, DType] = field(default_factory=dict)
    reduced: Mapping[str, Callable[[Any], str | None]] = field(default_factory=dict)

    def frame(self, records: Sequence[Record], parent: str = "") -> pl.DataFrame:
        """Records as rows of the table, then the columns that are looked at only.

        Raises:
            TenantError: A time is none; the message names the record's place.
        """
        return self.rows(self.texts([records], parent))

    def texts(
        self, pages: Iterable[Sequence[Record]], parent: str = ""
    ) -> pl.DataFrame:
        """Pages of records as columns of declared types, times as they were written.

        *parent* is the id that all of them belong to. A page is taken apart before the
        next one is asked for, while it is in the processor's cache.
        """
        columns: list[list[Any]] = [[] for _ in self.sources]
        for page in pages:
            if page:
                values = zip(*map(self._row, page), strict=True)
                for column, more in zip(columns, values, strict=True):
                    column.extend(more)
        for place, reduce in self._reduced:
            whole = columns[place]
            columns[place] = [reduce(value) if value else None for value in whole]
        parents = pl.Series(PARENT, [parent], pl.String)
        return pl.DataFrame(
            [
                parents.new_from_index(0, len(columns[0])),
                *map(pl.Series, self.sources, columns, self._read_as),
            ]
        )

    def rows(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Rows of the table, of the `texts` of one or more listings.

        Raises:
            TenantError: A time is none; the message names the record's place.
        """
        parsed = texts.with_columns(self._made).select(self._names)
        if any(parsed[t].null_count() != texts[t].null_count() for t in self._times):
            parsed = parsed.with_columns(
                pl.Series(name, _read_times(texts[name], self.sources[name]), TIMESTAMP)
                for name in self._times
            )
        return parsed

    def written(self, texts: pl.DataFrame) -> list[dict[str, Any]]:
        """The records of `texts`, with the tenant's own names of their fields.

        What is reduced is left out: it is none of their fields any more.
        """
        fields = {f.name: f.encode_name for f in msgspec.structs.fields(self.record)}
        names = {name: fields.get(of, of) for name, of in self.sources.items()}
        kept = texts.drop(PARENT, *self.reduced)
        return kept.rename(names, strict=False).to_dicts()

    # Worked out once: for a page of 200 rows they would cost as much as the rows.

    @cached_property
    def _row(self) -> Callable[[Record], tuple[Any, ...]]:
        return attrgetter(*self.sources.values())

    @cached_property
    def _reduced(self) -> list[tuple[int, Callable[[Any], str | None]]]:
        names = list(self.sources)
        return [(names.index(name), reduce) for name, reduce in self.reduced.items()]

    @cached_property
    def _types(self) -> dict[str, DType]:
        return {**self.table.columns, **self.unkept}

    @cached_property
    def _names(self) -> list[str]:
        return list(self._types)

    @cached_property
    def _times(self) -> list[str]:
        return [name for name in self.sources if self._types.get(name) == TIMESTAMP]

    @cached_property
    def _read_as(self) -> list[DType]:
        """Times are first read as they were written."""
        return [
            pl.String if name in self._times else self._types[name]
            for name in self.sources
        ]

    @cached_property
    def _made(self) -> list[pl.Expr]:
        return [*self.tidy, *(_utc(pl.col(name)).alias(name) for name in self._times)]


def _utc(text: pl.Expr) -> pl.Expr:
    """Times as the tenant writes them; null where one is written in another way."""
    return text.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S.%6fZ",
        time_unit="us",
        time_zone="UTC",
        strict=False,
        cache=False,
    )


def _read_times(texts: pl.Series, source: str) -> list[datetime | None]:
    return [_time(text, f"$.data[{n}].{source}") for n, text in enumerate(texts)]


def _time(text: str | None, place: str) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_time(text)
    except ValueError as exc:
        raise TenantError(f"{place}: {text[:80]!r} is not a time") from exc


def parse_time(text: str) -> datetime:
    """A time in any form of RFC 3339; one without an offset is UTC.

    Raises:
        ValueError: It is none.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as exc:
        raise ValueError(f"{text} is outside of the years 1 to 9999") from exc
