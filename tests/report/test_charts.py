"""Charts: rows in, plain dictionaries out."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from plotly.offline import get_plotlyjs_version

from pipeline.config import Look
from pipeline.formats.language import ENGLISH
from pipeline.report import charts
from pipeline.report.charts import Series, pages
from pipeline.report.palette import screen_colors, styled
from pipeline.resources import resource

DAYS = [date(2026, 10, 30), date(2026, 10, 31), date(2026, 11, 1)]
MONTHS = [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]
BUNDLE = resource("templates") / "plotly-basic.min.js"
DAY_MS = 24 * 3600 * 1000


def test_a_day_that_is_unknown_is_a_gap() -> None:
    figure = charts.lines("day", DAYS, [Series("Runs", [3, None, 0])], "runs")

    (trace,) = figure["data"]
    assert trace["y"] == [3, None, 0]
    assert trace["connectgaps"] is False


def test_even_steps_are_not_spelled_out() -> None:
    (days,) = charts.bars("day", DAYS, [Series("Runs", [1, 2, 3])], "runs")["data"]
    (months,) = charts.bars("month", MONTHS, [Series("Runs", [1, 2, 3])], "")["data"]
    (one,) = charts.bars("day", DAYS[:1], [Series("Runs", [1])], "runs")["data"]

    assert (days["x0"], days["dx"]) == ("2026-10-30", DAY_MS)
    assert months["x"] == ["2026-09-01", "2026-10-01", "2026-11-01"]
    assert one["x"] == ["2026-10-30"]


def test_one_series_needs_no_legend() -> None:
    one = charts.bars("month", MONTHS, [Series("Runs", [1, 2, 3])], "runs")
    two = charts.bars(
        "month",
        MONTHS,
        [Series("Runs", [1, 2, 3]), Series("Failed", [0, 1, 0])],
        "runs",
    )

    assert one["layout"]["showlegend"] is False
    assert two["layout"]["showlegend"] is True


def test_all_others_are_marked_for_the_script_to_colour() -> None:
    finance = Series("Finance", [1, 2, 3])
    others = Series("All others", [5, 6, 7], is_rest=True)

    figure = charts.bars("month", MONTHS, [finance, others], "runs")

    assert [trace["name"] for trace in figure["data"]] == ["Finance", "All others"]
    assert [trace.get("meta") for trace in figure["data"]] == [None, "rest"]
    assert figure["layout"]["barmode"] == "stack"


def usage(position: int, start: date, runs: int, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(pages.MEASURES, 1)
    row |= {"bandwidth_in_gb": None, "bandwidth_out_gb": None, "runs": runs}
    row |= {"dimension": "space", "period": "month", "period_start": start}
    is_rest = position == 7
    label = None if is_rest else f"Space {position}"
    return row | {"position": position, "is_rest": is_rest, "label": label} | more


def test_trends_are_drawn_by_measure_and_period_where_there_is_something() -> None:
    rows = [usage(n, month, n) for n in (1, 7) for month in MONTHS]

    figures = pages.trends(rows, date(2026, 12, 1), ENGLISH)

    assert list(figures) == ["space"]
    assert list(figures["space"]) == [
        f"{measure} month"
        for measure in pages.MEASURES
        if not measure.startswith("bandwidth")
    ]
    first, rest = figures["space"]["runs month"]["data"]
    assert (first["name"], first["y"]) == ("Space 1", [1, 1, 1])
    assert (rest["name"], rest["y"]) == ("All others", [7, 7, 7])
    assert figures["space"]["duration_hours month"]["layout"]["yaxis"] == {
        "title": {"text": "hours"}
    }


@pytest.mark.parametrize(
    ("period", "starts", "as_of", "is_running"),
    [
        ("month", MONTHS, date(2026, 11, 30), True),
        ("month", MONTHS, date(2026, 12, 1), False),
        ("week", [date(2026, 11, 23)], date(2026, 11, 29), True),
        ("week", [date(2026, 11, 23)], date(2026, 11, 30), False),
        ("day", DAYS, date(2026, 11, 2), False),
    ],
)
def test_a_period_that_is_not_over_is_marked(
    period: str, starts: list[date], as_of: date, *, is_running: bool
) -> None:
    rows = [usage(1, start, 1, period=period) for start in starts]

    drawn = pages.trends(rows, as_of, ENGLISH)["space"][f"runs {period}"]

    assert ("meta" in drawn["layout"]) is is_running


def test_each_tenant_has_its_own_lines_of_runs_at_once() -> None:
    rows = [
        {"tenant": tenant, "date": DAYS[n], "most_running": n, "most_queued": 0}
        for tenant, days in (("acme", (0, 1, 2)), ("beta", (1,)))
        for n in days
    ]

    figure = pages.concurrency(rows, ENGLISH)
    alone = pages.concurrency(rows[:3], ENGLISH)

    assert [(trace["name"], trace["y"]) for trace in figure["data"]] == [
        ("Running, acme", [0, 1, 2]),
        ("Queued, acme", [0, 0, 0]),
        ("Running, beta", [None, 1, None]),
        ("Queued, beta", [None, 0, None]),
    ]
    assert [trace["name"] for trace in alone["data"]] == ["Running", "Queued"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("R&D <lab>", "R&amp;D &lt;lab&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("two\nlines\tand  spaces\x00", "two lines and spaces"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}evil\N{ZERO WIDTH SPACE}", "evil"),
        ("a" * 10_000, "a" * 31 + "…"),
        ("&" * 50, "&amp;" * 31 + "…"),
        ("", ""),
    ],
)
def test_names_are_inert_text(name: str, expected: str) -> None:
    assert charts.plain(name) == expected


def test_json_cannot_end_its_script_element() -> None:
    text = charts.to_json({"name": "</script><!--", "amount": Decimal("0.5")})

    assert "<" not in text
    assert json.loads(text) == {"name": "</script><!--", "amount": 0.5}


def test_the_themes_differ_in_nothing_but_color() -> None:
    style = (resource("templates") / "_style.css").read_text(encoding="utf-8")
    themes = charts.themes(".,", screen_colors(style))
    light, dark = (
        [one["marker"]["color"] for one in themes[name]["data"]["bar"]]
        for name in ("light", "dark")
    )

    assert themes["light"].keys() == themes["dark"].keys()
    assert len(set(light)) == len(set(dark)) == 6
    assert set(light).isdisjoint(dark)
    assert themes["light"]["layout"]["separators"] == ".,"


def test_charts_have_the_colours_of_the_page() -> None:
    """Those of the look, and none of their own."""
    shipped = (resource("templates") / "_style.css").read_text(encoding="utf-8")
    style = styled(shipped, Look(accent="#7a1fa2", accent_dark="#caa7da"))

    themes = charts.themes(".,", screen_colors(style))

    first = [themes[name]["data"]["bar"][0] for name in ("light", "dark")]
    assert [one["marker"]["color"] for one in first] == ["#7a1fa2", "#caa7da"]


def test_the_bundle_is_the_one_that_plotly_was_made_for() -> None:
    head = _head(BUNDLE)

    assert f"plotly.js (basic - minified) v{get_plotlyjs_version()}" in head
    assert "Licensed under the MIT license" in head


def test_the_bundle_cannot_end_its_script_element() -> None:
    text = BUNDLE.read_text(encoding="utf-8").lower()

    assert "</script" not in text
    assert "<!--" not in text


def _head(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(300)
