"""Rows → coordinates of what is charged by month, in stacks of cost centres.

`_plots.html` draws them and writes their figures. The names of the parts stand at the
right end, beside those of the last month, so that no color has to be looked up.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.formats import shortened
from pipeline.report.drawings import Known, Value, ticks

Row = Mapping[str, Any]

# The place of the bars, and how much the names need beside them.
_NAMES = 243.0
_LEFT, _TOP, _GROUND = 64.0, 24.0, 252.0
_SLOT, _WIDE_SLOT, _MOST_BARS = 65.0, 96.0, 9
_BAR_SHARE = 0.64
_LINE = 15  # between the names at the right end
_NAME_LENGTH = 24
_REST = 5  # the series of all others


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: its series (5 is all others), place and amount."""

    series: int
    label: str | None
    amount: Value
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A month: its parts from the ground, and what is still to come of it."""

    month: date
    x: float
    width: float
    middle: float
    parts: list[Part]
    total: Value
    coming: tuple[float, float] | None
    top: float
    text: float


@dataclass(frozen=True, slots=True)
class Name:
    """What stands at the right end of a drawing."""

    kind: str
    label: str | None
    amount: Value
    y: float


@dataclass(frozen=True, slots=True)
class Months:
    """Charged by month."""

    bars: list[Bar]
    ticks: list[tuple[Value, float]]
    budget: str
    names: list[Name]
    right: float

    @property
    def width(self) -> float:
        """Of all of it: the names and their amounts are at the right of the bars."""
        return self.right + _NAMES


def months(
    rows: Sequence[Row], budgets: Mapping[date, Value], forecast: Known
) -> Months:
    """The bars of *rows*, which are in the order of position and month.

    *forecast* is what the last month is expected to come to, *budgets* are by month.
    """
    by_month: dict[date, list[Row]] = {}
    for row in rows:
        by_month.setdefault(row["month"], []).append(row)
    totals = {
        month: sum(max(row["amount"], 0) for row in own)
        for month, own in by_month.items()
    }
    largest = max(
        *totals.values(),
        *(budgets.get(month, 0) for month in by_month),
        forecast or 0,
        0,
    )
    scale = (_GROUND - _TOP) / float(largest or 1)
    last = max(by_month)
    slot = _SLOT if len(by_month) > _MOST_BARS else _WIDE_SLOT
    lines = {month: _y(budget, scale) for month, budget in budgets.items()}
    bars = [
        _bar(
            (_LEFT + slot * place, slot),
            (month, own, forecast if month == last else None),
            scale,
            lines.get(month),
        )
        for place, (month, own) in enumerate(sorted(by_month.items()))
    ]
    return Months(
        bars=bars,
        ticks=[(tick, _y(tick, scale)) for tick in ticks(largest)],
        budget=_steps(bars, lines, slot),
        names=_names(bars[-1], budgets.get(last), forecast, scale),
        right=_LEFT + slot * len(bars),
    )


def _bar(
    place: tuple[float, float],
    charged: tuple[date, Sequence[Row], Known],
    scale: float,
    budget: float | None,
) -> Bar:
    """The bar of a month in its *place*, a left end and a width.

    *budget* is the height of the line, which the text above the bar must not meet.
    """
    left, slot = place
    month, rows, coming = charged
    width = slot * _BAR_SHARE
    x = left + (slot - width) / 2
    parts = list(_parts(rows, scale))
    ground = _GROUND - sum(part.height for part in parts)
    total = sum(row["amount"] for row in rows)
    expected = None
    if coming is not None and coming > total:
        height = float(coming - max(total, 0)) * scale
        ground -= height
        expected = _rounded(ground), _rounded(height)
    meets = budget is not None and -_LINE < budget - ground < 1
    return Bar(
        month,
        _rounded(x),
        _rounded(width),
        _rounded(x + width / 2),
        parts,
        total,
        expected,
        _rounded(ground),
        _rounded(ground + _LINE if meets else ground - _LINE / 3),
    )


def _parts(rows: Sequence[Row], scale: float) -> Iterator[Part]:
    """The pieces of a bar, from the ground; a credit has no height."""
    ground = _GROUND
    for number, row in enumerate(rows, 1):
        height = float(max(row["amount"], 0)) * scale
        ground -= height
        series = _REST if row["is_rest"] else number
        place = _rounded(ground), _rounded(height)
        yield Part(series, row["label"], row["amount"], *place)


def _steps(bars: Sequence[Bar], budgets: Mapping[date, float], slot: float) -> str:
    """The budget of each month as a line with steps; a month without one is a gap."""
    path, is_drawn = [], False
    for bar in bars:
        if bar.month not in budgets:
            is_drawn = False
            continue
        left, y = _rounded(bar.middle - slot / 2), budgets[bar.month]
        path.append(f"{'V' if is_drawn else f'M{left} '}{y}")
        path.append(f"H{_rounded(left + slot)}")
        is_drawn = True
    return "".join(path)


def _names(bar: Bar, budget: Known, forecast: Known, scale: float) -> list[Name]:
    """What the last bar is made of, each name beside its part and none on another."""
    found = [
        Name(f"{part.series}", part.label, part.amount, part.y + part.height / 2)
        for part in bar.parts
        if part.amount
    ]
    if bar.coming and forecast is not None:
        y, height = bar.coming
        found.append(Name("coming", None, forecast - bar.total, y + height / 2))
    if budget is not None:
        found.append(Name("budget", None, budget, _y(budget, scale)))
    placed: list[Name] = []
    above = _GROUND + _LINE
    for one in sorted(found, key=lambda name: -name.y):
        above = min(one.y, above - _LINE)
        placed.append(
            Name(
                one.kind,
                one.label and shortened(one.label, _NAME_LENGTH),
                one.amount,
                _rounded(above),
            )
        )
    return placed


def _y(value: Value, scale: float) -> float:
    return _rounded(_GROUND - float(max(value, 0)) * scale)


def _rounded(value: float) -> float:
    return round(value, 1)
