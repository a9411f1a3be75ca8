"""Amounts of months → a bar each, and the budget as a line, as SVG without script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WIDTH = 760
HEIGHT = 170

_TOP = 24
_BOTTOM = 130
_BAR = 0.62
# Between a bar or a line and the amount above it, and that with its amount.
_GAP = 5
_TEXT = 16
# Labels of more signs than that would touch each other.
_LONGEST = 9


@dataclass(frozen=True, slots=True)
class Bar:
    """A month's amount, or None, and where its bar and its labels stand."""

    month: date
    amount: Decimal | None
    x: float
    y: float
    width: float
    height: float
    text_y: float
    middle: float
    anchor: str
    label: float
    is_last: bool
    is_labelled: bool
    has_year: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars, where 0 is, and where the budget is, if there is one.

    What is still *coming* stands on the last bar: where from above, and how high.
    """

    bars: list[Bar]
    axis: float
    budget: float | None
    coming: tuple[float, float] | None = None


def month_bars(
    months: Sequence[date],
    amounts: Sequence[Decimal | None],
    budget: Decimal | None,
    forecast: Decimal | None = None,
) -> Chart:
    """A bar for each of *months*, the last one that of the statement.

    Above it, what it is expected to come to by *forecast*, if that is more.
    """
    known = [amount for amount in amounts if amount is not None]
    levels = [level for level in (budget, forecast) if level is not None]
    low, place = _scale([Decimal(0), *known, *levels])
    axis, line = place(Decimal(0)), None if budget is None else place(max(budget, low))
    coming = _coming(place, amounts[-1] or Decimal(0), forecast) if amounts else None
    step = WIDTH / max(len(months), 1)
    is_narrow = max((len(f"{one:,.2f}") for one in known), default=0) > _LONGEST
    bars = []
    for number, (month, amount) in enumerate(zip(months, amounts, strict=True)):
        ends_at, is_last = place(amount or Decimal(0)), number == len(months) - 1
        top, middle = min(ends_at, axis), round(step * (number + 0.5), 1)
        bars.append(
            Bar(
                month=month,
                amount=amount,
                x=round(step * (number + (1 - _BAR) / 2), 1),
                y=top,
                width=round(step * _BAR, 1),
                height=round(abs(axis - ends_at), 1),
                text_y=_above(coming[0] if coming and is_last else top, line),
                middle=middle,
                # A long one ends where the chart does.
                anchor="end" if is_last and is_narrow else "middle",
                label=WIDTH if is_last and is_narrow else middle,
                is_last=is_last,
                is_labelled=is_last or not is_narrow,
                has_year=number == 0 or month.month == 1,
            )
        )
    return Chart(bars, axis, line, coming)


def _scale(ends: Sequence[Decimal]) -> tuple[Decimal, Callable[[Decimal], float]]:
    """The lowest of *ends*, and where an amount is between it and the highest."""
    low, high = min(ends), max(ends)

    def place(amount: Decimal) -> float:
        share = float((amount - low) / (high - low)) if high > low else 0.0
        return round(_BOTTOM - (_BOTTOM - _TOP) * share, 1)

    return low, place


def _coming(
    place: Callable[[Decimal], float], amount: Decimal, forecast: Decimal | None
) -> tuple[float, float] | None:
    """What *forecast* has above *amount*: where from above, and how high."""
    if forecast is None or not forecast > amount >= 0:
        return None
    top = place(forecast)
    return top, round(place(amount) - top, 1)


def _above(top: float, line: float | None) -> float:
    """Where the amount stands above the *top* of its bar, and not on the *line*."""
    is_crossed = line is not None and top - _TEXT <= line <= top - _GAP / 2
    return round((line if line is not None and is_crossed else top) - _GAP, 1)
