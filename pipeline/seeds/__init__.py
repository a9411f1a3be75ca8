"""The finance files: rate card, cost centres and budgets, as typed rows."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any

from pipeline.seeds.lines import Row, read, wrong

# What can be priced: its billing unit, and how many of what is metered make one.
METERS = (
    ("runs", "runs", 1),
    ("third_party_runs", "runs", 1),
    ("duration_hours", "hours", 3600),
    ("bandwidth_gb", "GB", 10**9),
    ("api_calls", "calls", 1),
)

UNALLOCATED = "Unallocated"

# The tables that models read, and the types of their columns.
TABLES = {
    "seed_meters": {"meter": "varchar", "unit": "varchar", "base_per_unit": "bigint"},
    "seed_rates": {
        "line": "integer",
        "meter": "varchar",
        "rate_from": "date",
        "valid_to": "date",
        "tier": "integer",
        "tier_from": "decimal(18, 6)",
        "unit_price": "decimal(18, 6)",
        "included": "decimal(18, 6)",
        "policy": "varchar",
        "currency": "varchar",
    },
    "seed_cost_centers": {
        "rule": "integer",
        "line": "integer",
        "priority": "integer",
        "cost_center": "varchar",
        "share_basis_points": "integer",
        "tenant": "varchar",
        "space": "varchar",
        "owner": "varchar",
        "automation": "varchar",
        "valid_from": "date",
        "valid_to": "date",
    },
    "seed_fixed_costs": {
        "line": "integer",
        "item": "varchar",
        "tenant": "varchar",
        "amount": "decimal(18, 3)",
        "split": "varchar",
        "meter": "varchar",
        "valid_from": "date",
        "valid_to": "date",
    },
    "seed_fixed_shares": {
        "line": "integer",
        "cost_center": "varchar",
        "share_basis_points": "integer",
    },
    "seed_entitlements": {
        "line": "integer",
        "meter": "varchar",
        "cost_center": "varchar",
        "share_basis_points": "integer",
        "valid_from": "date",
        "valid_to": "date",
    },
    "seed_budgets": {
        "cost_center": "varchar",
        "month": "date",
        "amount": "decimal(18, 3)",
    },
}


class Rate(Row, frozen=True, kw_only=True):
    """The price of a billing unit of a meter, from its first day to its last."""

    meter: str
    unit_price: Decimal
    currency: str
    valid_from: date
    valid_to: date | None = None


class Rule(Row, frozen=True, kw_only=True):
    """Who a cost centre pays for: patterns that must all match, an empty one does."""

    priority: int
    cost_center: str
    tenant: str = ""
    space: str = ""
    owner: str = ""
    automation: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


class Budget(Row, frozen=True, kw_only=True):
    """What a cost centre may be charged in a month, which is its first day."""

    cost_center: str
    month: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Seeds:
    """What finance has set, in one currency."""

    currency: str
    rates: tuple[Rate, ...] = ()
    rules: tuple[Rule, ...] = ()
    budgets: tuple[Budget, ...] = ()

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """The rows of one of `TABLES`, in the order of its columns."""
        if table == "seed_meters":
            return list(METERS)
        made: dict[str, list[tuple[Any, ...]]] = {
            "seed_rates": [
                (r.line, r.meter, r.valid_from, r.valid_to, 1, 0, r.unit_price, 0,
                 "pro_rata", r.currency)
                for r in self.rates
            ],
            "seed_cost_centers": [
                (r.line, r.line, r.priority, r.cost_center, 10000, r.tenant, r.space,
                 r.owner, r.automation, r.valid_from, r.valid_to)
                for r in self.rules
            ],
            "seed_budgets": [(b.cost_center, b.month, b.amount) for b in self.budgets],
        }
        return made.get(table, [])


def load(
    rate_card: Path | None,
    cost_centers: Path | None,
    budgets: Path | None,
    currency: str,
) -> Seeds:
    """Read the files that are configured; all amounts are in *currency*.

    Raises:
        ConfigError: A file cannot be read or contradicts itself; the message names
            file, line and column, and says what was expected.
    """
    return Seeds(
        currency,
        rates=_rates(rate_card, currency) if rate_card else (),
        rules=_rules(cost_centers) if cost_centers else (),
        budgets=_budgets(budgets) if budgets else (),
    )


def _rates(path: Path, currency: str) -> tuple[Rate, ...]:
    rates = tuple(read(path, Rate))
    meters = [meter for meter, *_ in METERS]
    for rate in rates:
        if rate.meter not in meters:
            raise wrong(path, rate, "meter", f"one of {', '.join(meters)}")
        if rate.currency != currency:
            raise wrong(path, rate, "currency", f"{currency}, as configured")
        _check_amount(path, rate, "unit_price", digits=6)
        _check_validity(path, rate)
    by_meter = sorted(rates, key=attrgetter("meter", "valid_from", "line"))
    for one, next_one in pairwise(by_meter):
        if one.meter == next_one.meter and (
            one.valid_to is None or one.valid_to >= next_one.valid_from
        ):
            free = f"a day on which the price of line {one.line} is no longer valid"
            raise wrong(path, next_one, "valid_from", free)
    return rates


def _rules(path: Path) -> tuple[Rule, ...]:
    rules = tuple(read(path, Rule))
    for rule in rules:
        if rule.cost_center.casefold() == UNALLOCATED.casefold():
            reserved = (
                f"another name than {UNALLOCATED}, which is for what no rule takes"
            )
            raise wrong(path, rule, "cost_center", reserved)
        if abs(rule.priority) > 2**31 - 1:
            raise wrong(path, rule, "priority", "a smaller number")
        _check_validity(path, rule)
    return rules


def _budgets(path: Path) -> tuple[Budget, ...]:
    budgets = tuple(read(path, Budget))
    lines: dict[tuple[str, date], int] = {}
    for budget in budgets:
        _check_amount(path, budget, "amount", digits=3)
        other = lines.setdefault((budget.cost_center, budget.month), budget.line)
        if other != budget.line:
            raise wrong(path, budget, "month", f"a month other than on line {other}")
    return budgets


def _check_amount(path: Path, row: Row, column: str, *, digits: int) -> None:
    """A DECIMAL(18,*) holds it exactly; NaN and infinity are numbers to Decimal."""
    amount: Decimal = getattr(row, column)
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or amount < 0:
        raise wrong(path, row, column, "a number that is 0 or more")
    if -exponent > digits:
        raise wrong(path, row, column, f"at most {digits} decimals")
    if amount >= 10 ** (18 - digits):
        raise wrong(path, row, column, "a smaller number")


def _check_validity(path: Path, row: Rate | Rule) -> None:
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        raise wrong(path, row, "valid_to", f"no day before {row.valid_from}")
