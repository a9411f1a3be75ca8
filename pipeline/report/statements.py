"""Marts → the page of each month, and of each statement of it."""

from collections.abc import Collection, Iterator
from typing import Any

from pipeline.formats.amounts import with_display
from pipeline.report import second_currency
from pipeline.report.marts import Marts, by, first, of
from pipeline.report.paths import month_page, statement_page
from pipeline.report.site import Site
from pipeline.warehouse import Row

_DIMENSIONS = ("owner", "space", "automation")
_MONTHLY = (
    "cost_centers",
    "rollup",
    "statements",
    "unallocated",
    "meters",
    "rankings",
    "reconciliation",
    "tie_out",
    "anomalies",
    "covered",
    "documents",
)


def statements(
    site: Site, marts: Marts, kept: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    """The pages of each month by their names, but of months whose page is *kept*."""
    monthly = {name: by(marts[name], "month") for name in _MONTHLY}
    bridges = by(marts["bridges"], "tenant", "month", "cost_center")
    lines = by(marts["lines"], "tenant", "month", "cost_center")
    details = by(marts["details"], "tenant", "month", "cost_center")
    rolled_up = by(marts["rolled_up"], "tenant", "month", "cost_center")
    below = by(marts["rolled_up"], "tenant", "month", "parent")
    for month in marts["months"]:
        start = month["month"]
        if month_page(start) in kept:
            continue
        own = {name: rows[start] for name, rows in monthly.items()}
        yield month_page(start), _month(site, month, own)
        centers = by(own["cost_centers"], "cost_center")
        for one in own["statements"]:
            key = one["tenant"], start, one["cost_center"]
            own |= {
                "center": centers[one["cost_center"]],
                "lines": lines[key],
                "details": details[key],
                "bridges": bridges[key],
                "rolled_up": rolled_up[key],
                "below": below[key],
            }
            yield statement_page(one), _statement(site, month, one, own)


def _month(site: Site, month: Row, marts: Marts) -> bytes:
    boards = {
        f"{dimension}s": _board(of(marts["rankings"], dimension=dimension))
        for dimension in _DIMENSIONS
    }
    displayed = second_currency.of_month(marts["statements"], marts["cost_centers"])
    return site.page(
        month_page(month["month"]),
        "chargeback.html",
        month=month,
        cost_centers=marts["cost_centers"],
        rollup=marts["rollup"],
        statements=displayed["statements"],
        displayed=displayed,
        unallocated=_board(marts["unallocated"]),
        meters=marts["meters"],
        tie_out=marts["tie_out"],
        anomalies=marts["anomalies"],
        reconciliation=marts["reconciliation"],
        **_documents(marts["documents"], "month_display_balance"),
        **boards,
    )


def _statement(site: Site, month: Row, statement: Row, marts: Marts) -> bytes:
    lines = by(marts["lines"], "kind")
    tie_out = of(marts["tie_out"], tenant=statement["tenant"])
    boards = {
        f"{dimension}s": _board(of(marts["details"], dimension=dimension))
        for dimension in _DIMENSIONS
    }
    return site.page(
        statement_page(statement),
        "statement.html",
        month=month,
        statement=with_display(statement),
        center=first(marts["center"]),
        usage=lines["usage"],
        fixed=lines["fixed"],
        adjustments=lines["adjustment"],
        lines=marts["lines"],
        displayed_lines=second_currency.of_lines(marts["lines"], site.words),
        covered=first(of(marts["covered"], tenant=statement["tenant"])),
        bridge=first(marts["bridges"]),
        rolled_up=first(marts["rolled_up"]),
        below=[
            one if one["has_statement"] else {**one, "tenant": None}  # has no page
            for one in marts["below"]
        ],
        tie_out=tie_out,
        **_documents(
            of(marts["documents"], **_key(statement)), "statement_display_balance"
        ),
        **boards,
    )


def _key(statement: Row) -> Row:
    return {name: statement[name] for name in ("tenant", "cost_center")}


def _documents(rows: list[Row], balance: str) -> dict[str, Any]:
    """What was issued, if any of it was taken back, and the last credit note."""
    credit = first(reversed(of(rows, kind="credit note")))
    return {
        "documents": rows if credit else [],
        "credit": credit,
        "document_display": second_currency.balance(rows, balance),
    }


def _board(rows: list[Row]) -> dict[str, object]:
    """Those who have a row of their own, and the one that sums up the rest."""
    return {
        "listed": of(rows, is_rest=False),
        "rest": first(of(rows, is_rest=True)),
    }
