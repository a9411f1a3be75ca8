"""All finance files together: their rows as models read them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from pipeline.finance import rules, values
from pipeline.finance.budgets import Budget
from pipeline.finance.centers import CostCenter, named_by
from pipeline.finance.entitlements import Entitlement, entitlement_rows
from pipeline.finance.exchange import ExchangeRate, exchange_rows
from pipeline.finance.fixed import (
    FixedCost,
    cost_rows,
    share_rows,
    shares_of,
    with_names,
)
from pipeline.finance.markups import Markup, markup_rows
from pipeline.finance.names import UNALLOCATED
from pipeline.finance.notes import Note, note_rows
from pipeline.finance.rates import Rate, rate_rows
from pipeline.finance.rules import Rule, rule_rows
from pipeline.finance.values import Value, value_rows


@dataclass(frozen=True, slots=True)
class FinanceFiles:
    """The rows of all finance files, in one currency."""

    currency: str
    rates: tuple[Rate, ...] = ()
    rules: tuple[Rule, ...] = ()
    budgets: tuple[Budget, ...] = ()
    fixed_costs: tuple[FixedCost, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()
    markups: tuple[Markup, ...] = ()
    exchange_rates: tuple[ExchangeRate, ...] = ()
    values: tuple[Value, ...] = ()
    notes: tuple[Note, ...] = ()
    centers: tuple[CostCenter, ...] = ()

    @property
    def cost_centers(self) -> frozenset[str]:
        """The names of all that may have a statement, among them the unallocated."""
        return frozenset(
            {UNALLOCATED}
            | {rule.cost_center for rule in self.rules}
            | {budget.cost_center for budget in self.budgets}
            | {name for cost in self.fixed_costs for name, _ in shares_of(cost)}
        )

    def renamed(self, new: Callable[[str], str]) -> "FinanceFiles":
        """The same with *new* names of cost centres."""
        return replace(
            self,
            rules=named_by(self.rules, new),
            budgets=tuple(_with_name(one, new) for one in self.budgets),
            fixed_costs=tuple(with_names(one, new) for one in self.fixed_costs),
            entitlements=tuple(_with_name(one, new) for one in self.entitlements),
            markups=tuple(_with_name(one, new) for one in self.markups),
            notes=tuple(_with_name(one, new) for one in self.notes),
            centers=tuple(one.renamed(new) for one in self.centers),
        )

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """The rows of one of `TABLES`, in the order of its columns."""
        return {
            "finance_rates": rate_rows(self.rates),
            "finance_cost_centers": rule_rows(self.rules),
            "finance_cost_center_details": center_rows(self.centers),
            "finance_fixed_costs": cost_rows(self.fixed_costs),
            "finance_fixed_shares": share_rows(self.fixed_costs),
            "finance_entitlements": entitlement_rows(self.entitlements),
            "finance_markups": markup_rows(self.markups),
            "finance_rules": [
                *rules.matched_rows(self.rules),
                *values.matched_rows(self.values),
            ],
            "finance_values": value_rows(self.values),
            "finance_exchange_rates": exchange_rows(self.exchange_rates),
            "finance_notes": note_rows(self.notes),
            "finance_budgets": [
                (budget.cost_center, budget.month, budget.amount)
                for budget in self.budgets
            ],
        }[table]


def center_rows(centers: tuple[CostCenter, ...]) -> list[tuple[Any, ...]]:
    """The rows of `finance_cost_center_details`."""
    return [
        (
            one.cost_center,
            one.code or None,
            one.name or None,
            one.label,
            list(one.path),
            one.owner_email or None,
        )
        for one in centers
    ]


def _with_name(
    row: "Budget | Entitlement | Markup | Note", new: Callable[[str], str]
) -> Any:  # the same kind of row
    if row.cost_center in ("", UNALLOCATED):  # of all, or of no rule
        return row
    return msgspec.structs.replace(row, cost_center=new(row.cost_center))
