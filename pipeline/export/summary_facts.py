"""Statements → the facts that stand on a workbook's first sheet, below the amount."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pipeline.export.summary_rows import Row
from pipeline.formats.language import Language, msgid

_SUMS = {
    "comparable_prior_amount",
    "comparable_change_amount",
    "budget",
    "budgeted_amount",
    "budget_remaining",
    "ytd_amount",
}
_SAME_DAYS = msgid("Same days before")
_FACTS = {
    "statement_number": msgid("Number"),
    "statement_version": msgid("Version"),
    "seal": msgid("Seal"),
    "issued_date": msgid("Issued"),
    "cost_center_code": msgid("Cost centre code"),
    "cost_center_owner": msgid("Owner"),
    "tenant": msgid("Tenant"),
    "period": msgid("Days covered"),
    "currency": msgid("Currency"),
    "comparable_prior_amount": msgid("Prior month"),
    "comparable_change_amount": msgid("Change"),
    "budget": msgid("Budget"),
    "budgeted_amount": msgid("Charged where budgeted"),
    "budget_remaining": msgid("Remaining budget"),
    "ytd_amount": msgid("Year to date"),
}


def facts(statements: Sequence[Row], said: Language) -> Iterator[tuple[str, str, Any]]:
    """The label, the column and the value of what stands below the amount.

    A sum says of how many cost centres it is, as a budget that not all have.
    """
    _ = said.gettext
    for name, label in _facts_of(statements).items():
        values = [one[name] for one in statements]
        known = [value for value in values if value is not None]
        if name == "budgeted_amount" and values == [
            one["amount"] for one in statements
        ]:
            continue  # all have a budget
        if known and name in _SUMS:
            some, every = _counted(statements, name)
            of_some = {"what": _(label), "some": some, "all": every}
            words = _("%(what)s (%(some)s of %(all)s cost centres)") % of_some
            yield _(label) if some == every else words, name, sum(known, Decimal(0))
        elif known and len(set(values)) == 1:  # it is so of all
            yield _(label), name, known[0]


def _facts_of(statements: Sequence[Row]) -> Mapping[str, str]:
    """The labels of facts: a draft has no version, a running month the same days."""
    labels = dict(_FACTS)
    if not any(one["statement_version"] for one in statements):
        del labels["statement_version"]
    if any(one["comparable_prior_amount"] != one["prior_amount"] for one in statements):
        labels["comparable_prior_amount"] = _SAME_DAYS
    return labels


def _counted(statements: Sequence[Row], name: str) -> tuple[int, int]:
    """How many cost centres have a value of column *name*, and how many there are.

    A budget is of a cost centre, and stands on one of its statements.
    """
    known = {one["cost_center"] for one in statements if one[name] is not None}
    unknown = {one["cost_center"] for one in statements if one[name] is None}
    every = known | unknown
    is_of_one = name.startswith("budget")
    return len(known if is_of_one else known - unknown), len(every)
