"""Marts → what runs saved, beside what they cost; None where no value is in force."""

from collections.abc import Iterable
from typing import Any

from pipeline.formats.quantities import to_decimals
from pipeline.report.marts import Marts, first, of
from pipeline.warehouse import Row


def of_month(marts: Marts, month: Row) -> Row | None:
    """What the runs of a month saved, over all cost centres and tenants."""
    return _worth(marts, month=month["month"], cost_center=None, tenant=None)


def of_statement(marts: Marts, statement: Row) -> Row | None:
    """What the runs behind a statement saved."""
    keys = ("month", "cost_center", "tenant")
    return _worth(marts, **{key: statement[key] for key in keys})


def beside(marts: Marts, centers: Iterable[Row]) -> list[Row]:
    """*centers* with what the runs of each saved, of all tenants; None if nothing."""
    empty = dict.fromkeys(("value_amount", "saved_hours", "return_ratio"))
    found = {
        (row["month"], row["cost_center"]): row
        for row in of(marts["worth"], tenant=None)
    }
    return [
        {
            **row,
            **{
                name: found.get((row["month"], row["cost_center"]), empty)[name]
                for name in empty
            },
        }
        for row in centers
    ]


def with_return(row: Row) -> Row:
    """A row with its value in units of its amount, or None."""
    amount, value = row["amount"], row["value_amount"]
    has_both = value is not None and amount is not None and amount > 0
    return {**row, "return_ratio": to_decimals(value / amount, 2) if has_both else None}


def best_and_worst(rows: Iterable[Row], worth: Row | None) -> dict[str, Any]:
    """Of a statement's automations the one that brings most beyond its cost.

    And the one that costs most beyond what it brings, unless some of that is unknown.
    """
    nets = [
        (row["value_amount"] - row["amount"], row)
        for row in rows
        if row["value_amount"] is not None
    ]
    nets.sort(key=lambda one: one[0])
    best = nets[-1][1] if nets and nets[-1][0] > 0 else None
    is_known = worth is not None and not worth["unknown_runs"]
    worst = nets[0][1] if nets and nets[0][0] < 0 and is_known else None
    return {"best": best, "worst": worst}


def _worth(marts: Marts, **keys: object) -> Row | None:
    found: Row | None = first(of(marts["worth"], **keys))
    return found
