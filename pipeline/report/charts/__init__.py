"""Rows → Plotly figures as plain dictionaries: the same rows, the same bytes."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from plotly.utils import PlotlyJSONEncoder

from pipeline.report.charts.theme import NAME_LENGTH, OTHERS_COLOR, themes

__all__ = [
    "Figure",
    "Series",
    "bars",
    "categories",
    "lines",
    "plain",
    "themes",
    "to_json",
]

Figure = dict[str, Any]

Value = int | float | Decimal | None

_FEW = 120
_SO_FEW_BARS = 2  # which would be walls
_DAY_MS = 86_400_000

# A step between two marks: how an axis names them, and how the box beside the mouse.
_DAY = {"hoverformat": "%a %-d %b %Y", "tickformat": "%-d %b\n%Y"}
_MONTH = {
    "dtick": "M1",
    "tickformat": "%b\n%Y",
    "hoverformat": "%B %Y",
    "tickangle": 0,
    "tickfont": {"size": 10.5},
}
_AXES: Mapping[str, Figure] = {
    "day": _DAY,
    "week": _DAY | {"hoverformat": "week from %-d %b %Y"},
    "month": _MONTH,
}


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one colour of bars; None is a gap, for what is not known.

    The *rest* is all that have no colour of their own. It is grey.
    """

    name: str
    values: Sequence[Value]
    is_rest: bool = False


def bars(
    period: str, starts: Sequence[date], series: Sequence[Series], unit: str
) -> Figure:
    """A stack of bars for each of *starts*: days, weeks or months."""
    traces = [{"type": "bar", **_marker(one), **_trace(one, starts)} for one in series]
    figure = _figure(traces, unit, period)
    figure["layout"]["barmode"] = "stack"
    if len(starts) <= _SO_FEW_BARS:
        figure["layout"]["bargap"] = 0.8
    return figure


def lines(
    period: str, starts: Sequence[date], series: Sequence[Series], unit: str
) -> Figure:
    """A line for each of *series* over *starts*: days, weeks or months."""
    few = len(starts) <= _FEW
    traces = [
        {
            "type": "scatter",
            # A day between two gaps has no line, so that it needs its marker.
            "mode": "lines+markers",
            "line": {"width": 1.5 if few else 1.25},
            "marker": {"size": 3.5 if few else 1.75},
            "connectgaps": False,
            **_trace(one, starts),
        }
        for one in series
    ]
    return _figure(traces, unit, period)


def categories(names: Sequence[str], series: Series, unit: str) -> Figure:
    """A bar for each of *names*, in their order."""
    trace = {
        "type": "bar",
        "name": plain(series.name),
        "x": [plain(name) for name in names],
        "y": list(series.values),
    }
    layout = {"showlegend": False, "xaxis": {"type": "category"}}
    return {"data": [trace], "layout": layout | _unit(unit)}


def to_json(value: Mapping[str, Any]) -> str:
    """*value* as JSON that may stand in a script element: no `<` is left in it."""
    text = json.dumps(
        value, cls=PlotlyJSONEncoder, separators=(",", ":"), ensure_ascii=False
    )
    return text.replace("<", "\\u003c")


def plain(name: str) -> str:
    """A name that a person typed, as text that Plotly shows as it is.

    Plotly reads a little HTML in names, and a legend has no room for long ones.
    """
    text = "".join(c for c in name if unicodedata.category(c) != "Cf")
    text = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()
    if len(text) > NAME_LENGTH:
        text = text[: NAME_LENGTH - 1] + "…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _trace(series: Series, starts: Sequence[date]) -> Figure:
    return {
        "name": plain(series.name),
        **_places(starts),
        "y": list(series.values),
    }


def _places(starts: Sequence[date]) -> Figure:
    """Where the marks stand: a first one and a step where all are the same apart."""
    steps = {(late - early).days for early, late in pairwise(starts)}
    if len(steps) == 1:
        return {"x0": starts[0].isoformat(), "dx": steps.pop() * _DAY_MS}
    return {"x": [start.isoformat() for start in starts]}


def _marker(series: Series) -> Figure:
    return {"marker": {"color": OTHERS_COLOR}} if series.is_rest else {}


def _figure(traces: list[Figure], unit: str, period: str) -> Figure:
    layout = {
        "showlegend": len(traces) > 1,
        "xaxis": {"type": "date", **_AXES[period]},
    }
    return {"data": traces, "layout": layout | _unit(unit)}


def _unit(unit: str) -> Figure:
    return {"yaxis": {"title": {"text": unit}}}
