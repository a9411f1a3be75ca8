"""The markups: percents of what usage costs, added or taken off as lines."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.finance.fields import (
    ONE_LINE,
    Bounds,
    basis_points,
    check_apart,
    check_meter,
    check_number,
    check_validity,
)
from pipeline.finance.lines import Month, Row, read, wrong
from pipeline.finance.names import is_one_line

_PERCENTS = Bounds(2, Decimal(100), may_be_negative=True)


class Markup(Row, frozen=True, kw_only=True):
    """A percent of the usage amounts of months; below 0 it is a discount.

    Without a cost centre it is of each, without a meter of all usage.
    """

    item: str
    percent: Decimal
    valid_from: Month
    valid_to: Month | None = None
    cost_center: str = ""
    meter: str = ""


def read_markups(path: Path, *, is_frozen: bool = False) -> tuple[Markup, ...]:
    """The lines of the markups; checked unless frozen.

    Raises:
        ConfigError: The file cannot be read, or contradicts itself.
    """

    def check(markup: Markup) -> None:
        if not is_one_line(markup.item):
            raise wrong(path, markup, "item", ONE_LINE)
        check_number(path, markup, "percent", _PERCENTS)
        if markup.percent == 0:
            raise wrong(path, markup, "percent", "a percent other than 0")
        if markup.meter:
            check_meter(path, markup)
        check_validity(path, markup, "month")

    markups = read(path, Markup, check, is_frozen=is_frozen)
    if not is_frozen:
        check_markups(path, markups)
    return markups


def check_markups(path: Path, markups: Iterable[Markup]) -> None:
    """Refuse an item that is there twice for a cost centre, meter and month.

    Raises:
        ConfigError: The message names both lines.
    """
    check_apart(path, tuple(markups), ("item", "cost_center", "meter"))


def markup_rows(markups: Iterable[Markup]) -> list[tuple[Any, ...]]:
    """The rows of `finance_markups`."""
    return [
        (
            one.line,
            one.item,
            one.cost_center or None,
            one.meter or None,
            basis_points(one.percent),
            one.valid_from,
            one.valid_to,
        )
        for one in markups
    ]
