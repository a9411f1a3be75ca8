"""A statement and the last message about it → the amounts that differ."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pipeline.mail.ledger import Delivery
from pipeline.mail.statements import Statement
from pipeline.warehouse import Row

_CHANGES = 10
_ZERO = Decimal(0)


def changes(statement: Statement, previous: Delivery | None) -> dict[str, Any]:
    """The amounts that changed since the last message, the largest changes first."""
    if previous is None:
        return {"changes": [], "more_changes": 0, "previous_amount": None}
    was, now = previous.amounts, statement.amounts
    found = [
        {"cost_center": center, "was": before, "now": after}
        for center, before, after in _differing(was, now)
    ]
    return {
        "changes": found[:_CHANGES],
        "more_changes": len(found[_CHANGES:]),
        "previous_amount": sum(was.values(), _ZERO),
    }


def summed(lines: Iterable[Row]) -> dict[str, Decimal]:
    """What a statement is made of, by kind and meter or item; corrections as one."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        name = "" if line["kind"] == "adjustment" else line["meter"] or line["item"]
        sums[f"{line['kind']}:{name}"] += line["amount"]
    return dict(sums)


def line_changes(
    lines: Iterable[Row], previous: Delivery | None
) -> list[dict[str, Any]]:
    """Of what the *lines* are made that is not what the last message had.

    None if that did not say.
    """
    if previous is None or not previous.lines:
        return []
    found = _differing(previous.lines, summed(lines))
    return [
        {"kind": kind, "name": name, "was": before, "now": after}
        for key, before, after in found[:_CHANGES]
        for kind, _, name in [key.partition(":")]
    ]


def _differing(
    was: Mapping[str, Decimal], now: Mapping[str, Decimal]
) -> list[tuple[str, Decimal, Decimal]]:
    """The keys whose amounts differ, with both; the largest changes first."""
    both = ((key, was.get(key, _ZERO), now.get(key, _ZERO)) for key in {*was, *now})
    found = [one for one in both if one[1] != one[2]]
    return sorted(found, key=lambda one: (-abs(one[2] - one[1]), one[0]))
