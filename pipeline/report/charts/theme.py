"""The layouts that all figures share, in light and in dark."""

from collections.abc import Mapping
from typing import Any

NAME_LENGTH = 32

# The bars of a stack from the ground, by the names of `_style.css`: tints of the accent
# for the largest, grey for the others, paper between them. All others are palest.
_BARS = ("series-1", "series-2", "series-3", "series-4", "rule-strong", "muted")
_OTHERS = "series-5"
# Lines have a contrast of 3 at least, and differ by their strokes, too.
_LINES = (
    ("series-1", "solid"),
    ("muted", "solid"),
    ("series-2", "dash"),
    ("muted", "dot"),
    ("series-1", "dot"),
    ("series-2", "solid"),
)

# As in `_style.css`.
_FONT = '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

# The number without its unit, which is at the axis.
_HOVER = {"hovertemplate": "%{y:,.6~f}"}


def themes(
    separators: str, colors: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, Any]]:
    """The layouts that all figures share, in light and in dark.

    *separators* are those of the locale, *colors* those of the style by theme and name.
    `others` is the colour of what sums up all without one of their own.
    """
    return {
        name: {
            "layout": _theme(color, separators),
            "data": _marks(color),
            "others": color[_OTHERS],
        }
        for name, color in colors.items()
    }


def _marks(color: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """How the first, second … series of a chart is drawn."""
    edge = {"color": color["paper"], "width": 0.5}
    return {
        "bar": [_HOVER | {"marker": {"color": color[n], "line": edge}} for n in _BARS],
        "scatter": [
            _HOVER
            | {
                "line": {"color": color[name], "dash": dash},
                "marker": {"color": color[name]},
            }
            for name, dash in _LINES
        ],
    }


def _theme(color: Mapping[str, str], separators: str) -> dict[str, Any]:
    font = {"color": color["muted"], "size": 12, "family": _FONT}
    axis = {
        "gridcolor": color["rule"],
        "linecolor": color["rule-strong"],
        "tickcolor": color["rule-strong"],
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
    }
    return {
        "font": font,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "separators": separators,
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": color["paper"],
            "bordercolor": color["rule-strong"],
            "font": font,
            "namelength": NAME_LENGTH,
        },
        "dragmode": False,
        "bargap": 0.3,
        "height": 240,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "legend": {"orientation": "h", "x": 0, "xanchor": "left"}
        | {"yref": "container", "y": 0, "yanchor": "bottom"},
        "xaxis": axis | {"showgrid": False, "showline": True, "ticks": "outside"},
        "yaxis": axis | {"rangemode": "tozero", "tickformat": ",~f"},
    }
