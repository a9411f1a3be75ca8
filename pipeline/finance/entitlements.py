"""The entitlements: what part of an allowance is whose."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.finance.fields import (
    PERCENT,
    WHOLE,
    basis_points,
    check_apart,
    check_cost_center,
    check_meter,
    check_validity,
    is_percent,
    summed,
)
from pipeline.finance.lines import Month, Row, read, wrong


class Entitlement(Row, frozen=True, kw_only=True):
    """The part of a meter's allowance that a cost centre has before others."""

    meter: str
    cost_center: str
    percent: Decimal
    valid_from: Month
    valid_to: Month | None = None


def read_entitlements(path: Path) -> tuple[Entitlement, ...]:
    """The lines of the entitlements; no month gives away more than there is.

    Raises:
        ConfigError: The file cannot be read, or contradicts itself.
    """
    entitlements = tuple(read(path, Entitlement))
    for entitlement in entitlements:
        check_meter(path, entitlement)
        check_cost_center(path, entitlement)
        if not is_percent(entitlement.percent):
            raise wrong(path, entitlement, "percent", PERCENT)
        check_validity(path, entitlement, "month")
    check_apart(path, entitlements, ("meter", "cost_center"))
    # A sum only grows where a line begins to hold.
    for entitlement in entitlements:
        held = _held(entitlements, entitlement.meter, entitlement.valid_from)
        _check_sum(path, held, entitlement.valid_from)
    return entitlements


def entitlement_rows(entitlements: Iterable[Entitlement]) -> list[tuple[Any, ...]]:
    """The rows of `finance_entitlements`."""
    return [
        (
            one.line,
            one.meter,
            one.cost_center,
            basis_points(one.percent),
            one.valid_from,
            one.valid_to,
        )
        for one in entitlements
    ]


def _held(
    entitlements: Iterable[Entitlement], meter: str, month: date
) -> list[Entitlement]:
    return [
        one
        for one in entitlements
        if one.meter == meter
        and one.valid_from <= month
        and (one.valid_to is None or one.valid_to >= month)
    ]


def _check_sum(path: Path, held: list[Entitlement], month: date) -> None:
    total = sum(one.percent for one in held)
    if total > WHOLE:
        at_most = f"percents that sum to at most 100 in {month:%Y-%m}"
        found = f"{at_most}, but {summed(held, total)}"
        raise wrong(path, held[-1], "percent", found)
