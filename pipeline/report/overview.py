"""Marts → the first page: what it costs, who owes it, why, and what to do about it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pipeline import dates
from pipeline.report import burn_down, money_trends, operations, worth
from pipeline.report.marts import Marts, by, first, of
from pipeline.report.paths import statement_page
from pipeline.report.site import Site
from pipeline.warehouse import Row

# How many rows stand before the others are folded.
_CENTERS = 20
_MONTHS = 6
# What is to be done at once; the rest is on other pages.
_MOST = 5
_FEW = 2
# A part that went the other way is named from a fifth of the change on.
_NOTABLE = 5
# What else could be saved, in short: its amounts are in no sum, as they may be of the
# same runs.
_BESIDE = {"twins", "owner gone", "never ran"}
# Checks that the list of what to do has words and ranks of its own for.
_DESCRIBED = {
    "warn_a_tenth_is_unallocated",
    "warn_days_are_missing",
    "warn_rules_never_matched",
}


def overview(
    site: Site, marts: Marts, files: Sequence[Mapping[str, str]], as_of: date
) -> bytes:
    """The page that is opened first: of the running month, or of the last one."""
    now = first(marts["months"])
    values = _of_month(marts, now, as_of) if now else {}
    actions = _actions(marts, files)
    return site.page(
        "index.html",
        "index.html",
        now=now,
        **values,
        actions=actions[:_MOST],
        more=len(actions[_MOST:]),
        quota=marts["quota"],
    )


def _of_month(marts: Marts, now: Row, as_of: date) -> dict[str, Any]:
    budgets = money_trends.budgets(marts)
    months = [{**row, "above_budget": _above(row, budgets)} for row in marts["months"]]
    forecast = money_trends.forecast(marts)
    return {
        "before": first(of(months, has_ended=True)) if not now["has_ended"] else None,
        "forecast": forecast,
        "headroom": _headroom(now, forecast, budgets),
        "owed": _charged(marts, now),
        "why": _why(marts, now),
        "trust": _trust(marts, now, as_of),
        "plot": money_trends.plot(marts),
        "burn": _burn(marts),
        "savings": _savings(marts, now),
        "worth": worth.of_month(marts, now),
        "months": months[:_MONTHS],
        "older": months[_MONTHS:],
    }


def _above(month: Row, budgets: Mapping[date, Any]) -> Any:
    budget = budgets.get(month["month"])
    return None if budget is None else month["amount"] - budget


def _headroom(now: Row, forecast: Row | None, budgets: Mapping[date, Any]) -> Any:
    """What is left of the budget after all that is charged or expected."""
    budget = budgets.get(now["month"])
    if budget is None:
        return None
    return budget - (forecast["forecast_amount"] if forecast else now["amount"])


def _charged(marts: Marts, now: Row) -> dict[str, Any]:
    """Who is charged: the largest first, Unallocated last, and each one's months."""
    recent = sorted(row["month"] for row in of(marts["months"], is_recent=True))
    charged = by(marts["cost_centers"], "cost_center")
    rows = [
        {
            **row,
            "series": _series(charged[row["cost_center"]], recent, now),
            "forecast_amount": None if now["has_ended"] else row["forecast_amount"],
        }
        for row in of(marts["cost_centers"], month=now["month"])
    ]
    rows.sort(key=lambda row: row["is_unallocated"])
    alone = len(rows) if len(rows) <= _CENTERS + 1 else _CENTERS
    rest = rows[alone:]
    return {
        "rows": rows[:alone],
        "rest": rest,
        "rest_amount": sum(row["amount"] for row in rest),
        "largest": first(rows),
        "count": len(rows),
        "with_budget": sum(row["budget"] is not None for row in rows),
    }


def _series(rows: Sequence[Row], months: Sequence[date], now: Row) -> list[Any]:
    """An amount for each of *months*; of a running one, only what is expected is drawn.

    Nothing was charged in a month without a row.
    """
    amounts = {row["month"]: row["amount"] for row in rows}
    ended = [month for month in months if now["has_ended"] or month != now["month"]]
    return [amounts.get(month, 0) for month in ended]


