"""The entitlements: the parts of an allowance that belong to cost centres."""

from collections.abc import Iterable, Sequence
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
    is_valid,
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


def read_entitlements(
    path: Path, *, is_frozen: bool = False
) -> tuple[Entitlement, ...]:
    """The lines of the entitlements; in no month do they exceed the allowance.

    What was frozen is not checked again.

    Raises:
        ConfigError: The file cannot be read, or contradicts itself.
    """

    def check(entitlement: Entitlement) -> None:
        check_meter(path, entitlement)
        check_cost_center(path, entitlement)
        if not is_percent(entitlement.percent):
            raise wrong(path, entitlement, "percent", PERCENT)
        check_validity(path, entitlement, "month")

    entitlements = read(path, Entitlement, check, is_frozen=is_frozen)
    if is_frozen:
        return entitlements
    check_entitlements(path, entitlements)
    # A sum only grows in a month in which a line becomes valid.
    for entitlement in entitlements:
        month = entitlement.valid_from
        same_meter = [one for one in entitlements if one.meter == entitlement.meter]
        _check_sum(path, [one for one in same_meter if is_valid(one, month)], month)
    return entitlements


def check_entitlements(path: Path, entitlements: Sequence[Entitlement]) -> None:
    """Refuse two entitlements of a cost centre for a month and meter.

    Raises:
        ConfigError: The message names both lines.
    """
    check_apart(path, entitlements, ("meter", "cost_center"))


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


def _check_sum(path: Path, valid: list[Entitlement], month: date) -> None:
    total = sum(one.percent for one in valid)
    if total > WHOLE:
        at_most = f"percents that sum to at most 100 in {month:%Y-%m}"
        found = f"{at_most}, but {summed(valid, total)}"
        raise wrong(path, valid[-1], "percent", found)
