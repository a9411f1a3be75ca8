"""Lines of a statement → how much of them is rounding, and of which meters."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import Any

from pipeline import seeds
from pipeline.formats.quantities import apportioned, to_decimals
from pipeline.report.marts import of
from pipeline.warehouse import Row

# More digits than any amount has, and how many decimals of rounding are shown.
_DIGITS = 60
_SHOWN = 4


def rounding_of(lines: Iterable[Row]) -> dict[str, Any] | None:
    """By how much the amounts of usage are above what is exact, in all and by meter."""
    units = {meter.meter: meter.base_per_unit for meter in seeds.meters()}
    parts: dict[str, Decimal] = defaultdict(Decimal)
    with localcontext(prec=_DIGITS):
        for line in of(lines, kind="usage"):
            charged = line["base_quantity"] - line["included_base_quantity"]
            exact = line["unit_price"] * charged / units[line["meter"]]
            parts[line["meter"]] += line["amount"] - exact
        whole = to_decimals(sum(parts.values(), Decimal(0)), _SHOWN)
    shown = zip(parts, apportioned([*parts.values()], whole), strict=True)
    known = [(meter, amount) for meter, amount in shown if amount]
    return {"amount": whole, "parts": known} if parts else None
