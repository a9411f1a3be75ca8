"""The fixed costs: amounts of a month that do not depend on usage."""

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import msgspec

from pipeline.finance.fields import (
    ONE_LINE,
    PERCENT,
    WHOLE,
    another_name,
    basis_points,
    check_amount,
    check_apart,
    check_currency,
    check_meter,
    check_one_of,
    check_sum,
    check_validity,
    is_percent,
)
from pipeline.finance.lines import Month, Row, read, wrong
from pipeline.finance.names import is_one_line, is_reserved, names_in

# How an amount is split, and the column that a split needs, if any.
SPLITS = {"even": "", "proportional": "meter", "percent": "shares", "budget": ""}

_EXAMPLE = "1000 Management=60; 2000 Sales=40"


class FixedCost(Row, frozen=True, kw_only=True):
    """An amount of each month from its first to its last; a credit is negative."""

    item: str
    amount: Decimal
    currency: str
    valid_from: Month
    valid_to: Month | None = None
    split: str
    meter: str = ""
    shares: str = ""
    tenant: str = ""

    @property
    def of_tenants(self) -> tuple[str, ...]:
        """The names in *tenant*, in order; none: of all together."""
        return names_in(self.tenant)


def read_fixed_costs(
    path: Path,
    currency: str,
    tenants: tuple[str, ...] = (),
    *,
    is_frozen: bool = False,
) -> tuple[FixedCost, ...]:
    """The lines of the fixed costs, which may be of none but *tenants*, if named.

    What was frozen is not checked again.

    Raises:
        ConfigError: The file cannot be read, or contradicts itself.
    """

    def check(cost: FixedCost) -> None:
        check_amount(path, cost, currency, may_be_negative=True)
        check_currency(path, cost, currency)
        check_validity(path, cost, "month")
        _check_split(path, cost)
        _check_tenants(path, cost, tenants)

    costs = read(path, FixedCost, check, is_frozen=is_frozen)
    if is_frozen:
        return costs
    check_apart(path, costs, ("item", "of_tenants"))
    check_sum(path, costs)
    return costs


def shares_of(cost: FixedCost) -> list[tuple[str, Decimal]]:
    """The cost centres and percents in `shares`.

    Raises:
        InvalidOperation: A percent is not a number.
    """
    parts = [part.rpartition("=") for part in cost.shares.split(";") if part.strip()]
    return [(name.strip(), Decimal(percent.strip())) for name, _, percent in parts]


def with_names(cost: FixedCost, new: Callable[[str], str]) -> FixedCost:
    """The same with *new* names of the cost centres in `shares`."""
    if not cost.shares:
        return cost
    shares = "; ".join(f"{new(name)}={percent}" for name, percent in shares_of(cost))
    return msgspec.structs.replace(cost, shares=shares)


def check_fixed_shares(path: Path, costs: Iterable[FixedCost]) -> None:
    """Refuse a cost centre that is twice in the shares of a cost.

    Raises:
        ConfigError: The message names the line.
    """
    for cost in costs:
        names = [name for name, _ in shares_of(cost)]
        if twice := [name for name in names if names.count(name) > 1]:
            raise wrong(path, cost, "shares", f"{twice[0]} only once")


def cost_rows(costs: Iterable[FixedCost]) -> list[tuple[Any, ...]]:
    """The rows of `finance_fixed_costs`."""
    return [
        (
            cost.line,
            cost.item,
            "; ".join(cost.of_tenants),
            list(cost.of_tenants) or None,
            cost.amount,
            cost.split,
            cost.meter or None,
            cost.valid_from,
            cost.valid_to,
        )
        for cost in costs
    ]


def share_rows(costs: Iterable[FixedCost]) -> list[tuple[Any, ...]]:
    """The rows of `finance_fixed_shares`."""
    return [
        (cost.line, name, basis_points(percent))
        for cost in costs
        for name, percent in shares_of(cost)
    ]


def _check_tenants(path: Path, cost: FixedCost, tenants: tuple[str, ...]) -> None:
    names = cost.of_tenants
    if cost.tenant and (not names or (tenants and {*names} - {*tenants})):
        named = f"nothing, or one of {', '.join(tenants)}, as configured"
        raise wrong(path, cost, "tenant", named)
    if len(names) > 1 and cost.split != "proportional":
        raise wrong(
            path, cost, "tenant", "one tenant, unless the split is proportional"
        )


def _check_split(path: Path, cost: FixedCost) -> None:
    check_one_of(path, cost, "split", SPLITS)
    for split, column in SPLITS.items():
        if column and split != cost.split and getattr(cost, column):
            raise wrong(path, cost, column, f"nothing, unless the split is {split}")
    if cost.split == "proportional":
        check_meter(path, cost)
    if cost.split == "percent":
        _check_shares(path, cost)


def _check_shares(path: Path, cost: FixedCost) -> None:
    try:
        shares = shares_of(cost)
    except InvalidOperation as exc:
        raise wrong(path, cost, "shares", f"shares such as {_EXAMPLE}") from exc
    if not shares or not all(name for name, _ in shares):
        raise wrong(path, cost, "shares", f"shares such as {_EXAMPLE}")
    for name, percent in shares:
        if not is_one_line(name):
            raise wrong(path, cost, "shares", ONE_LINE)
        if is_reserved(name):
            raise wrong(path, cost, "shares", another_name())
        if not is_percent(percent):
            raise wrong(path, cost, "shares", f"for {name} {PERCENT}")
    check_fixed_shares(path, [cost])
    if (total := sum(percent for _, percent in shares)) != WHOLE:
        raise wrong(path, cost, "shares", f"a sum of 100, but it is {total}")
