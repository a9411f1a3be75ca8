"""Marts → what to switch off or fix, and what that is worth."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline import seeds
from pipeline.report.marts import Marts, by, first, of
from pipeline.report.site import Site
from pipeline.warehouse import Row

# Reasons for which runs were paid that brought nothing; they have no run in common.
NOTHING = ("time limit", "failed runs")
# Reasons that are shown for what they might save, then those that save nothing.
_LESS = ("failed runs", "costs more", "beyond", "twins", "schedules")
_UNNEEDED = ("owner gone", "never ran", "idle", "disabled")
# How many rows stand before the others are folded: of one list in the width of the
# page, and of two side by side.
_WIDE = 8
_BESIDE = 5


def operations(site: Site, marts: Marts) -> bytes:
    """The page: each reason with its automations, the dearest of a group first."""
    month = first(marts["months"])
    headline = first(of(marts["months"], is_headline=True))
    dearest = of(
        marts["rankings"],
        month=headline["month"] if headline else None,
        dimension="automation",
    )
    return site.page(
        "operations.html",
        "operations.html",
        now=month,
        headline=headline,
        wasted=wasted(marts, month),
        is_fruitful=not any(of(marts["savings"], kind=kind) for kind in NOTHING),
        nothing=_reasons(marts, NOTHING[:1], _WIDE),
        less=_reasons(marts, _LESS, _BESIDE),
        unneeded=_reasons(marts, _UNNEEDED, _BESIDE),
        quota=marts["quota"],
        failures=split(marts["failures"]),
        failed_runs=split(marts["failed_runs"]),
        limits=split(marts["limits"]),
        run_limits={one.context: one.limit_seconds for one in seeds.contexts()},
        automations=marts["automations"],
        dearest=of(dearest, is_rest=False)[:25],
        connectors=marts["connectors"],
        connector_owners=split(marts["connector_owners"]),
        connector_days=_grid(marts["connector_days"], "date"),
        days=sorted({row["date"] for row in marts["connector_days"]}),
    )


def wasted(marts: Marts, month: Row | None) -> dict[str, Any]:
    """What runs without a result cost in *month*, and its share of the month."""
    reasons = [
        row
        for kind in NOTHING
        for row in of(marts["savings"], kind=kind, position=1)
        if row["kind_amount"] is not None
    ]
    amount = sum(row["kind_amount"] for row in reasons) if reasons else None
    charged = month["amount"] if month else None
    return {
        "parts": sorted(reasons, key=lambda row: row["kind_amount"], reverse=True),
        "amount": amount,
        "ratio": amount / charged if amount and charged else None,
    }


def split(rows: Iterable[Row]) -> dict[str, Any]:
    """Those that have a row of their own, and the one that sums up the rest."""
    listed = list(rows)
    return {
        "listed": of(listed, is_rest=False),
        "rest": first(of(listed, is_rest=True)),
    }


def _reasons(marts: Marts, kinds: Sequence[str], shown: int) -> list[dict[str, Any]]:
    """For each of *kinds* that has any automation: its sums, and rows before a fold.

    Those that were paid for nothing stand first.
    """
    groups = by(_with_months(marts), "kind")
    reasons = [
        _reason(groups[kind], shown)
        | {"causes": groups["causes"] if kind == "failed runs" else []}
        for kind in kinds
        if kind in groups
    ]
    reasons.sort(key=lambda one: (one["kind"] not in NOTHING, -(one["amount"] or 0)))
    return reasons


def _reason(rows: Sequence[Row], shown: int) -> dict[str, Any]:
    """The sums of a reason, those that are shown, and what is folded of it."""
    sums, *_ = rows
    folded = rows[shown:]
    known = [row["amount"] for row in folded if row["amount"] is not None]
    return {
        "kind": sums["kind"],
        "automations": sums["kind_automations"],
        "runs": sums["kind_runs"],
        "hours": sums["kind_hours"],
        "amount": sums["kind_amount"],
        "rows": rows[:shown],
        "folded": split(folded),
        "folded_count": sum(row["entity_count"] for row in folded),
        "folded_amount": sum(known) if known else None,
    }


def _with_months(marts: Marts) -> list[Row]:
    """The savings; those of schedules with what each came to in 13 months.

    It is 0 where the tenant was read and it was not used, None where it was not read.
    """
    months = [row["month"] for row in reversed(of(marts["months"], is_recent=True))]
    known = {(row["tenant"], row["month"]) for row in marts["covered"]}
    found = by(marts["scheduled"], "tenant", "entity_id")

    def amount(tenant: str, month: date, amounts: Mapping[date, Decimal]) -> Any:
        return amounts.get(month, Decimal(0) if (tenant, month) in known else None)

    series = {}
    for (tenant, automation), rows in found.items():
        amounts = {row["month"]: row["amount"] for row in rows}
        series[tenant, automation] = [
            {"month": month, "amount": amount(tenant, month, amounts)}
            for month in months
        ]
    return [
        {**row, "months": series.get((row["tenant"], row["entity_id"]), [])}
        for row in marts["savings"]
    ]


def _grid(rows: Iterable[Row], column: str) -> dict[str, Any]:
    """A row for each rank, with the runs of each value of *column*, where known."""
    listed = list(rows)
    unknown = dict.fromkeys(row[column] for row in listed)
    ranked: dict[int, dict[Any, Any]] = {}
    for row in listed:
        ranks = ranked.setdefault(row["position"], {**row, **unknown})
        ranks[row[column]] = row["runs"]
    return split(ranked.values())
