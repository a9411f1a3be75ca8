"""Quantities as they are printed: one number of decimals for each billing unit.

What stands side by side adds up as printed: a line's quantity less what is included is
what is billable, and the parts of a sum are its parts in their last decimal too.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Any

from babel import Locale
from babel.numbers import format_decimal

from pipeline import seeds
from pipeline.formats.numerals import Writer, quick, with_minus

Row = Mapping[str, Any]

_SECONDS_PER_HOUR = 3600
_BYTES_PER_GB = 10**9

# More digits than any quantity or amount has.
_WIDE = Context(prec=60)

_DECIMALS = {meter.unit: meter.decimals for meter in seeds.meters()}

# A run or a call that cost centres share is divided in ten-thousandths.
_SHARED_DECIMALS = 4

_LINE = ("quantity", "included_quantity", "billable_quantity")
_COMPARED = ("quantity", "prior_quantity", "difference")
_TIED = (
    "metered_quantity",
    "charged_quantity",
    "unallocated_quantity",
    "unpriced_quantity",
    "later_quantity",
    "provider_quantity",
    "provider_difference",
    "tolerance_quantity",
)
# What is counted in base units.
_COUNTED = "runs"


def printed(value: Decimal, unit: str | None) -> Decimal:
    """*value* with the decimals of *unit*, rounded half away from zero.

    A unit that is counted has decimals only where a part of one is charged: four. What
    has no unit of a meter keeps its digits.
    """
    if unit not in _DECIMALS:
        return value
    decimals = _DECIMALS[unit]
    if not decimals and value != value.to_integral_value():
        decimals = _SHARED_DECIMALS
    return to_decimals(value, decimals)


def to_decimals(value: Decimal, decimals: int) -> Decimal:
    """*value* with so many decimals, rounded half away from zero."""
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE)


def runs(count: Decimal | int) -> Decimal:
    """Runs as printed: whole, or with the part that is charged."""
    return printed(Decimal(count), "runs")


def hours(seconds: Decimal | int) -> Decimal:
    """Seconds as hours, as printed."""
    return printed(exact_hours(seconds), "hours")


def gigabytes(size: Decimal | int) -> Decimal:
    """Bytes as GB of 10^9 bytes, as printed."""
    return printed(exact_gigabytes(size), "GB")


def exact_hours(seconds: Decimal | int) -> Decimal:
    """Seconds as hours, not rounded."""
    return _WIDE.divide(Decimal(seconds), _SECONDS_PER_HOUR)


def exact_gigabytes(size: Decimal | int) -> Decimal:
    """Bytes as GB of 10^9 bytes, not rounded."""
    return _WIDE.divide(Decimal(size), _BYTES_PER_GB)


def writer(locale: Locale) -> Writer:
    """Writes a quantity with the decimals that it has."""

    def write(value: Decimal | int) -> str:
        digits = decimals(Decimal(value))
        pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
        return with_minus(format_decimal(value, pattern, locale=locale))

    return quick(write, None, locale)


def decimals(quantity: Decimal | None) -> int:
    """How many decimals are printed of *quantity*; none of what is unknown."""
    return max(-int(Decimal(quantity or 0).as_tuple().exponent), 0)


def printed_line(line: Row, digits: int) -> dict[str, Any]:
    """A line of a statement, or a sum of such, with its quantities as printed.

    `is_rounded` says whether printed quantity times price is not the amount, which has
    *digits* decimals: quantities have fewer decimals than are charged, and a sum is of
    lines that are rounded one by one.
    """
    unit = line["unit"]
    quantity, included, billable = (
        None if line[name] is None else printed(line[name], unit) for name in _LINE
    )
    if quantity is not None and included is not None:
        billable = printed(quantity - included, unit)
    shown = {**line, **dict(zip(_LINE, (quantity, included, billable), strict=True))}
    return shown | {"is_rounded": _is_rounded(shown, digits)}


def counted_line(line: Row) -> dict[str, Any]:
    """A line whose quantities are as printed if they are counted, else as they are."""
    if _DECIMALS.get(line["unit"], 1):
        return dict(line)
    return _printed(line, _LINE)


def _is_rounded(line: Row, digits: int) -> bool:
    price, billable = line["unit_price"], line["billable_quantity"]
    if line["kind"] != "usage" or price is None or billable is None:
        return False
    product = to_decimals(_WIDE.multiply(price, billable), digits)
    return product != Decimal(line["amount"])


def printed_tie_out(row: Row) -> dict[str, Any]:
    """A row of the tie-out with its quantities as printed.

    What is metered is charged, not on the card, or charged later: where it ties out,
    the printed parts sum to it.
    """
    shown = _printed(row, _TIED)
    if shown["metered_quantity"] is not None and row["difference"] == 0:
        parts = shown["charged_quantity"] + shown["unpriced_quantity"]
        later = shown["metered_quantity"] - parts
        shown["later_quantity"] = printed(later, row["unit"])
    return shown | {"difference": printed(row["difference"], _COUNTED)}


def printed_comparison(row: Row) -> dict[str, Any]:
    """A quantity beside that of the month before, each as printed."""
    return _printed(row, _COMPARED)


def _printed(row: Row, names: Sequence[str]) -> dict[str, Any]:
    shown = dict(row)
    for name in names:
        if row[name] is not None:
            shown[name] = printed(Decimal(row[name]), row["unit"])
    return shown


def apportioned(parts: Sequence[Decimal], whole: Decimal) -> list[Decimal]:
    """*parts* with the decimals of *whole*, to which they sum.

    By largest remainder, the first of equals first: none is off by a unit of the last
    decimal, or more.
    """
    step = Decimal(1).scaleb(int(whole.as_tuple().exponent))
    cut = [part.quantize(step, ROUND_DOWN, _WIDE) for part in parts]
    left_over = int((whole - sum(cut, Decimal(0))) / step)
    sign = -1 if left_over < 0 else 1
    ranked = sorted(
        range(len(parts)), key=lambda n: sign * (parts[n] - cut[n]), reverse=True
    )
    for n in ranked[: abs(left_over)]:
        cut[n] += sign * step
    return cut
