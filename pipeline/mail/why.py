"""Causes of a change → the few that a mail names, the last of all others."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from pipeline.formats import Filter
from pipeline.mail.statements import Statement
from pipeline.report.causes import Cause, causes, of_month
from pipeline.warehouse import Row

_NAMED = 3


def why(
    statement: Statement, rows: Sequence[Row], filters: Mapping[str, Filter]
) -> list[Cause]:
    """What of *rows*, in any order, changed *statement* most.

    None if they do not come to the change: then it is not known why.
    """
    change = statement.head["change_amount"]
    if statement.cost_center is None:
        month = {"comparable_change_amount": change}
        return of_month(month, rows, filters, most=_NAMED)
    ordered = sorted(rows, key=lambda row: (row["kind"] == "rounding", _size(row)))
    found = causes(ordered, filters, most=_NAMED)
    total = sum((amount for *_, amount in found), Decimal(0))
    return found if total == change else []


def _size(row: Row) -> Decimal:
    return -abs(Decimal(row["amount"]))
