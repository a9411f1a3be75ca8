"""Marts → the page of each month, and of each statement of it."""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pipeline.dates import month_before
from pipeline.formats.amounts import digits_of, with_display
from pipeline.report import second_currency
from pipeline.report.causes import of_month, of_running
from pipeline.report.consolidated import consolidated, total_of
from pipeline.report.marts import Marts, by, first, of
from pipeline.report.paths import consolidated_page, month_page, statement_page
from pipeline.report.site import Site
from pipeline.report.statement_parts import History, board, parts, priced
from pipeline.report.worth import beside
from pipeline.report.worth import of_month as worth_of
from pipeline.warehouse import Row

_DIMENSIONS = ("owner", "space", "automation")
# The longest name that fits at the foot of a printed page.
_LONGEST = 60
_MONTHLY = (
    "cost_centers",
    "rollup",
    "statements",
    "details",
    "causes",
    "reasons",
    "meters",
    "rankings",
    "reconciliation",
    "tie_out",
    "anomalies",
    "covered",
    "documents",
    "worth",
    "forecasts",
)
_KEY = ("tenant", "month", "cost_center")


def statements(
    site: Site, marts: Marts, kept: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    """The pages of each month by their names, but of months whose page is *kept*."""
    monthly = {name: by(marts[name], "month") for name in _MONTHLY}
    history = History.of(marts)
    bridges = by(marts["bridges"], *_KEY)
    causes = by(marts["causes"], *_KEY)
    lines = by(marts["lines"], *_KEY)
    details = by(marts["details"], *_KEY)
    lost = by(marts["lost"], *_KEY)
    rolled_up = by(marts["rolled_up"], *_KEY)
    noted = by(marts["notes"], "statement_month")
    below = by(marts["rolled_up"], "tenant", "month", "parent")
    for month in marts["months"]:
        start = month["month"]
        if month_page(start) in kept:
            continue
        own = {name: rows[start] for name, rows in monthly.items()}
        own |= {"notes": noted[start], "closed": of(marts["closed"], month=start)}
        yield month_page(start), _month(site, month, own)
        yield from _of_several(site, month, own, lines, marts["cost_centers"])
        centers = by(own["cost_centers"], "cost_center")
        for one in own["statements"]:
            key = _of(one)
            own |= {
                "center": centers[one["cost_center"]],
                "lines": lines[key],
                "details": details[key],
                "bridges": bridges[key],
                "causes": causes[key],
                "lost": lost[key],
                "rolled_up": rolled_up[key],
                "below": below[key],
            }
            yield statement_page(one), _statement(site, month, one, own, history)


def _of_several(
    site: Site,
    month: Row,
    own: Marts,
    lines: Mapping[Any, list[Row]],
    charged: list[Row],
) -> Iterator[tuple[str, bytes]]:
    """A page for each cost centre that has statements of several tenants."""
    statements = by(own["statements"], "cost_center")
    for center in own["cost_centers"]:
        parts = statements[center["cost_center"]]
        if len(parts) > 1:
            shown = {
                "statements": parts,
                "lines": [line for one in parts for line in lines[_of(one)]],
                "cost_centers": charged,
            }
            yield consolidated_page(center), consolidated(site, month, center, shown)


def _month(site: Site, month: Row, marts: Marts) -> bytes:
    boards: dict[str, Any] = {
        f"{dimension}s": board(of(marts["rankings"], dimension=dimension))
        for dimension in _DIMENSIONS
    }
    displayed = second_currency.of_month(
        marts["statements"], marts["cost_centers"], site.language
    )
    owners = of(marts["details"], cost_center="Unallocated", dimension="owner")
    worth = worth_of(marts, month)
    return site.page(
        month_page(month["month"]),
        "chargeback.html",
        printed=f"{site.filters['month'](month['month'])}"
        f" · {site.filters['term'](month['status'])}",
        month=month,
        prior_month=month_before(month["month"]),
        causes=of_month(month, marts["causes"], site.filters),
        so_far=of_running(of(marts["reasons"], kind="part"), site.filters),
        cost_centers=beside(marts, marts["cost_centers"]),
        worth=worth,
        centers_total={**(worth or {}), **month},
        rollup=marts["rollup"],
        statements=displayed["statements"],
        by_tenant=marts["covered"],
        by_tenant_total={"runs": month["runs"]}
        | total_of([one for one in marts["covered"] if one["amount"] is not None]),
        displayed=displayed,
        unallocated=_unallocated(owners, site),
        meters=[
            {**one, "what": site.words(one["meter"]) if one["meter"] else one["item"]}
            for one in marts["meters"]
        ],
        tie_out=marts["tie_out"],
        anomalies=marts["anomalies"],
        noted=marts["notes"],
        reconciliation=marts["reconciliation"],
        **_documents(marts["documents"], "month_display_balance"),
        **boards,
    )


def _unallocated(owners: list[Row], site: Site) -> dict[str, Any]:
    """The *owners* as a board, and the least amount that is not nothing."""
    return {
        **board(owners, of_amounts=any(row["amount"] for row in owners)),
        "least": Decimal(1).scaleb(-digits_of(site.currency)),
    }


def _statement(
    site: Site, month: Row, statement: Row, marts: Marts, history: History
) -> bytes:
    own = of(marts["documents"], **_key(statement))
    marts = {**marts, "documents": own}
    meters = of(marts["meters"], tenant=statement["tenant"])
    lines = by(priced(marts["lines"], meters), "kind")
    return site.page(
        statement_page(statement),
        "statement.html",
        printed=_foot(statement, site),
        month=month,
        statement=with_display(statement),
        center=first(marts["center"]),
        usage=lines["usage"],
        fixed=lines["fixed"],
        adjustments=lines["adjustment"],
        lines=marts["lines"],
        displayed_lines=second_currency.of_lines(marts["lines"], site.words),
        covered=first(of(marts["covered"], tenant=statement["tenant"])),
        noted=of(marts["notes"], **_key(statement)),
        closed=first(of(marts["closed"], tenant=statement["tenant"])),
        bridge=first(marts["bridges"]),
        rolled_up=first(marts["rolled_up"]),
        below=[
            {**one, "page": statement_page(one) if one["has_statement"] else None}
            for one in marts["below"]
        ],
        tie_out=of(marts["tie_out"], tenant=statement["tenant"]),
        **_documents(own, "statement_display_balance"),
        **parts(site, statement, marts, history),
    )


def _foot(statement: Row, site: Site) -> str:
    """What tells a printed page from others: the number, or whose draft it is."""
    status = site.filters["term"](statement["status"])
    if statement["closed"]:
        version = site.language.gettext("version %(version)s") % {
            "version": statement["statement_version"]
        }
        return f"{statement['statement_number']}, {version} · {status}"
    month = site.filters["month"](statement["month"])
    return f"{status} · {statement['label'][:_LONGEST]}, {month}"


def _of(statement: Row) -> tuple[Any, ...]:
    return tuple(statement[name] for name in ("tenant", "month", "cost_center"))


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
