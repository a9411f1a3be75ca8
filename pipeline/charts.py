"""Rows → Plotly figures as plain dictionaries: the same rows, the same bytes."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from plotly.utils import PlotlyJSONEncoder

Figure = dict[str, Any]

Rows = Sequence[Mapping[str, Any]]

# Each measure's unit, and the names of its lines with their columns.
_MEASURES = {
    "runs": ("runs", {"Runs": "runs", "Failed": "failed_runs"}),
    "third-party-runs": ("runs", {"Third-party runs": "third_party_runs"}),
    "duration": ("hours", {"Run time": "duration_hours"}),
    "bandwidth": ("GB", {"Received": "bandwidth_in_gb", "Sent": "bandwidth_out_gb"}),
}

_NAME_LENGTH = 40
_OTHERS_COLOR = "#8a9099"
_FEW_DAYS = 120

# Told apart with any colour vision, and in the dark: after Okabe and Ito.
_LIGHT = {
    "colorway": ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"),
    "text": "#3d4654",
    "grid": "#e3e7ec",
    "line": "#aab2bd",
    "paper": "#ffffff",
}
_DARK = {
    "colorway": ("#58aee6", "#f4904a", "#33c79d", "#e59fc6", "#f2bd4b", "#a5d8f7"),
    "text": "#b9c2ce",
    "grid": "#2a323d",
    "line": "#556070",
    "paper": "#171c23",
}


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one colour of bars; None is a gap, for what is not known."""

    name: str
    values: Sequence[int | float | Decimal | None]


def trends(
    days: Rows, months: Rows, leaders: Mapping[str, Rows], others: str
) -> dict[str, Figure]:
    """The figures of the trends page by the id of their place on it.

    *leaders* are the rows of each board, by board, month and position.
    """
    figures = {}
    for name, (unit, columns) in _MEASURES.items():
        figures[f"{name}-by-day"] = by_day(
            [row["date"] for row in days], _series(days, columns), unit
        )
        figures[f"{name}-by-month"] = by_month(
            [row["month"] for row in months], _series(months, columns), unit
        )
    for name, rows in leaders.items():
        figures[f"{name}-by-month"] = _board(rows, others)
    return figures


def by_day(days: Sequence[date], series: Sequence[Series], unit: str) -> Figure:
    """A line for each of *series* over *days*."""
    few = len(days) <= _FEW_DAYS
    traces = [
        _trace(one, days, unit)
        | {
            "type": "scatter",
            # A day between two gaps has no line, so that it needs its marker.
            "mode": "lines+markers",
            "line": {"width": 1.5 if few else 1.25},
            "marker": {"size": 3.5 if few else 1.75},
            "connectgaps": False,
        }
        for one in series
    ]
    return _figure(traces, unit, _day_axis(days))


def by_month(months: Sequence[date], series: Sequence[Series], unit: str) -> Figure:
    """A group of bars for each of *months*, one bar for each of *series*."""
    traces = [_trace(one, months, unit) | {"type": "bar"} for one in series]
    return _figure(traces, unit, _month_axis())


def stacked_by_month(
    months: Sequence[date], series: Sequence[Series], others: Series | None, unit: str
) -> Figure:
    """A stack for each of *months*: the leaders, and all *others* in grey."""
    traces = [_trace(one, months, unit) | {"type": "bar"} for one in series]
    if others is not None:
        grey = {"type": "bar", "marker": {"color": _OTHERS_COLOR}}
        traces.append(_trace(others, months, unit) | grey)
    figure = _figure(traces, unit, _month_axis())
    figure["layout"] |= {"barmode": "stack"}
    return figure


def themes(separators: str) -> dict[str, Figure]:
    """What all figures share, for light and for dark; *separators* are the locale's."""
    return {
        "light": {"layout": _theme(_LIGHT, separators)},
        "dark": {"layout": _theme(_DARK, separators)},
    }


def to_json(value: Mapping[str, Any]) -> str:
    """*value* as JSON that may stand in a script element: no `<` is left in it."""
    text = json.dumps(value, cls=PlotlyJSONEncoder, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def plain(name: str) -> str:
    """A name that a person typed, as text that Plotly shows as it is.

    Plotly reads a little HTML in names, and a legend has no room for long ones.
    """
    text = "".join(c for c in name if unicodedata.category(c) != "Cf")
    text = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()
    if len(text) > _NAME_LENGTH:
        text = text[: _NAME_LENGTH - 1] + "…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _series(rows: Rows, columns: Mapping[str, str]) -> list[Series]:
    return [
        Series(name, [row[column] for row in rows]) for name, column in columns.items()
    ]


def _board(rows: Rows, others: str) -> Figure:
    """Stacks by position; the rows that are the rest of all come last, in grey."""
    months = sorted({row["month"] for row in rows})
    series: dict[str, list[Series]] = {"leaders": [], "rest": []}
    for position in sorted({row["position"] for row in rows}):
        own = [row for row in rows if row["position"] == position]
        runs = {row["month"]: row["runs"] for row in own}
        is_rest = own[0]["is_rest"]
        name = others if is_rest else own[0]["label"]
        one = Series(name, [runs.get(month) for month in months])
        series["rest" if is_rest else "leaders"].append(one)
    rest = series["rest"][0] if series["rest"] else None
    return stacked_by_month(months, series["leaders"], rest, "runs")


def _trace(series: Series, dates: Sequence[date], unit: str) -> Figure:
    return {
        "name": plain(series.name),
        "x": [day.isoformat() for day in dates],
        "y": list(series.values),
        "hovertemplate": f"%{{y:,.6~f}} {unit}",
    }


def _figure(traces: list[Figure], unit: str, xaxis: Figure) -> Figure:
    layout = {
        "showlegend": len(traces) > 1,
        "xaxis": xaxis,
        "yaxis": {"title": {"text": unit}},
    }
    return {"data": traces, "layout": layout}


def _day_axis(days: Sequence[date]) -> Figure:
    axis: Figure = {"type": "date", "hoverformat": "%a %-d %b %Y"}
    if len(days) <= _FEW_DAYS:
        axis["tickformat"] = "%-d %b\n%Y"
    return axis


def _month_axis() -> Figure:
    return {
        "type": "date",
        "dtick": "M1",
        "tickformat": "%b\n%Y",
        "hoverformat": "%B %Y",
        "tickangle": 0,
        "tickfont": {"size": 10.5},
    }


def _theme(color: Mapping[str, Any], separators: str) -> Figure:
    font = {"color": color["text"], "size": 12, "family": "system-ui, sans-serif"}
    axis = {
        "gridcolor": color["grid"],
        "linecolor": color["line"],
        "tickcolor": color["line"],
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
    }
    return {
        "colorway": list(color["colorway"]),
        "font": font,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "separators": separators,
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": color["paper"],
            "bordercolor": color["line"],
            "font": font,
            "namelength": _NAME_LENGTH,
        },
        "dragmode": False,
        "bargap": 0.3,
        "height": 300,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "legend": {"orientation": "h", "x": 0, "xanchor": "left"}
        | {"yref": "container", "y": 0, "yanchor": "bottom"},
        "xaxis": axis | {"showgrid": False, "showline": True, "ticks": "outside"},
        "yaxis": axis | {"rangemode": "tozero", "tickformat": ",~f"},
    }
