"""The finance files as typed rows: prices, cost centres, fixed costs, budgets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import Charge, Mail, Settings
from pipeline.finance.budgets import Budget, read_budgets
from pipeline.finance.entitlements import (
    Entitlement,
    entitlement_rows,
    read_entitlements,
)
from pipeline.finance.fields import is_valid
from pipeline.finance.fixed import (
    FixedCost,
    cost_rows,
    read_fixed_costs,
    share_rows,
    shares_of,
)
from pipeline.finance.mentions import Mention, check_known, check_same, mention
from pipeline.finance.names import UNALLOCATED
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
    "is_valid",
    "load",
    "load_frozen",
    "read",
]


@dataclass(frozen=True, slots=True)
class FinanceFiles:
    """The rows of all finance files, in one currency."""

    currency: str
    rates: tuple[Rate, ...] = ()
    rules: tuple[Rule, ...] = ()
    budgets: tuple[Budget, ...] = ()
    fixed_costs: tuple[FixedCost, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()

    @property
    def cost_centers(self) -> frozenset[str]:
        """The names of all that may have a statement, among them the unallocated."""
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
    """The finance files of *settings*, whose mail names cost centres as they do.

    Errors are those of `load`.
    """
    files = load(settings.charge, settings.currency, settings.tenant_names)
    if settings.mail is not None:
        check_same([*_mentions(settings.charge, files), *_mailed(settings.mail)])
    return files


def load(charge: Charge, currency: str, tenants: tuple[str, ...] = ()) -> FinanceFiles:
    """Read the files that *charge* names; all amounts are in *currency*.

    If *tenants* are named, a fixed cost may be of none but these.

    Raises:
        ConfigError: A file cannot be read or contradicts itself; the message names
            file, line and column, and says what was expected.
    """
    rates, rules, budgets = charge.rate_card, charge.cost_centers, charge.budgets
    fixed, entitlements = charge.fixed_costs, charge.entitlements
    files = FinanceFiles(
        currency,
        rates=read_rates(rates, currency) if rates else (),
        rules=read_rules(rules) if rules else (),
        budgets=read_budgets(budgets) if budgets else (),
        fixed_costs=read_fixed_costs(fixed, currency, tenants) if fixed else (),
        entitlements=read_entitlements(entitlements) if entitlements else (),
    )
    _check_cost_centers(charge, files)
    return files


def load_frozen(charge: Charge, currency: str) -> FinanceFiles:
    """The files that were frozen with a closed month, which are not checked again.

    They were when the month was closed. What is refused since then must not stop
    anything: a closed month stands.

    Raises:
        ConfigError: A file cannot be read at all.
    """
    rates, rules, budgets = charge.rate_card, charge.cost_centers, charge.budgets
    fixed, entitled = charge.fixed_costs, charge.entitlements
    return FinanceFiles(
        currency,
        rates=read_rates(rates, currency, is_frozen=True) if rates else (),
        rules=read_rules(rules, is_frozen=True) if rules else (),
        budgets=read_budgets(budgets, is_frozen=True) if budgets else (),
        fixed_costs=read_fixed_costs(fixed, currency, is_frozen=True) if fixed else (),
        entitlements=read_entitlements(entitled, is_frozen=True) if entitled else (),
    )


def _check_cost_centers(charge: Charge, files: FinanceFiles) -> None:
    """Refuse names that differ in nothing that is seen, and those that are unknown.

    Known is what has a line in the rules, whenever it is valid. Where no rules are
    configured, the shares of fixed costs make a cost centre known, and so do budgets
    by which a fixed cost is split.
    """
    check_same(_mentions(charge, files))
    shares, entitlements, budgets = (
        [*_shares(charge, files)],
        [*_lines(charge.entitlements, files.entitlements)],
        [*_lines(charge.budgets, files.budgets)],
    )
    if charge.cost_centers is not None:
        known = {rule.cost_center for rule in files.rules}
        others = [*shares, *entitlements, *budgets]
        check_known(others, known, charge.cost_centers)
        return
    is_split = any(cost.split == "budget" for cost in files.fixed_costs)
    known = {one.name for one in (*shares, *(budgets if is_split else ()))}
    check_known([*entitlements, *budgets], known, None)


def _mentions(charge: Charge, files: FinanceFiles) -> list[Mention]:
    return [
        *_lines(charge.cost_centers, files.rules),
        *_shares(charge, files),
        *_lines(charge.entitlements, files.entitlements),
        *_lines(charge.budgets, files.budgets),
    ]


def _lines(
    path: Path | None, rows: Iterable[Rule | Entitlement | Budget]
) -> Iterator[Mention]:
    for row in rows:
        yield mention(path, row.line, row.cost_center)


def _shares(charge: Charge, files: FinanceFiles) -> Iterator[Mention]:
    for cost in files.fixed_costs:
        for name, _ in shares_of(cost):
            yield mention(charge.fixed_costs, cost.line, name, "shares")


def _mailed(mail: Mail) -> Iterator[Mention]:
    for name in mail.cost_centers:
        yield Mention(name, f"{mail.file}: mail.cost_centers")
