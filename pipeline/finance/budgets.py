"""The budgets: what each cost centre may be charged in a month."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from pipeline.finance.fields import check_amount, check_name, check_sum
from pipeline.finance.lines import Month, Problems, Row, read, wrong


class Budget(Row, frozen=True, kw_only=True):
    """What a cost centre may be charged in a month, which is its first day."""

    cost_center: str
    month: Month
    amount: Decimal


def read_budgets(
    path: Path, currency: str, *, is_frozen: bool = False
) -> tuple[Budget, ...]:
    """The lines of the budgets, one a cost centre and month; checked unless frozen.

    Raises:
        ConfigError: The file cannot be read, or contradicts itself.
    """

    def check(budget: Budget) -> None:
        check_name(path, budget)
        check_amount(path, budget, currency)

    budgets = read(path, Budget, check, is_frozen=is_frozen)
    if is_frozen:
        return budgets
    check_budgets(path, budgets)
    check_sum(path, budgets)
    return budgets


def check_budgets(path: Path, budgets: Iterable[Budget]) -> None:
    """Refuse two budgets of a cost centre for a month.

    Raises:
        ConfigError: The message names both lines.
    """
    lines: dict[tuple[str, Month], int] = {}
    problems = Problems()
    for budget in budgets:
        other = lines.setdefault((budget.cost_center, budget.month), budget.line)
        if other != budget.line:
            with problems.collected():
                month = f"a month other than on line {other}"
                raise wrong(path, budget, "month", month)
    problems.check()
