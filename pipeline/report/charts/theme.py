"""The layouts that all figures share, in light and in dark."""

from collections.abc import Mapping
from typing import Any

NAME_LENGTH = 40
OTHERS_COLOR = "#8a9099"

# Distinct with any colour vision, in light and dark: after Okabe and Ito.
_LIGHT = {
    "colorway": ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"),
    "text": "#566170",
    "grid": "#e3e7ec",
    "line": "#b4bcc7",
    "paper": "#ffffff",
}
_DARK = {
    "colorway": ("#58aee6", "#f4904a", "#33c79d", "#e59fc6", "#f2bd4b", "#a5d8f7"),
    "text": "#9ca8b7",
    "grid": "#262e38",
    "line": "#56616f",
    "paper": "#0f141a",
}

# As in `_style.css`.
_FONT = '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

# The number without its unit, which is at the axis.
_HOVER = [{"hovertemplate": "%{y:,.6~f}"}]
_MARKS = {"bar": _HOVER, "scatter": _HOVER}


def themes(separators: str) -> dict[str, dict[str, Any]]:
    """The layouts that all figures share; *separators* are those of the locale."""
    return {
        "light": {"layout": _theme(_LIGHT, separators), "data": _MARKS},
        "dark": {"layout": _theme(_DARK, separators), "data": _MARKS},
    }


def _theme(color: Mapping[str, Any], separators: str) -> dict[str, Any]:
    font = {"color": color["text"], "size": 12, "family": _FONT}
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
            "namelength": NAME_LENGTH,
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
