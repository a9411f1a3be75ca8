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

from pipeline.report.charts.theme import NAME_LENGTH, themes

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
_FEW_BARS = 2  # which would fill the chart
_FEW_DAYS = 7
_DAY_MS = 86_400_000
# What the script that draws knows them by.
_RUNNING = "running"
_REST = "rest"

# By period, how an axis and the box beside the mouse name a mark.
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
    "week": _DAY,
    "month": _MONTH,
}


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or the bars of one colour; None is unknown and leaves a gap.

    The rest, which sums up all without a colour of their own, has that of the theme.
    """

    name: str
    values: Sequence[Value]
    is_rest: bool = False


def bars(
    period: str,
    starts: Sequence[date],
    series: Sequence[Series],
    unit: str,
    *,
    is_running: bool = False,
) -> Figure:
    """A stack of bars for each of *starts*: days, weeks or months.

    The last of a period that *is_running* is hatched.
    """
    traces = [{"type": "bar", **_rest(one), **_trace(one, starts)} for one in series]
    figure = _figure(traces, unit, period)
    figure["layout"]["barmode"] = "stack"
    if is_running:
        figure["layout"]["meta"] = _RUNNING
    if len(starts) <= _FEW_BARS:
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
            # A day between two gaps has no line and needs a marker.
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
    """*value* as JSON for a script element: it contains no `<`."""
    # Here, since a build that draws nothing should not wait for Plotly.
    from plotly.utils import PlotlyJSONEncoder  # noqa: PLC0415

    text = json.dumps(
        value, cls=PlotlyJSONEncoder, separators=(",", ":"), ensure_ascii=False
    )
    return text.replace("<", "\\u003c")


def plain(name: str) -> str:
    """A name that a person typed, escaped so that Plotly shows it as it is, and cut.

    Plotly reads some HTML in names, and a legend has no room for long ones.
    """
    text = "".join(c for c in name if unicodedata.category(c) != "Cf")
    text = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()
    if len(text) > NAME_LENGTH:
        text = text[: NAME_LENGTH - 1] + "…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _trace(series: Series, starts: Sequence[date]) -> Figure:
    return {
        "name": plain(series.name),
        **_positions(starts),
        "y": list(series.values),
    }


def _positions(starts: Sequence[date]) -> Figure:
    """The positions of the marks: the first and a step, if all steps are equal."""
    steps = {(late - early).days for early, late in pairwise(starts)}
    if len(steps) == 1:
        return {"x0": starts[0].isoformat(), "dx": steps.pop() * _DAY_MS}
    return {"x": [start.isoformat() for start in starts]}


def _rest(series: Series) -> Figure:
    return {"meta": _REST} if series.is_rest else {}


def _figure(traces: list[Figure], unit: str, period: str) -> Figure:
    axis = {"type": "date", **_AXES[period]}
    if period == "day" and len(traces[0]["y"]) <= _FEW_DAYS:
        axis["dtick"] = _DAY_MS  # else there are several marks a day, of one name
    layout = {"showlegend": len(traces) > 1, "xaxis": axis}
    return {"data": traces, "layout": layout | _unit(unit)}


def _unit(unit: str) -> Figure:
    return {"yaxis": {"title": {"text": unit}}}
