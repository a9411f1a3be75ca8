"""The rate card: rate sets, each the tiers of a meter from one day on."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any

from pipeline.dates import DAY, last_day
from pipeline.errors import ConfigError
from pipeline.finance.fields import (
    PRICES,
    check_currency,
    check_meter,
    check_number,
    check_one_of,
    check_units,
    check_validity,
    lasts_until,
)
from pipeline.finance.lines import Problems, Row, read, wrong

# How an allowance is shared; the first is the default.
POLICIES = ("pro_rata", "first_come", "by_entitlement")

_OF_THE_FIRST = ("included", "policy")


class Rate(Row, frozen=True, kw_only=True):
    """The price of a billing unit of a meter, from the quantity *tier_from* on.

    The allowance of a month and the way to share it are those of the first tier.
    """

    meter: str
    unit_price: Decimal
    currency: str
    valid_from: date
    valid_to: date | None = None
    tier_from: Decimal = Decimal(0)
    included: Decimal | None = None
    policy: str | None = None


def read_rates(
    path: Path, currency: str, *, is_frozen: bool = False
) -> tuple[Rate, ...]:
    """The lines of the rate card; the sets of a meter neither overlap nor leave a gap.

    What was frozen is not checked again.

    Raises:
        ConfigError: The file cannot be read, or contradicts itself.
    """

    def check(rate: Rate) -> None:
        _check_line(path, rate, currency)

    rates = read(path, Rate, check, is_frozen=is_frozen)
    if is_frozen:
        return rates
    if not rates:
        raise ConfigError(
            f"{path}, line 2: expected a price, found nothing below the header: nothing"
            " would be charged\nwrite a line for each price, or take charge.rate_card"
            " out of the configuration"
        )
    problems, sets = Problems(), rate_sets(rates)
    for tiers in sets:
        with problems.collected():
            _check_tiers(path, tiers)
            if len(tiers) > 1 or tiers[0].included:
                _check_months(path, tiers[0])
    for one, later in pairwise(sets):
        with problems.collected():
            if one[0].meter == later[0].meter:
                _check_succession(path, one[0], later[0])
    problems.check()
    return rates


def rate_sets(rates: Iterable[Rate]) -> list[tuple[Rate, ...]]:
    """The rate sets in the order of meter and first day, each with its tiers."""
    in_order = sorted(rates, key=attrgetter("meter", "valid_from", "line"))
    sets = groupby(in_order, key=attrgetter("meter", "valid_from"))
    return [tuple(tiers) for _, tiers in sets]


def rate_rows(rates: Iterable[Rate]) -> list[tuple[Any, ...]]:
    """The rows of `finance_rates`; the allowance of tiers after the first is 0."""
    return [
        (
            rate.line,
            rate.meter,
            rate.valid_from,
            rate.valid_to,
            tier,
            rate.tier_from,
            rate.unit_price,
            rate.included or Decimal(0),
            tiers[0].policy or POLICIES[0],
            rate.currency,
        )
        for tiers in rate_sets(rates)
        for tier, rate in enumerate(tiers, start=1)
    ]


def _check_line(path: Path, rate: Rate, currency: str) -> None:
    check_meter(path, rate)
    check_currency(path, rate, currency)
    check_number(path, rate, "unit_price", PRICES)
    check_units(path, rate, "tier_from")
    if rate.included is not None:
        check_units(path, rate, "included")
    if rate.policy is not None:
        check_one_of(path, rate, "policy", POLICIES)
    check_validity(path, rate)


def _check_tiers(path: Path, tiers: tuple[Rate, ...]) -> None:
    first = tiers[0]
    if first.tier_from != 0:
        begins = "0, where the first tier of a meter and valid_from begins"
        raise wrong(path, first, "tier_from", begins)
    for one, later in pairwise(tiers):
        if later.valid_to != first.valid_to:
            end = first.valid_to or "nothing"
            same = f"{end}, as on line {first.line}, which begins on the same day"
            raise wrong(path, later, "valid_to", same)
        if later.tier_from <= one.tier_from:
            above = f"more than {one.tier_from}, where the tier of line {one.line}"
            raise wrong(path, later, "tier_from", f"{above} begins")
        for column in _OF_THE_FIRST:
            if getattr(later, column) is not None:
                place = f"nothing: it stands on line {first.line}, with the first tier"
                raise wrong(path, later, column, place)


def _check_months(path: Path, first: Rate) -> None:
    """Refuse a set that is not of whole months: tiers and allowances count by month."""
    counted = "of a month, since tiers and allowances are counted by the month"
    if first.valid_from.day != 1:
        raise wrong(path, first, "valid_from", f"the first day {counted}")
    if first.valid_to and first.valid_to != last_day(first.valid_to):
        raise wrong(path, first, "valid_to", f"the last day {counted}")


def _check_succession(path: Path, one: Rate, later: Rate) -> None:
    if lasts_until(one, later) or one.valid_to is None:
        free = f"a day on which the price of line {one.line} is no longer valid"
        raise wrong(path, later, "valid_from", free)
    if later.valid_from != (next_day := one.valid_to + DAY):
        gapless = f"{next_day}, the day after the price of line {one.line} ends"
        raise wrong(path, later, "valid_from", gapless)
