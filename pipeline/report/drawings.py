"""Amounts → coordinates of small drawings that stand in a page as SVG, without script.

Templates of `_drawings.html` draw them. What is drawn in a row of a table is in pixels;
what is as wide as its place is in percent of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, pairwise
from typing import NamedTuple

Value = Decimal | int
Known = Value | None

SPARK_WIDTH = 96
SPARK_HEIGHT = 20
BAR_WIDTH = 104
# A row's bar ends at so much of the budget, in each row: the budgets are in one line.
BAR_LIMIT = 2.2

# The longest bar ends a little before its place does.
_MARGIN = 1.02

_EDGE = 2
_TICKS = 4
_GAP = 1


class Point(NamedTuple):
    """A place in a drawing, from its left upper corner."""

    x: float
    y: float


class Span(NamedTuple):
    """Where a bar begins, and how long it is."""

    start: float
    size: float


@dataclass(frozen=True, slots=True)
class Spark:
    """Lines of what is known, and where the last of them goes on to."""

    lines: list[str]
    coming: str | None
    end: Point | None


@dataclass(frozen=True, slots=True)
class BudgetBar:
    """What is used, of it within and above the budget, and what is expected."""

    within: Span
    above: Span | None
    expected: Span | None
    budget: float
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Bullet:
    """What is charged, what is expected, its band and the budget, on one scale."""

    amount: Span
    expected: Span | None
    band: Span | None
    budget: float | None


@dataclass(frozen=True, slots=True)
class Step:
    """A bar of a waterfall: a sum, or what a cause adds or takes."""

    span: Span
    kind: str


def sparkline(values: Sequence[Known], coming: Known = None) -> Spark:
    """A line of *values*, and dashed from the last of them to what is *coming*.

    The scale begins at 0, or below at the least value. Unknown values leave a gap.
    """
    known = [value for value in (*values, coming) if value is not None]
    total = len(values) + (coming is not None)
    points = _points(values, known, total)
    parts = [part for part in _parted(points) if part]
    lines = [" ".join(f"{point.x},{point.y}" for point in part) for part in parts]
    if coming is None:
        return Spark(lines, None, parts[-1][-1] if parts else None)
    end = Point(_x(total - 1, total), _y(coming, known))
    last = points[-1] if points else None
    return Spark(lines, f"{last.x},{last.y} {end.x},{end.y}" if last else None, end)


def spark_bars(values: Sequence[Known]) -> tuple[str, str]:
    """A bar for each of *values*, as paths: of all before the last one, and of it."""
    sizes = [float(value) if value and value > 0 else 0.0 for value in values]
    step, top = SPARK_WIDTH / max(len(sizes), 1), max(sizes, default=0.0)
    bars, width = [], _rounded(step - _GAP)
    for place, size in enumerate(sizes):
        height = _rounded(max(size / top * SPARK_HEIGHT, 1)) if size else 0
        path = f"M{_rounded(place * step)} {SPARK_HEIGHT}v-{height}h{width}v{height}z"
        bars.append(path if height else "")
    return "".join(bars[:-1]), "".join(bars[-1:])


def budget_bar(
    amount: Value, budget: Known, forecast: Known = None
) -> BudgetBar | None:
    """How much of a *budget* is used and expected to be; None without a budget.

    All is in pixels of `BAR_WIDTH`, which is `BAR_LIMIT` times the budget.
    """
    if budget is None or budget < 0:
        return None
    used = _of_budget(amount, budget)
    end = max(used, _of_budget(forecast or 0, budget))
    line = BAR_WIDTH / BAR_LIMIT
    shown, shown_end = min(used, BAR_WIDTH), min(end, BAR_WIDTH)
    return BudgetBar(
        within=_span(0, min(shown, line)),
        above=_span(line, shown) if shown > line else None,
        expected=_span(shown, shown_end) if shown_end > shown else None,
        budget=_rounded(line),
        is_cut=end > BAR_WIDTH,
    )


def bullet(
    amount: Value,
    budget: Known = None,
    forecast: Known = None,
    band: tuple[Known, Known] = (None, None),
) -> Bullet:
    """What is charged so far beside *forecast*, its *band* and *budget*, in percent."""
    low, high = band
    ends = [value for value in (amount, budget, forecast, high) if value is not None]
    full = float(max(0, *ends)) * _MARGIN

    def place(value: Value) -> float:
        return 100 * min(max(float(value) / full, 0), 1) if full else 0.0

    return Bullet(
        amount=_span(0, place(amount)),
        expected=_span(place(amount), place(forecast))
        if forecast is not None and forecast > amount
        else None,
        band=_span(place(low), place(high))
        if low is not None and high is not None
        else None,
        budget=_rounded(place(budget)) if budget is not None else None,
    )


def waterfall(start: Value, causes: Iterable[Value], end: Value) -> list[Step]:
    """From *start* over what each of *causes* adds or takes to *end*, in percent."""
    sums = [float(start)]
    changes = [float(cause) for cause in causes]
    for change in changes:
        sums.append(sums[-1] + change)
    low = min(0.0, *sums, float(end))
    wide = max(0.0, *sums, float(end)) - low

    def span(one: float, other: float) -> Span:
        if not wide:
            return Span(0, 0)
        left, right = sorted((one, other))
        return _span(100 * (left - low) / wide, 100 * (right - low) / wide)

    steps = [Step(span(0, sums[0]), "start")]
    for before, change in zip(sums, changes, strict=False):
        steps.append(Step(span(before, before + change), _kind(change)))
    return [*steps, Step(span(0, float(end)), "end")]


def spans(parts: Sequence[Value]) -> list[Span]:
    """The *parts* of a whole, none of them negative, side by side in percent of it."""
    ends = [100 * _ratio(sum(parts[:end]), sum(parts)) for end in range(len(parts) + 1)]
    return [_span(start, end) for start, end in pairwise(ends)]


def ticks(largest: Value) -> list[int]:
    """Whole steps of 1, 2 or 5 times a power of ten up to *largest*, four at most."""
    steps = (factor * 10**power for power in count() for factor in (1, 2, 5))
    step = next(step for step in steps if step * _TICKS >= largest)
    return list(range(0, int(largest) + 1, step))


def _kind(change: float) -> str:
    return "takes" if change < 0 else "adds"


def _of_budget(amount: Value, budget: Value) -> float:
    """*amount* in pixels; of a budget of nothing, anything is beyond the end."""
    if amount <= 0:
        return 0.0
    if not budget:
        return BAR_WIDTH + 1.0
    return float(amount) / float(budget) * BAR_WIDTH / BAR_LIMIT


def _points(
    values: Sequence[Known], known: Sequence[Value], count: int
) -> list[Point | None]:
    return [
        None if value is None else Point(_x(place, count), _y(value, known))
        for place, value in enumerate(values)
    ]


def _parted(points: Iterable[Point | None]) -> list[list[Point]]:
    """The points without the gaps between them."""
    parts: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            parts.append([])
        else:
            parts[-1].append(point)
    return parts


def _x(place: int, count: int) -> float:
    wide = SPARK_WIDTH - 2 * _EDGE
    return _rounded(_EDGE + wide * place / max(count - 1, 1))


def _y(value: Value, known: Sequence[Value]) -> float:
    low, high = min(0, *known), max(0, *known)
    share = _ratio(value - low, high - low)
    return _rounded(SPARK_HEIGHT - _EDGE - (SPARK_HEIGHT - 2 * _EDGE) * share)


def _ratio(part: Value, whole: Value) -> float:
    return float(part) / float(whole) if whole else 0.0


def _span(start: float, end: float) -> Span:
    return Span(_rounded(start), _rounded(max(end - start, 0)))


def _rounded(value: float) -> float:
    return round(value, 2)
