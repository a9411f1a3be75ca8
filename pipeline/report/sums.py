"""Tables whose quantities add up to their totals as they are printed."""

from collections.abc import Sequence
from typing import Any

from pipeline.formats import quantities
from pipeline.report.cells import Column
from pipeline.warehouse import Row

# Kinds whose values are divided to be printed, and what they then are.
_DIVIDED = {
    "hours": (quantities.exact_hours, quantities.hours),
    "gigabytes": (quantities.exact_gigabytes, quantities.gigabytes),
}


def adding_up(
    rows: Sequence[Row], columns: Sequence[Column], rest: Row | None, total: Row | None
) -> tuple[Sequence[Row], Sequence[Column], Row | None, Row | None]:
    """A table whose hours and GB sum to its total as printed, where they do at all."""
    shown = list(columns)
    parts: list[dict[str, Any]] = [dict(row) for row in rows]
    parts += [dict(rest)] if rest else []
    sums = dict(total or {})
    for place, (key, label, kind) in enumerate(columns):
        if kind not in _DIVIDED:
            continue
        known = [part for part in parts if part[key] is not None]
        values = [part[key] for part in known]
        if not values or sums.get(key) != sum(values):
            continue
        exact, printed = _DIVIDED[kind]
        sums[key] = printed(sums[key])
        shares = quantities.apportioned([exact(value) for value in values], sums[key])
        for part, share in zip(known, shares, strict=True):
            part[key] = share
        shown[place] = key, label, "quantity"
    listed = len(rows)
    return parts[:listed], shown, parts[listed] if rest else None, total and sums
