"""A graph as SVG: boxes from the top left to the bottom right, arrows at right angles.

An arrow leaves its box to the right, turns at the number of what it stands for, and
goes down to the other box. One that goes up leaves to the left, and is red.
"""

from dataclasses import dataclass
from pathlib import Path

from graph import Graph
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_WIDTH = 1000
_MARGIN = 10
_NOTES = 40  # two lines below the last box


@dataclass(frozen=True, slots=True)
class Box:
    """A name in a rectangle around the point x, y."""

    name: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """From the side of a box to the corner x, y, and on to the edge of another box."""

    start: float
    x: float
    y: float
    end: float
    count: int
    is_up: bool


def draw(graph: Graph, title: str, unit: str) -> str:
    """*graph* as SVG; *unit* is what its numbers count."""
    boxes = _boxes(graph.boxes)
    upward = set(graph.upward)
    arrows = [
        _arrow(boxes[pair[0]], boxes[pair[1]], count, is_up=pair in upward)
        for pair, count in sorted(graph.arrows.items())
    ]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    last = boxes[graph.boxes[-1]]
    return environment.get_template("picture.svg.jinja").render(
        title=title,
        unit=unit,
        width=_WIDTH,
        height=round(last.y + last.height / 2 + _MARGIN + _NOTES),
        boxes=boxes.values(),
        arrows=arrows,
        total=sum(graph.arrows.values()),
        inside=graph.inside,
        upward=[f"{a} → {b}" for a, b in graph.upward],
    )


def _boxes(names: tuple[str, ...]) -> dict[str, Box]:
    """A box a row, so narrow that an arrow passes between it and the next column."""
    column = _WIDTH / (len(names) + 1)
    width, height = min(column * 1.7, 120), min(column * 0.6, 44)
    right = (_WIDTH - 2 * _MARGIN - width) / (len(names) - 1)
    down = max(height * 1.25, 34)
    return {
        name: Box(
            name,
            round(_MARGIN + width / 2 + number * right, 1),
            round(_MARGIN + height / 2 + number * down, 1),
            round(width, 1),
            round(height, 1),
        )
        for number, name in enumerate(names)
    }


def _arrow(start: Box, end: Box, count: int, *, is_up: bool) -> Arrow:
    sign = -1 if is_up else 1
    return Arrow(
        round(start.x + sign * start.width / 2, 1),
        end.x,
        start.y,
        round(end.y - sign * (end.height / 2 + 1), 1),
        count,
        is_up,
    )
