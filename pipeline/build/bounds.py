"""What closed months bound: the currency, the days that are charged, and names."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipeline.closing.archive import ClosedMonth
from pipeline.config import Settings
from pipeline.dates import next_month
from pipeline.endpoints import SNAPSHOTS
from pipeline.errors import ConfigError
from pipeline.lake import present


def check_closed(settings: Settings, closed: Sequence[ClosedMonth]) -> None:
    """Refuse a first day that would take usage out of a *closed* month.

    Raises:
        ConfigError: A closed month charges usage of an earlier day.
    """
    for one in closed:
        first = present.first_day_of(settings, one.tenant)
        if first is None or first <= one.month:
            continue
        charged = _first_charged(one)
        if charged and charged < first:
            raise ConfigError(
                f"first_day {first} of {one.tenant} is after {charged}, which the"
                f" closed month {one.manifest.month} charges\n"
                "a closed month never changes: set first_day to that day or earlier"
            )


def check_currency(currency: str, closed: Sequence[ClosedMonth]) -> None:
    """Refuse another *currency* than that of a *closed* month.

    Raises:
        ConfigError: A closed month has another one.
    """
    for one in closed:
        if one.manifest.currency != currency:
            raise ConfigError(
                f"currency: {currency}, but {one.manifest.month} of {one.tenant} was"
                f" closed in {one.manifest.currency}: amounts have one currency\n"
                "use another data_dir for another currency"
            )


def closed_unlisted(closed: Sequence[ClosedMonth]) -> dict[str, list[dict[str, date]]]:
    """By tenant and listing, for each *closed* month: what it does not know.

    That is what no snapshot up to `listed_until` had. It counts from `next_month` on.
    """
    found: dict[str, dict[date, date]] = {}
    for one in closed:
        for listing in SNAPSHOTS:
            known = found.setdefault(f"{one.tenant} {listing.table.name}", {})
            until = one.manifest.listed_until(listing.table.name)
            following = next_month(one.month)
            known[until] = max(following, known.get(until, following))
    return {
        key: [{"listed_until": until, "next_month": day} for until, day in days.items()]
        for key, days in found.items()
    }


def _first_charged(month: ClosedMonth) -> date | None:
    usage = pl.scan_parquet(month.folder / "usage.parquet", glob=False)
    first = usage.select(pl.col("date").min()).collect().item()
    return first if isinstance(first, date) else None
