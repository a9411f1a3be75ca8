"""Rows → coordinates of the two drawings of the overview: months, and an allowance.

Templates of `_plots.html` draw them and write their figures. The names of what is drawn
stand at its right end, so that no color has to be looked up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from pipeline.report.drawings import Known, Value

Row = Mapping[str, Any]

# The months: their drawing, and in it the place of the bars.
WIDTH, HEIGHT = 1152, 292
_LEFT, _TOP, _GROUND = 64.0, 24.0, 252.0
_SLOT, _WIDE_SLOT, _MOST_BARS = 65.0, 96.0, 9
_BAR_SHARE = 0.64
_LINE = 15  # between the names at the right end
_NAME_LENGTH = 24
_TICKS = 4
_REST = 5  # the series of all others

# The allowance, likewise.
BURN_WIDTH, BURN_HEIGHT = 540, 216
_BURN_LEFT, _BURN_RIGHT, _BURN_TOP, _BURN_GROUND = 56.0, 444.0, 16.0, 184.0
_WEEK = 7


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


@dataclass(frozen=True, slots=True)
class Burn:
    """How an allowance is used up: lines as points, ends and ticks."""

    used: str
    expected: str
    before: str
    quota: float
    used_up: tuple[float, float, date] | None
    ticks: list[tuple[Value, float]]
    days: list[tuple[int, float]]
    ends: list[tuple[date, Value, float]]


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
        ticks=[(tick, _y(tick, scale)) for tick in _ticks(largest)],
        budget=_steps(bars, lines, slot),
        names=_names(bars[-1], budgets.get(last), forecast, scale),
        right=_LEFT + slot * len(bars),
    )


def burn(rows: Sequence[Row], before: Sequence[Row]) -> Burn:
    """The days of a period, and those of the one *before* it, beside its quota."""
    quota = rows[0]["quota"]
    days = max(len(rows), len(before), 2)
    largest = max(quota, *(row["all_used"] for row in (*rows, *before)))
    scale = (_BURN_GROUND - _BURN_TOP) / float(largest or 1)

    def points(part: Sequence[Row], first: int = 0) -> str:
        return " ".join(
            f"{_day(place, days)},{_burn_y(row['all_used'], scale)}"
            for place, row in enumerate(part, first)
        )

    known = [row for row in rows if not row["is_projected"]]
    later = rows[len(known) :]
    over = next((n for n, row in enumerate(rows) if row["all_used"] >= quota), None)
    return Burn(
        used=points(known),
        expected=points([*known[-1:], *later], max(len(known) - 1, 0)) if later else "",
        before=points(before),
        quota=_burn_y(quota, scale),
        used_up=None
        if over is None
        else (_day(over, days), _burn_y(quota, scale), rows[over]["date"]),
        ticks=[(tick, _burn_y(tick, scale)) for tick in _ticks(largest)],
        days=[(day + 1, _day(day, days)) for day in range(0, days, _WEEK)],
        ends=_ends(rows, before, scale),
    )


def _ends(
    rows: Sequence[Row], before: Sequence[Row], scale: float
) -> list[tuple[date, Value, float]]:
    """The first day, the use and the place of the end of each period, not too near."""
    end = _burn_y(rows[-1]["all_used"], scale)
    ends = [(rows[0]["date"], rows[-1]["all_used"], end)]
    if before:
        place = _burn_y(before[-1]["all_used"], scale)
        lower, higher = max(place, end + _LINE), min(place, end - _LINE)
        place = lower if place >= end else higher
        ends.append((before[0]["date"], before[-1]["all_used"], place))
    return ends


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
    parts, ground = [], _GROUND
    for number, row in enumerate(rows, 1):
        height = float(max(row["amount"], 0)) * scale
        ground -= height
        parts.append(
            Part(
                _REST if row["is_rest"] else number,
                row["label"],
                row["amount"],
                _rounded(ground),
                _rounded(height),
            )
        )
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
        placed.append(Name(one.kind, _short(one.label), one.amount, _rounded(above)))
    return placed


def _short(label: str | None) -> str | None:
    """A name as far as there is room for it."""
    if label is None or len(label) <= _NAME_LENGTH:
        return label
    return f"{label[: _NAME_LENGTH - 1]}…"


def _ticks(largest: Value) -> list[int]:
    """Whole steps of 1, 2 or 5 times a power of ten up to *largest*."""
    steps = (factor * 10**power for power in count() for factor in (1, 2, 5))
    step = next(step for step in steps if step * _TICKS >= largest)
    return list(range(0, int(largest) + 1, step))


def _y(value: Value, scale: float) -> float:
    return _rounded(_GROUND - float(max(value, 0)) * scale)


def _burn_y(value: Value, scale: float) -> float:
    return _rounded(_BURN_GROUND - float(value) * scale)


def _day(place: int, count: int) -> float:
    return _rounded(_BURN_LEFT + (_BURN_RIGHT - _BURN_LEFT) * place / (count - 1))


def _rounded(value: float) -> float:
    return round(value, 1)
