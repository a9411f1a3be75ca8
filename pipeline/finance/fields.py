"""Checks of cells that several finance files share, and percents as basis points."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any

from pipeline import seeds
from pipeline.finance.lines import Problems, Row, wrong
from pipeline.finance.names import UNALLOCATED, is_one_line, is_reserved

WHOLE = Decimal(100)
ONE_LINE = "a name in one line, without control characters"
PERCENT = "a percent above 0 and up to 100, with at most 2 decimals"

_PERCENT_DIGITS = 2
# The bounds that sql/macros/quantities.sql is made for.
_MOST_MONEY = Decimal(10) ** 15
_MOST_MONEY_IN_SUM = Decimal(10) ** 18
_MOST_UNITS = Decimal(10) ** 18
_MOST_BASE_UNITS = Decimal(10) ** 21


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many decimals a number may have, and how far from 0 it may be."""

    decimals: int
    most: Decimal
    may_be_negative: bool = False


# A price is a DECIMAL(18,6).
PRICES = Bounds(6, Decimal(10) ** 12 - Decimal("0.000001"))


def check_one_of(path: Path, row: Row, column: str, words: Iterable[str]) -> None:
    """Refuse a cell that is not one of *words*."""
    allowed = list(words)
    if getattr(row, column) not in allowed:
        raise wrong(path, row, column, f"one of {', '.join(allowed)}")


def check_meter(path: Path, row: Row) -> None:
    """Refuse a meter that does not exist."""
    check_one_of(path, row, "meter", [one.meter for one in seeds.meters()])


def check_currency(path: Path, row: Row, currency: str) -> None:
    """Refuse another currency than the one that is configured."""
    if attrgetter("currency")(row) != currency:
        raise wrong(path, row, "currency", f"{currency}, as configured")


def check_name(path: Path, row: Row, column: str = "cost_center") -> None:
    """Refuse a name that is not one line of what can be seen."""
    if not is_one_line(getattr(row, column)):
        raise wrong(path, row, column, ONE_LINE)


def check_cost_center(path: Path, row: Row) -> None:
    """Refuse a name that a cost centre may not have."""
    check_name(path, row)
    if is_reserved(attrgetter("cost_center")(row)):
        raise wrong(path, row, "cost_center", another_name())


def check_id(path: Path, row: Row, *columns: str) -> None:
    """Refuse a pattern where an id is to stand."""
    for column in columns:
        if "*" in getattr(row, column):
            raise wrong(path, row, column, "an id without *, which is for names")


def another_name() -> str:
    """What a message expects in place of a reserved name."""
    return f"another name than {UNALLOCATED}, which is for what no rule takes"


def check_number(path: Path, row: Row, column: str, bounds: Bounds) -> None:
    """Refuse a number outside of *bounds*, NaN and infinity."""
    number: Decimal = getattr(row, column)
    if not number.is_finite() or (number < 0 and not bounds.may_be_negative):
        expected = "a number" + ("" if bounds.may_be_negative else " that is 0 or more")
        raise wrong(path, row, column, expected)
    if abs(number) > bounds.most:
        raise wrong(path, row, column, f"a number up to {bounds.most:,f}")
    if _decimals(number) > bounds.decimals:
        raise wrong(path, row, column, f"at most {bounds.decimals} decimals")


def check_amount(
    path: Path, row: Row, currency: str, *, may_be_negative: bool = False
) -> None:
    """Refuse an `amount` that is too large, or not one of whole minor units."""
    digits = seeds.minor_digits(currency)
    check_number(path, row, "amount", Bounds(digits, _MOST_MONEY, may_be_negative))


def check_units(path: Path, row: Row, column: str) -> None:
    """Refuse a quantity of a meter, in billing units, that is not exact or too large.

    An exabyte is 1,000,000,000 GB; the most is a thousand of them.
    """
    meter = attrgetter("meter")(row)
    (base,) = (one.base_per_unit for one in seeds.meters() if one.meter == meter)
    most = min(_MOST_UNITS, _MOST_BASE_UNITS // base)
    check_number(path, row, column, Bounds(6, most))


def check_sum(path: Path, rows: Sequence[Row]) -> None:
    """Refuse amounts whose sum, whatever their signs, is more than sums can hold."""
    total = Decimal(0)
    for row in rows:
        total += abs(attrgetter("amount")(row))
        if total > _MOST_MONEY_IN_SUM:
            most = f"amounts that sum to at most {_MOST_MONEY_IN_SUM:,f} down to here"
            raise wrong(path, row, "amount", most)


def _decimals(number: Decimal) -> int:
    """How many decimals are not zeros at the end: 2 of 1.250."""
    _, digits, exponent = number.as_tuple()
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return max(0, -int(exponent) - zeros) if any(digits) else 0


def is_percent(number: Decimal) -> bool:
    """Whether it is above 0, at most 100, and a whole number of basis points."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        return False
    return 0 < number <= WHOLE and -exponent <= _PERCENT_DIGITS


def basis_points(percent: Decimal) -> int:
    """A percent as whole basis points: 100 % is 10000."""
    return int(percent.scaleb(_PERCENT_DIGITS))


def summed(rows: Sequence[Row], total: Decimal | int) -> str:
    """The lines and the value of a sum, for the message that it is wrong."""
    numbers = ", ".join(str(row.line) for row in rows)
    return f"the sum of line {numbers} is {total}"


def check_validity(path: Path, row: Row, unit: str = "day") -> None:
    """Refuse a validity that ends before it begins."""
    begins, ends = attrgetter("valid_from", "valid_to")(row)
    if begins and ends and ends < begins:
        shown = f"{begins:%Y-%m}" if unit == "month" else begins
        raise wrong(path, row, "valid_to", f"no {unit} before {shown}")


def is_valid(row: Any, day: date) -> bool:
    """Whether *row* is valid on *day*; for a validity in months, its first day."""
    return row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)


def check_apart(path: Path, rows: Sequence[Row], key: tuple[str, ...]) -> None:
    """Refuse two rows of the same *key* that are valid in the same month."""
    in_order: list[Any] = sorted(rows, key=attrgetter(*key, "valid_from", "line"))
    same = attrgetter(*key)
    problems = Problems()
    for one, later in pairwise(in_order):
        if same(one) == same(later) and lasts_until(one, later):
            free = f"a month in which line {one.line} does not hold"
            with problems.collected():
                raise wrong(path, later, "valid_from", free)
    problems.check()


def lasts_until(one: Any, later: Any) -> bool:
    """Whether *one* is still valid when *later* begins."""
    return one.valid_to is None or bool(one.valid_to >= later.valid_from)
