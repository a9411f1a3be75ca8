"""Times in records: which are plausible, which say that there is none.

Systems write 0001-01-01, 1899-12-30, 1970-01-01 or 9999-12-31 where a time is not set.
No automation ran before 2015, and clocks differ by less than a day.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

import polars as pl

from pipeline.dates import EARLIEST_DAY, FARTHEST_DAY, midnight
from pipeline.lake.tables import TIMESTAMP

EARLIEST = midnight(EARLIEST_DAY)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)
# Of what is agreed beforehand, such as the end of a period of a licence.
FARTHEST = midnight(FARTHEST_DAY)


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


def plausible_time(text: str | None) -> datetime | None:
    """The time that *text* is; None if it is not one, or one that stands for none."""
    moment = _parsed(text)
    return moment if moment and EARLIEST <= moment < LATEST else None


def columns_of_times(
    raw: pl.DataFrame, latest: Mapping[str, datetime]
) -> list[pl.Series]:
    """The text columns of *latest* as times; null where none until then is meant."""
    names = list(latest)
    times = raw.select(_utc(pl.col(name)).alias(name) for name in names)
    for name in names:
        if times[name].null_count() != raw[name].null_count():
            parsed = [_parsed(text) for text in raw[name]]
            times = times.with_columns(pl.Series(name, parsed, TIMESTAMP))
    return times.select(
        pl.when(
            pl.col(name).is_between(_literal(EARLIEST), _literal(latest[name]))
        ).then(pl.col(name))
        for name in names
    ).get_columns()


@cache
def _literal(moment: datetime) -> pl.Expr:
    """*moment* as an expression; to make one takes longer than to compare a page."""
    return pl.lit(moment, TIMESTAMP)


def unreadable(raw: pl.DataFrame, rows: pl.DataFrame, names: list[str]) -> pl.Series:
    """Whether a row has a text in one of *names* that neither is a time nor says none.

    A time that is not plausible says that there is none, and so does a year 0. *rows*
    has the times of *raw*, so that only texts without one are looked at.
    """
    odd: set[int] = set()
    for name in names:
        without = (rows[name].is_null() & raw[name].is_not_null()).arg_true()
        odd.update(row for row in without if _is_unreadable(raw[name][row]))
    return pl.int_range(raw.height, eager=True).is_in(sorted(odd))


def _is_unreadable(text: str | None) -> bool:
    if not text or not text.strip() or text.startswith("0000-"):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return True
    return False


def _parsed(text: str | None) -> datetime | None:
    try:
        return parse_time(text) if text else None
    except ValueError:
        return None


def _utc(text: pl.Expr) -> pl.Expr:
    """Times in the tenant's usual format; null where the format is another."""
    return text.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S.%6fZ",
        time_unit="us",
        time_zone="UTC",
        strict=False,
        cache=False,
    )
