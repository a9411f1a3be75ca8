"""Marts → what a statement shows beside its lines: months, causes, ranks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.dates import month_before
from pipeline.report.causes import causes, so_far
from pipeline.report.lost import lost_of
from pipeline.report.marts import Marts, by, first, of
from pipeline.report.month_bars import month_bars
from pipeline.report.rounding import rounding_of
from pipeline.report.site import Site
from pipeline.report.worth import best_and_worst, of_statement, with_return
from pipeline.warehouse import Row

_MONTHS = 13
_DIMENSIONS = ("owner", "space", "automation")
# How many rows stand on the page; all others are folded, and their sum is a row.
_ROWS = {"automation": 10, "owner": 5, "space": 5}
_RANKED = (
    "amount",
    "prior_amount",
    "change_amount",
    "value_amount",
    "saved_hours",
)
_SUMMED = (
    *_RANKED,
    "amount_ratio",
    "runs",
    "runs_ratio",
    "third_party_runs",
    "duration_seconds",
    "bandwidth_bytes",
    "bandwidth_in_bytes",
    "bandwidth_out_bytes",
)
_SHOWN = 10
_NOBODY = "shared"

Amounts = dict[date, Decimal]
Sizes = dict[date, float]


@dataclass
class History:
    """What statements, and each owner, space and automation of them, came to before."""

    statements: dict[tuple[str, ...], Amounts] = field(default_factory=dict)
    months: dict[str, set[date]] = field(default_factory=dict)
    details: dict[tuple[str, ...], Sizes] = field(default_factory=dict)
    cut: set[tuple[Any, ...]] = field(default_factory=set)

    @classmethod
    def of(cls, marts: Marts) -> "History":
        """What *marts* know of all months."""
        statements: dict[tuple[str, ...], Amounts] = defaultdict(dict)
        details: dict[tuple[str, ...], Sizes] = defaultdict(dict)
        months: dict[str, set[date]] = defaultdict(set)
        for row in marts["statements"]:
            statements[row["tenant"], row["cost_center"]][row["month"]] = row["amount"]
            months[row["tenant"]].add(row["month"])
        cut = set()
        for row in marts["detail_amounts"]:
            place = row["tenant"], row["cost_center"], row["dimension"]
            if row["is_rest"]:
                cut.add((*place, row["month"]))
            else:
                details[*place, row["entity_id"]][row["month"]] = row["amount"]
        return cls(statements, months, details, cut)

    def of_statement(self, row: Row, months: Iterable[date]) -> list[Decimal | None]:
        """What the cost centre was charged in *months*; None before the first one."""
        amounts = self.statements[row["tenant"], row["cost_center"]]
        known = self.months[row["tenant"]]
        return [
            amounts.get(month, Decimal(0) if month in known else None)
            for month in months
        ]

    def of_detail(self, row: Row, months: Iterable[date]) -> list[float | None]:
        """What an owner, space or automation came to in *months*, about: as bars are.

        None where it may be in the sum of all others.
        """
        place = row["tenant"], row["cost_center"], row["dimension"]
        sizes = self.details[*place, row["entity_id"]]
        known = self.months[row["tenant"]]
        nothing = {one: 0.0 for one in known if (*place, one) not in self.cut}
        return [sizes.get(month, nothing.get(month)) for month in months]


def parts(site: Site, statement: Row, marts: Marts, history: History) -> dict[str, Any]:
    """The values of the page beside its lines: bars, causes, budget, ranks."""
    months = months_until(statement["month"])
    center = marts["center"][0]
    amounts = history.of_statement(statement, months)
    details = by(marts["details"], "dimension")
    boards = {
        f"{dimension}s": _board(dimension, details[dimension], months, history)
        for dimension in _DIMENSIONS
    }
    worth, is_alone = of_statement(marts, statement), center["tenants"] == 1
    # Of all tenants, as the budget is.
    forecast = first(of(marts["forecasts"], cost_center=statement["cost_center"]))
    return {
        "prior_month": months[-2],
        "months": month_bars(
            months,
            amounts,
            center["budget"] if is_alone else None,
            forecast["forecast_amount"] if forecast and is_alone else None,
        ),
        "forecast": forecast,
        "lost": lost_of(statement, marts["lost"], boards["automations"]["listed"]),
        "rounding_sum": rounding_of(marts["lines"]),
        "causes": causes(marts["causes"], site.filters),
        "so_far": []
        if statement["is_complete_month"]
        else so_far(statement, details["automation"], site.filters),
        "issued": _issued(statement, marts["documents"]),
        "budget": budget_of(center),
        "rate_from": max(
            (one["rate_from"] for one in marts["lines"] if one["rate_from"]),
            default=None,
        ),
        "riser": _riser(boards["automations"]["listed"]),
        "worth": worth,
        **best_and_worst(boards["automations"]["listed"], worth),
        **boards,
    }


def priced(lines: Sequence[Row], meters: Sequence[Row]) -> list[Row]:
    """The lines with the bounds of their tiers, and the whole of fixed amounts."""
    key = ("kind", "meter", "item", "rate_from", "tier", "unit_price")
    known = {tuple(one[name] for name in key): one for one in meters}
    empty = {"tier_from": None, "tier_to": None, "whole_amount": None}
    return [
        {
            **line,
            **{
                name: known.get(tuple(line[one] for one in key), empty)[name]
                for name in empty
            },
        }
        for line in lines
    ]


def board(rows: Sequence[Row], *, of_amounts: bool = False) -> dict[str, Any]:
    """The first of *rows*, and all others as one; beside them all that have a row.

    *of_amounts*: one whose amount rounds to nothing is among the others.
    """
    alone, rest = of(rows, is_rest=False), first(of(rows, is_rest=True))
    top = [row for row in alone if row["amount"] or not of_amounts][:_SHOWN]
    others = [row for row in alone if row not in top]
    # What is of nobody is in no sum of others.
    nobody = of(others, entity_id=_NOBODY)
    hidden = [row for row in others if row not in nobody]
    hidden += [rest] if rest else []
    return {
        "top": top + nobody,
        "more": _sum(hidden, _SUMMED) if hidden else None,
        "is_nothing": not any(row["amount"] for row in hidden),
        "listed": alone,
        "rest": rest,
    }


def months_until(month: date) -> list[date]:
    """The 13 months up to *month*."""
    months = [month]
    while len(months) < _MONTHS:
        months.insert(0, month_before(months[0]))
    return months


def _issued(statement: Row, documents: Iterable[Row]) -> Row | None:
    found: Row | None = first(
        of(
            documents,
            statement_number=statement["statement_number"],
            version=statement["statement_version"],
        )
    )
    return found


def budget_of(center: Row) -> Row | None:
    """What is used of the budget, which is of all tenants; None if there is none."""
    budget, used = center["budget"], center["budgeted_amount"]
    if budget is None or used is None:
        return None
    return {
        "budget": budget,
        "used": used,
        "over": used - budget,
        "ratio": used / budget if budget > 0 else None,
    }


def _board(
    dimension: str, rows: Sequence[Row], months: Sequence[date], history: History
) -> Row:
    """Who is shown, who is folded with their sum, and what is of nobody."""
    listed = of(rows, is_rest=False)
    alone = [row for row in listed if row["entity_id"] != _NOBODY]
    rest = first(of(rows, is_rest=True))
    shown, folded = alone[: _ROWS[dimension]], alone[_ROWS[dimension] :]
    hidden = folded + ([rest] if rest else [])
    nobody = first(of(rows, entity_id=_NOBODY))
    return {
        "shown": [
            {**with_return(row), "months": history.of_detail(row, months)}
            for row in shown
        ],
        "more": with_return(_sum(hidden, _RANKED)) if hidden else None,
        "nobody": nobody and with_return(nobody),
        "listed": listed,
        "rest": rest,
    }


def _sum(rows: Sequence[Row], names: Iterable[str]) -> Row:
    """The rows as one: sums of what is known, None of what no row knows."""
    sums: dict[str, Any] = {"entity_count": sum(row["entity_count"] for row in rows)}
    for name in names:
        known = [row[name] for row in rows if row.get(name) is not None]
        sums[name] = sum(known, Decimal(0)) if known else None
    return sums


def _riser(rows: Iterable[Row]) -> Row | None:
    """The automation that rose most, if any did."""
    risen = [
        row
        for row in rows
        if row["entity_id"] != _NOBODY and (row["change_amount"] or 0) > 0
    ]
    return max(risen, key=lambda row: row["change_amount"], default=None)