def _why(marts: Marts, now: Row) -> dict[str, Any] | None:
    """What moved the amount in its direction, and the largest part against it."""
    change = now["comparable_change_amount"]
    reasons = by(of(marts["reasons"], month=now["month"]), "kind")
    if change is None or not reasons["part"]:
        return None
    sign = 1 if change >= 0 else -1
    moved = [row for row in reasons["part"] if row["change_amount"]]
    centers = [
        row
        for row in of(marts["cost_centers"], month=now["month"])
        if (row["comparable_change_amount"] or 0) * sign > 0
    ]
    center = max(
        centers, key=lambda row: sign * row["comparable_change_amount"], default=None
    )
    return {
        "change": change,
        "parts": [row for row in moved if row["change_amount"] * sign > 0][:_FEW],
        "against": first(
            row
            for row in moved[::-1]
            if -sign * row["change_amount"] * _NOTABLE > abs(change)
        ),
        "center": center,
        "automations": [
            row
            for row in reasons["automation"]
            if center
            and row["cost_center"] == center["cost_center"]
            and row["change_amount"] * sign > 0
        ][:_FEW],
    }


def _trust(marts: Marts, now: Row, as_of: date) -> dict[str, Any]:
    """What was read and compared of the month; what was not is not said to hold."""
    due = {
        row["date"]
        for row in of(marts["coverage"], source="usage")
        if row["date"] < as_of and dates.month_of(row["date"]) == now["month"]
    }
    tied = of(marts["tie_out"], month=now["month"])
    judged = {row["status"] for row in tied} - {"unknown"}
    return {
        "read": now["covered_days"],
        "due": len(due),
        "tied": bool(tied),
        "untied": [row for row in tied if row["difference"]],
        "provider": "beyond" if "beyond" in judged else first(sorted(judged)),
    }


def _savings(marts: Marts, now: Row) -> dict[str, Any]:
    """What was paid for nothing, its sum, and what else, the dearest first of each."""
    reasons = of(marts["savings"], position=1)
    reasons.sort(key=lambda row: (-(row["kind_amount"] or 0), row["kind"]))
    return {
        "rows": [row for row in reasons if row["kind"] in operations.NOTHING],
        "beside": [row for row in reasons if row["kind"] in _BESIDE],
        **operations.wasted(marts, now),
    }


def _burn(marts: Marts) -> burn_down.BurnDown | None:
    """The running period and the one before, of one tenant: a quota is for all."""
    for quota in marts["quota"]:
        days = of(marts["burn_down"], tenant=quota["tenant"])
        start = quota["period_start_date"]
        rows = of(days, period_start_date=start)
        earlier = [row["period_start_date"] for row in days]
        before = max((day for day in earlier if day < start), default=None)
        if rows:
            return burn_down.burn_down(rows, of(days, period_start_date=before))
    return None


def _actions(
    marts: Marts, files: Sequence[Mapping[str, str]]
) -> list[tuple[str, dict[str, Any]]]:
    """What to do, as kinds and rows, the most urgent first."""
    rows = {row["kind"]: dict(row) for row in marts["attention"]}
    if not marts["months"]:  # before the first run there was nothing to take
        rows.pop("unused rules", None)
    if "over budget" in rows:  # which says who will follow
        rows["over budget"]["followers"] = rows.pop("will exceed", {}).get("entries")
    recent = {month["month"] for month in marts["months"][:2]}  # of two weeks
    for kind in rows.keys() & {"unusual", "new, high cost"}:
        rows[kind]["has_included"] = any(
            line["included_amount"] and line["month"] in recent
            for line in marts["meters"]
        )
    found = [*rows.items()]
    if disputes := marts["disputes"]:
        page = statement_page(disputes[0])
        found.insert(0, ("disputes", {"entries": disputes, "page": page}))
    if marts["months"] and first(marts["months"])["currency"] is None:
        found.insert(0, ("no prices", {}))
    if files:
        found.insert(0, ("quarantine", {"item_count": len(files)}))
    others = [one for one in marts["exceptions"] if one["check_name"] not in _DESCRIBED]
    if others:
        found.append(("checks", {"item_count": len(others)}))
    return found
