"""Causes of a statement's change → their words, whom they are of, and amounts."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pipeline.formats import Filter, shortened
from pipeline.formats.amounts import signed
from pipeline.formats.language import msgid
from pipeline.warehouse import Row

# The words of a cause, a line below it or none, and the amount.
Cause = tuple[str, str, Decimal]

# So many stand alone; the others are summed up.
_SHOWN = 8

_USED = {
    "new": msgid("New automations"),
    "absent": msgid("Automations that no longer ran"),
    "more": msgid("Automations that were used more"),
    "less": msgid("Automations that were used less"),
}

# The percent of a rule that takes all.
_WHOLE = 100

# What causes of all cost centres do not say.
_OF_ALL: dict[str, Any] = {"automation_names": None, "automations": 0}


def causes(
    rows: Sequence[Row], filters: Mapping[str, Filter], most: int = _SHOWN
) -> list[Cause]:
    """Each cause of *rows*, which are in order; those after the *most* as one."""
    described = [_cause(row, filters) for row in rows]
    if len(described) <= most + 1:
        return described
    others = described[most:]
    total = sum((amount for _, _, amount in others), Decimal(0))
    _ = filters["gettext"]
    words = _("%(count)s other causes") % {"count": len(others)}
    return [*described[:most], (words, "", total)]


def of_month(
    month: Row,
    rows: Sequence[Row],
    filters: Mapping[str, Filter],
    most: int = _SHOWN,
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
    return causes(merged, filters, most)


def of_running(rows: Sequence[Row], filters: Mapping[str, Filter]) -> list[Cause]:
    """What a running month costs more and less than its same days before, by part."""
    return [_part(row, filters) for row in rows if row["change_amount"]]


def so_far(
    statement: Row, rows: Sequence[Row], filters: Mapping[str, Filter]
) -> list[Cause]:
    """Which automations, in *rows*, moved a running month from its same days before.

    None if they do not come to the change, which then is not known.
    """
    changed = [row for row in rows if row["change_amount"]]
    alone = [row for row in changed if not row["is_rest"]]
    alone.sort(key=lambda row: (-abs(row["change_amount"]), row["position"]))
    others = alone[_SHOWN:] + [row for row in changed if row["is_rest"]]
    described = [_changed(row, filters) for row in alone[:_SHOWN]]
    if others:
        count = sum(row["entity_count"] for row in others)
        total = sum((row["change_amount"] for row in others), Decimal(0))
        _ = filters["gettext"]
        words = _("%(count)s others") % {"count": count}
        described.append((words, "", total))
    total = sum((amount for _, _, amount in described), Decimal(0))
    return described if total == statement["comparable_change_amount"] else []


def _part(row: Row, filters: Mapping[str, Filter]) -> Cause:
    _ = filters["gettext"]
    words = {"fixed": _("Fixed amounts"), "adjustment": _("Corrections")}.get(
        row["name"]
    )
    detail = ""
    if words is None and row["quantity_change"]:
        change = row["quantity_change"]
        write = filters["rounded"] if abs(change) >= 1 else filters["quantity"]
        detail = f"{signed(write, change)} {filters['term'](row['unit'])}"
    return words or filters["words"](row["name"]), detail, row["change_amount"]


def _changed(row: Row, filters: Mapping[str, Filter]) -> Cause:
    _ = filters["gettext"]
    other = {"name": shortened(row["other_cost_center"] or "")}
    presence = {
        "new": _("new"),
        "absent": _("not used on these days"),
        "moved in": _("moved here from %(name)s") % other,
        "moved away": _("moved to %(name)s") % other,
    }.get(row["presence"] or "", "")
    # With its owner: automations of two people may have one name.
    detail = ", ".join(filter(None, (shortened(row["detail"] or ""), presence)))
    return shortened(row["label"]), detail, row["change_amount"]


def _cause(row: Row, filters: Mapping[str, Filter]) -> Cause:
    words, detail = _DESCRIBED.get(row["kind"], _of_usage)(row, filters)
    return words, detail, row["amount"]


def _moved(row: Row, filters: Mapping[str, Filter]) -> tuple[str, str]:
    _ = filters["gettext"]
    is_here = row["kind"] == "moved in"
    other = {"name": shortened(row["other_cost_center"])}
    way = (_("from %(name)s") if is_here else _("to %(name)s")) % other
    detail = ": ".join(
        filter(None, (way if other["name"] else "", _names(row, filters)))
    )
    if row["rule_from"] is None:
        here, away = _("Automations moved here"), _("Automations moved away")
        return here if is_here else away, detail
    return _rule(row, filters), detail


def _rule(row: Row, filters: Mapping[str, Filter]) -> str:
    _ = filters["gettext"]
    since = _("Rule of %(day)s") % {"day": filters["day"](row["rule_from"])}
    share = row["share_percent"]
    part = None if share == _WHOLE else f"{filters['number'](share)} %"
    if row["conditions"]:
        what = {"part": part, "what": shortened(filters["listed"](row["conditions"]))}
        of = _("%(part)s of %(what)s") if part else _("all of %(what)s")
        return f"{since}: {of % what}"
    return f"{since}: {part}" if part else since


def _price(row: Row, filters: Mapping[str, Filter]) -> tuple[str, str]:
    _ = filters["gettext"]
    meter = {"meter": filters["words"](row["subject"])}
    is_more = row["amount"] > 0
    way = _("Higher price: %(meter)s") if is_more else _("Lower price: %(meter)s")
    return way % meter, _("with what is included")


def _fixed(row: Row, filters: Mapping[str, Filter]) -> tuple[str, str]:
    _ = filters["gettext"]
    return shortened(row["subject"]) or _("Shared amounts"), _("shared amount")


def _adjustment(row: Row, filters: Mapping[str, Filter]) -> tuple[str, str]:
    _ = filters["gettext"]
    return _("Corrections of closed months"), shortened(row["subject"])


def _rounding(__: Row, filters: Mapping[str, Filter]) -> tuple[str, str]:
    _ = filters["gettext"]
    return _("Rounding"), _("each line is rounded once")


def _of_usage(row: Row, filters: Mapping[str, Filter]) -> tuple[str, str]:
    return filters["gettext"](_USED[row["kind"]]), _names(row, filters)


def _names(row: Row, filters: Mapping[str, Filter]) -> str:
    """The automations that matter most, and how many more there are."""
    names = [shortened(name) for name in row["automation_names"] or []]
    others = row["automations"] - len(names)
    if not names or others <= 0:
        return ", ".join(names)
    _ = filters["gettext"]
    more = _("and %(n)s more") % {"n": others}
    return f"{', '.join(names)} {more}"


_DESCRIBED: Mapping[str, Callable[[Row, Mapping[str, Filter]], tuple[str, str]]] = {
    "moved in": _moved,
    "moved away": _moved,
    "price": _price,
    "fixed": _fixed,
    "adjustment": _adjustment,
    "rounding": _rounding,
}
