"""Rows → coordinates of how an allowance is used up, day by day.

`_plots.html` draws them and writes their figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.report.drawings import Value, ticks

Row = Mapping[str, Any]

_LEFT, _RIGHT, _TOP, _GROUND = 56.0, 444.0, 16.0, 184.0
_LINE = 15  # between the names at the right end
# A mark of each week, or six in all if a period is longer than two months.
_WEEK, _LONG, _FEW = 7, 62, 6


@dataclass(frozen=True, slots=True)
class Mark:
    """The day on which all that is included is used, and whether it is to come."""

    x: float
    y: float
    day: date
    is_expected: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class BurnDown:
    """Lines as points, the ticks of both axes, and where the lines end."""

    used: str
    expected: str
    before: str
    quota: float
    mark: Mark | None
    ticks: list[tuple[Value, float]]
    days: list[tuple[int, float]]
    ends: list[tuple[date, Value, float]]


def burn_down(rows: Sequence[Row], before: Sequence[Row]) -> BurnDown:
    """The days of a period, and those of the one *before* it, beside its quota."""
    quota = rows[0]["quota"]
    days = max(len(rows), len(before), 2)
    largest = max(quota, *(row["all_used"] for row in (*rows, *before)))
    scale = (_GROUND - _TOP) / float(largest or 1)

    def points(part: Sequence[Row], first: int = 0) -> str:
        return " ".join(
            f"{_x(place, days)},{_y(row['all_used'], scale)}"
            for place, row in enumerate(part, first)
        )

    known = [row for row in rows if not row["is_projected"]]
    later = [*known[-1:], *rows[len(known) :]]
    step = _WEEK if days <= _LONG else days // _FEW
    return BurnDown(
        used=points(known),
        expected=points(later, len(rows) - len(later)) if len(later) > 1 else "",
        before=points(before),
        quota=_y(quota, scale),
        mark=_mark(rows, days, _y(quota, scale)),
        ticks=[(tick, _y(tick, scale)) for tick in ticks(largest)],
        days=[(day + 1, _x(day, days)) for day in range(0, days, step)],
        ends=_ends(rows, before, scale),
    )


def _mark(rows: Sequence[Row], days: int, y: float) -> Mark | None:
    """Where the use meets the quota, unless it never does."""
    for place, row in enumerate(rows):
        if row["all_used"] >= row["quota"]:
            is_late = place * 2 > days
            return Mark(_x(place, days), y, row["date"], row["is_projected"], is_late)
    return None


def _ends(
    rows: Sequence[Row], before: Sequence[Row], scale: float
) -> list[tuple[date, Value, float]]:
    """The first day, the use and the place of the end of each period, not too near."""
    end = _y(rows[-1]["all_used"], scale)
    ends = [(rows[0]["date"], rows[-1]["all_used"], end)]
    if before:
        place = _y(before[-1]["all_used"], scale)
        apart = max(place, end + _LINE) if place >= end else min(place, end - _LINE)
        ends.append((before[0]["date"], before[-1]["all_used"], apart))
    return ends


def _x(place: int, days: int) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * place / (days - 1), 1)


def _y(value: Value, scale: float) -> float:
    return round(_GROUND - float(value) * scale, 1)
