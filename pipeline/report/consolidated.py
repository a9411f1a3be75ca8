"""The statements that a cost centre has of several tenants → a page of all of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.formats.amounts import with_display
from pipeline.report.marts import of
from pipeline.report.month_bars import month_bars
from pipeline.report.paths import consolidated_page, month_page, statement_page
from pipeline.report.site import Site
from pipeline.report.statement_parts import budget_of, months_until
from pipeline.warehouse import Row

# What is summed of statements.
_SUMMED = (
    "amount",
    "usage_amount",
    "fixed_amount",
    "no_tenant_amount",
    "adjustment_amount",
    "comparable_prior_amount",
    "comparable_change_amount",
)


def with_pages(centers: Sequence[Row], kept: Collection[str]) -> list[Row]:
    """The *centers* with the name of the `page` that has all of their month.

    It is that of the one statement, or of all. None if there is none: the pages of a
    closed month are *kept* as they were, and earlier versions made none of all.
    """
    return [{**row, "page": _page_of(row, kept)} for row in centers]


def _page_of(center: Row, kept: Collection[str]) -> str | None:
    if center["tenant"]:
        return statement_page(center)
    name = consolidated_page(center)
    return name if month_page(center["month"]) not in kept or name in kept else None


def consolidated(
    site: Site, month: Row, center: Row, marts: Mapping[str, Sequence[Row]]
) -> bytes:
    """The page of a *center* in a *month*.

    *marts* has its `statements`, one of each tenant, their `lines`, and the months of
    all `cost_centers`.
    """
    months = months_until(month["month"])
    statements = marts["statements"]
    is_final = all(one["closed"] for one in statements)
    label = f"{center['label'][:60]}, {site.filters['month'](month['month'])}"
    amounts = _amounts(center, marts["cost_centers"], months)
    status = site.filters["term"]("FINAL" if is_final else "PROVISIONAL")
    return site.page(
        consolidated_page(center),
        "consolidated.html",
        printed=f"{status} · {label}, {site.language.gettext('all tenants')}",
        month=month,
        prior_month=months[-2],
        center=with_display(center),
        is_final=is_final,
        budget=budget_of(center),
        months=month_bars(months, amounts, center["budget"]),
        statements=statements,
        total=total_of(statements),
        by_tenant=_by_tenant(statements),
        lines=[{**line, "what": _what(line, site)} for line in marts["lines"]],
    )


def _by_tenant(statements: Sequence[Row]) -> list[tuple[str, str, Decimal]]:
    """What each tenant's statement moved of the change, the most first; or nothing.

    It comes to the change of all, if that is known.
    """
    changes = [(one["tenant"], one["comparable_change_amount"]) for one in statements]
    if any(change is None for _, change in changes):
        return []
    moved = [(tenant, "", change) for tenant, change in changes if change]
    return sorted(moved, key=lambda one: (-abs(one[2]), one[0]))


def _what(line: Row, site: Site) -> str:
    if line["meter"]:
        return site.words(line["meter"])
    item = str(line["item"])
    of_all = site.language.gettext("of all tenants")
    return f"{item}, {of_all}" if line["is_of_no_tenant"] else item


def total_of(statements: Sequence[Row]) -> dict[str, Any]:
    """The sums of *statements*, or of sums of such; None of what one does not know."""
    sums: dict[str, Any] = {}
    for name in _SUMMED:
        values = [one[name] for one in statements]
        sums[name] = None if None in values else sum(values, Decimal(0))
    return sums


def _amounts(
    center: Row, charged: Sequence[Row], months: Sequence[date]
) -> list[Decimal | None]:
    """What the *center* was charged in *months*; None where nobody was charged."""
    known = {row["month"] for row in charged}
    own = of(charged, cost_center=center["cost_center"])
    amounts = {row["month"]: row["amount"] for row in own}
    nothing = Decimal(0)
    return [amounts.get(month, nothing if month in known else None) for month in months]
