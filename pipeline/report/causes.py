"""Causes of a statement's change → their words, whom they are of, and amounts."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pipeline.formats import Filter, shortened
from pipeline.warehouse import Row

# The words of a cause, a line below it or none, and the amount.
Cause = tuple[str, str, Decimal]

# So many stand alone; the others are summed up.
_SHOWN = 8

_USED = {
    "new": "New automations",
    "absent": "Automations that no longer ran",
    "more": "Automations that were used more",
    "less": "Automations that were used less",
}

# What causes of all cost centres do not say.
_OF_ALL: dict[str, Any] = {"automation_names": None, "automations": 0}


def causes(rows: Sequence[Row], filters: Mapping[str, Filter]) -> list[Cause]:
    """Each cause of *rows*, which are in the order of their sizes."""
    described = [_cause(row, filters) for row in rows]
    if len(described) <= _SHOWN + 1:
        return described
    others = described[_SHOWN:]
    total = sum((amount for _, _, amount in others), Decimal(0))
    return [*described[:_SHOWN], (f"{len(others)} other causes", "", total)]


def of_month(
    month: Row, rows: Sequence[Row], filters: Mapping[str, Filter]
) -> list[Cause]:
    """The causes of a *month* over all cost centres, whose own are *rows*.

    None if they do not come to its change: a statement has nothing to be compared with.
    What moved between cost centres cancels out, up to rounding.
    """
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        kind = "rounding" if row["kind"].startswith("moved") else row["kind"]
        sums[kind, row["subject"]] += row["amount"]
    if sum(sums.values()) != month["comparable_change_amount"]:
        return []
    ordered = sorted(
        ((kind, subject, amount) for (kind, subject), amount in sums.items() if amount),
        key=lambda part: (part[0] == "rounding", -abs(part[2]), part[:2]),
    )
    merged = [
        {"kind": kind, "subject": subject, "amount": amount} | _OF_ALL
        for kind, subject, amount in ordered
    ]
    return causes(merged, filters)


def so_far(statement: Row, rows: Sequence[Row]) -> list[Cause]:
    """Which automations, in *rows*, moved a running month from its same days before.

    None if they do not come to the change, which then is not known.
    """
    changed = [row for row in rows if row["change_amount"]]
    alone = [row for row in changed if not row["is_rest"]]
    alone.sort(key=lambda row: (-abs(row["change_amount"]), row["position"]))
    others = alone[_SHOWN:] + [row for row in changed if row["is_rest"]]
    described = [_changed(row) for row in alone[:_SHOWN]]
    if others:
        count = sum(row["entity_count"] for row in others)
        total = sum((row["change_amount"] for row in others), Decimal(0))
        described.append((f"{count} others", "", total))
    total = sum((amount for _, _, amount in described), Decimal(0))
    return described if total == statement["comparable_change_amount"] else []


def _changed(row: Row) -> Cause:
    presence, other = row["presence"], row["other_cost_center"]
    detail = {
        "new": "new",
        "absent": "not used on these days",
        "moved in": f"moved here from {shortened(other or '')}",
        "moved away": f"moved to {shortened(other or '')}",
    }.get(presence or "", "")
    return shortened(row["label"]), detail, row["change_amount"]


def _cause(row: Row, filters: Mapping[str, Filter]) -> Cause:
    words, detail = _DESCRIBED.get(row["kind"], _of_usage)(row, filters)
    return words, detail, row["amount"]


def _moved(row: Row, filters: Mapping[str, Filter]) -> tuple[str, str]:
    is_here = row["kind"] == "moved in"
    other = shortened(row["other_cost_center"])
    way = f"{'from' if is_here else 'to'} {other}" if other else ""
    detail = ": ".join(filter(None, (way, _names(row))))
    if row["rule_from"] is None:
        return f"Automations moved {'here' if is_here else 'away'}", detail
    return _rule(row, filters), detail


def _rule(row: Row, filters: Mapping[str, Filter]) -> str:
    since = f"Rule of {filters['day'](row['rule_from'])}"
    share = row["share_percent"]
    part = f"{filters['number'](share)} %" if share != 100 else "all"  # noqa: PLR2004
    if row["conditions"]:
        return f"{since}: {part} of {shortened(row['conditions'])}"
    return since if part == "all" else f"{since}: {part}"


def _price(row: Row, filters: Mapping[str, Filter]) -> tuple[str, str]:
    meter = filters["words"](row["subject"])
    way = "Higher" if row["amount"] > 0 else "Lower"
    return f"{way} price: {meter}", "with what is included"


def _fixed(row: Row, _: Mapping[str, Filter]) -> tuple[str, str]:
    return shortened(row["subject"]) or "Shared amounts", "shared amount"


def _adjustment(row: Row, _: Mapping[str, Filter]) -> tuple[str, str]:
    return "Corrections of closed months", shortened(row["subject"])


def _rounding(_: Row, __: Mapping[str, Filter]) -> tuple[str, str]:
    return "Rounding", "each line is rounded once"


def _of_usage(row: Row, _: Mapping[str, Filter]) -> tuple[str, str]:
    return _USED[row["kind"]], _names(row)


def _names(row: Row) -> str:
    """The automations that matter most, and how many more there are."""
    names = [shortened(name) for name in row["automation_names"] or []]
    others = row["automations"] - len(names)
    return ", ".join(names) + (f" and {others} more" if names and others > 0 else "")


_DESCRIBED: Mapping[str, Callable[[Row, Mapping[str, Filter]], tuple[str, str]]] = {
    "moved in": _moved,
    "moved away": _moved,
    "price": _price,
    "fixed": _fixed,
    "adjustment": _adjustment,
    "rounding": _rounding,
}
