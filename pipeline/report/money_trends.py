"""Marts → what cost centres were charged in 13 months, and whose amount moved most."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pipeline.report import plots
from pipeline.report.marts import Marts, by, first, of
from pipeline.warehouse import Row

# How many cost centres stand before the others are folded, and how many have moved.
_SHOWN = 10


def charged(marts: Marts) -> dict[str, Any] | None:
    """The drawing, the table of months and the movers; None where nothing is priced."""
    priced = [row for row in of(marts["months"], is_recent=True) if row["currency"]]
    if not priced or not marts["amounts"]:
        return None
    rows = _rows(marts, [row["month"] for row in priced])
    alone = len(rows) if len(rows) <= _SHOWN + 1 else _SHOWN
    months = [row["month"] for row in priced]
    return {
        "plot": plot(marts),
        "forecast": forecast(marts),
        "months": months,
        "rows": rows[:alone],
        "rest": _rest(rows[alone:], months),
        "folded": rows[alone:],
        "total": {row["month"]: row["amount"] for row in priced},
        "movers": _movers(of(marts["cost_centers"], month=months[0])),
    }


def plot(marts: Marts) -> plots.Months | None:
    """The bars of months, with their budgets and what is still to come of the last."""
    if not marts["amounts"]:
        return None
    expected = forecast(marts)
    coming = expected["forecast_amount"] if expected else None
    return plots.months(marts["amounts"], budgets(marts), coming)


def forecast(marts: Marts) -> Row | None:
    """What the running month is expected to come to; of one that is over, nothing."""
    now = first(marts["months"])
    return first(marts["forecast"]) if now and not now["has_ended"] else None


def budgets(marts: Marts) -> dict[date, Any]:
    """The budgets of months in which each cost centre has one.

    Those of some are nothing to compare the amount of all with. Unallocated needs none.
    """
    without = {
        row["month"]
        for row in marts["cost_centers"]
        if row["budget"] is None and not row["is_unallocated"]
    }
    return {
        row["month"]: row["budget"]
        for row in marts["months"]
        if row["month"] not in without and row["budget"] is not None
    }


def _rows(marts: Marts, months: Sequence[date]) -> list[dict[Any, Any]]:
    """A row for each cost centre, by what it cost last: its amount of each month.

    A month without a row is a true zero: it has statements, and none of them is theirs.
    """
    rows: list[dict[Any, Any]] = []
    for own in by(marts["cost_centers"], "cost_center").values():
        amounts = {row["month"]: row["amount"] for row in own}
        known = {month: amounts.get(month, 0) for month in months}
        last = max(own, key=lambda row: row["month"])
        if any(known.values()):
            rows.append({**_only(last, "cost_center", "label", "page"), **known})
    return sorted(rows, key=lambda row: [-row[month] for month in months])


def _only(row: Row, *names: str) -> dict[Any, Any]:
    return {name: row[name] for name in names}


def _rest(rows: Sequence[Mapping[Any, Any]], months: Sequence[date]) -> Any:
    """The sum of those that are folded, if any are."""
    if not rows:
        return None
    sums = {month: sum(row[month] for row in rows) for month in months}
    return {"entity_count": len(rows), **sums}


def _movers(rows: Sequence[Row]) -> list[Row]:
    """Those whose amount moved most, up or down, against what it is compared with."""
    moved = [row for row in rows if row["comparable_change_amount"]]
    return sorted(moved, key=lambda row: -abs(row["comparable_change_amount"]))[:_SHOWN]
