"""Runs without a result → what they cost a cost centre, as a part of its statement."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import duckdb

from pipeline import seeds, warehouse
from pipeline.formats.quantities import to_decimals
from pipeline.warehouse import Row


def lost(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """What failed and stopped runs cost each cost centre, by month and automation."""
    statuses = [
        one.status
        for one in seeds.statuses()
        if one.is_failed or one.is_stopped_by_limit
    ]
    answer = warehouse.ask(connection, "report/lost", lost_statuses=statuses)
    return warehouse.rows(answer)


def lost_of(
    statement: Row, rows: Sequence[Row], automations: Iterable[Row]
) -> dict[str, Any] | None:
    """What of *statement* was paid for runs without a result; the dearest of them.

    None if it is less than its currency has a coin for. Of *rows* the dearest
    automation is first; it is named if it is one of *automations*, which are shown.
    """
    if not rows:
        return None
    digits = seeds.minor_digits(statement["currency"])
    amount = to_decimals(sum((row["amount"] for row in rows), Decimal(0)), digits)
    first = rows[0]
    shown = (row for row in automations if row["entity_id"] == first["automation_id"])
    found = {
        "amount": amount,
        "runs": sum(row["runs"] for row in rows),
        "largest": next(shown, None),
        "largest_amount": to_decimals(first["amount"], digits),
    }
    return found if amount > 0 else None
