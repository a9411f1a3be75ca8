"""The finance files as typed rows: prices, cost centres, fixed costs, budgets."""

from dataclasses import dataclass
from typing import Any

from pipeline.config import Charge, Settings
from pipeline.finance.budgets import Budget, read_budgets
from pipeline.finance.entitlements import (
    Entitlement,
    entitlement_rows,
    read_entitlements,
)
from pipeline.finance.fields import UNALLOCATED
from pipeline.finance.fixed import (
    FixedCost,
    cost_rows,
    read_fixed_costs,
    share_rows,
    shares_of,
)
from pipeline.finance.rates import POLICIES, Rate, rate_rows, read_rates
from pipeline.finance.rules import Rule, read_rules, rule_rows
from pipeline.finance.schema import TABLES

__all__ = [
    "POLICIES",
    "TABLES",
    "UNALLOCATED",
    "Budget",
    "Entitlement",
    "FinanceFiles",
    "FixedCost",
    "Rate",
    "Rule",
    "load",
    "read",
]


@dataclass(frozen=True, slots=True)
class FinanceFiles:
    """What finance has set, in one currency."""

    currency: str
    rates: tuple[Rate, ...] = ()
    rules: tuple[Rule, ...] = ()
    budgets: tuple[Budget, ...] = ()
    fixed_costs: tuple[FixedCost, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()

    @property
    def cost_centers(self) -> frozenset[str]:
        """The names of all that may have a statement; what no rule takes has one."""
        return frozenset(
            {UNALLOCATED}
            | {rule.cost_center for rule in self.rules}
            | {budget.cost_center for budget in self.budgets}
            | {name for cost in self.fixed_costs for name, _ in shares_of(cost)}
        )

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """The rows of one of `TABLES`, in the order of its columns."""
        return {
            "finance_rates": rate_rows(self.rates),
            "finance_cost_centers": rule_rows(self.rules),
            "finance_fixed_costs": cost_rows(self.fixed_costs),
            "finance_fixed_shares": share_rows(self.fixed_costs),
            "finance_entitlements": entitlement_rows(self.entitlements),
            "finance_budgets": [
                (budget.cost_center, budget.month, budget.amount)
                for budget in self.budgets
            ],
        }[table]


def read(settings: Settings) -> FinanceFiles:
    """What finance has set, as *settings* say; errors are those of `load`."""
    return load(settings.charge, settings.currency, settings.tenant_names)


def load(charge: Charge, currency: str, tenants: tuple[str, ...] = ()) -> FinanceFiles:
    """Read the files that *charge* names; all amounts are in *currency*.

    Where *tenants* are named, a fixed cost may be of no other tenant.

    Raises:
        ConfigError: A file cannot be read or contradicts itself; the message names
            file, line and column, and says what was expected.
    """
    rates, rules, budgets = charge.rate_card, charge.cost_centers, charge.budgets
    fixed, entitlements = charge.fixed_costs, charge.entitlements
    return FinanceFiles(
        currency,
        rates=read_rates(rates, currency) if rates else (),
        rules=read_rules(rules) if rules else (),
        budgets=read_budgets(budgets) if budgets else (),
        fixed_costs=read_fixed_costs(fixed, currency, tenants) if fixed else (),
        entitlements=read_entitlements(entitlements) if entitlements else (),
    )
