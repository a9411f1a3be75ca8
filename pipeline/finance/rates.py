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
from pipeline.finance.names import names_in

# How an allowance is shared; the first is the default.
POLICIES = ("pro_rata", "first_come", "by_entitlement")

_OF_THE_FIRST = ("included", "policy")

# What tells a rate set from another one.
_SET = attrgetter("meter", "of_tenants", "valid_from")


class Rate(Row, frozen=True, kw_only=True):
    """The price of a billing unit of a meter, from the quantity *tier_from* on.

    The allowance of a month and the way to share it are those of the first tier. It is
    of the *tenants* that are named, or of all that no other price of the day names.
    """

    meter: str
    unit_price: Decimal
    currency: str
    valid_from: date
    valid_to: date | None = None
    tier_from: Decimal = Decimal(0)
    included: Decimal | None = None
    policy: str | None = None
    tenants: str = ""

    @property
    def of_tenants(self) -> tuple[str, ...]:
        """The names in *tenants*, in order; none: of all others."""
        return names_in(self.tenants)


def read_rates(
    path: Path,
    currency: str,
    tenants: tuple[str, ...] = (),
    *,
    is_frozen: bool = False,
) -> tuple[Rate, ...]:
    """The lines of the rate card; the sets of a meter neither overlap nor leave a gap.

    They may be of none but *tenants*, if these are named.
    What was frozen is not checked again.

    Raises:
        ConfigError: The file cannot be read, or contradicts itself.
    """

    def check(rate: Rate) -> None:
        _check_line(path, rate, currency)
        _check_named(path, rate, tenants)

    rates = read(path, Rate, check, is_frozen=is_frozen)
    if is_frozen:
        return rates
    if not rates:
        raise ConfigError(
            f"{path}, line 2: expected a price, found nothing below the header: nothing"
            " would be charged\nwrite a line for each price, or take charge.rate_card"
            " out of the configuration"
        )
    _check_sets(path, rate_sets(rates))
    return rates


def rate_sets(rates: Iterable[Rate]) -> list[tuple[Rate, ...]]:
    """The rate sets in the order of meter, tenants and first day, with their tiers."""
    in_order = sorted(rates, key=lambda rate: (*_SET(rate), rate.line))
    sets = groupby(in_order, key=_SET)
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
            rate.of_tenants[0] if rate.tenants else "",
            list(rate.of_tenants) or None,
        )
        for tiers in rate_sets(rates)
        for tier, rate in enumerate(tiers, start=1)
    ]


def _check_sets(path: Path, sets: list[tuple[Rate, ...]]) -> None:
    """Refuse sets that overlap, that leave a gap, or that have odd tiers."""
    problems = Problems()
    for tiers in sets:
        with problems.collected():
            _check_tiers(path, tiers)
            if len(tiers) > 1 or tiers[0].included:
                _check_months(path, tiers[0])
    for one, later in pairwise(sets):
        with problems.collected():
            if _SET(one[0])[:2] == _SET(later[0])[:2]:
                _check_succession(path, one[0], later[0])
    with problems.collected():
        _check_apart(path, [tiers[0] for tiers in sets])
    problems.check()


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


def _check_named(path: Path, rate: Rate, tenants: tuple[str, ...]) -> None:
    """Refuse a tenant that there is not, and a list of none."""
    if rate.tenants and not rate.of_tenants:
        raise wrong(path, rate, "tenants", "names of tenants such as acme; beta")
    if tenants and (unknown := {*rate.of_tenants} - {*tenants}):
        named = f"names of {', '.join(tenants)}, as configured, not {min(unknown)}"
        raise wrong(path, rate, "tenants", named)


def _check_apart(path: Path, firsts: list[Rate]) -> None:
    """Refuse two prices of a meter and day that both name a tenant."""
    named: dict[tuple[str, str], list[Rate]] = {}
    for rate in sorted(firsts, key=attrgetter("valid_from", "line")):
        for tenant in rate.of_tenants:
            earlier = named.setdefault((rate.meter, tenant), [])
            for one in earlier:
                if one.of_tenants != rate.of_tenants and lasts_until(one, rate):
                    free = f"other tenants than {tenant}, whose price is on line"
                    raise wrong(path, rate, "tenants", f"{free} {one.line}")
            earlier.append(rate)


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
