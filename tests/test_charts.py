"""Charts: rows in, plain dictionaries out."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from plotly.offline import get_plotlyjs_version

from pipeline import charts
from pipeline.charts import Series
from pipeline.resources import resource

DAYS = [date(2026, 10, 30), date(2026, 10, 31), date(2026, 11, 1)]
MONTHS = [date(2026, 10, 1), date(2026, 11, 1)]
BUNDLE = resource("templates") / "plotly-basic.min.js"


def test_a_day_that_is_unknown_is_a_gap() -> None:
    figure = charts.by_day(DAYS, [Series("Runs", [3, None, 0])], "runs")

    (trace,) = figure["data"]
    assert trace["x"] == ["2026-10-30", "2026-10-31", "2026-11-01"]
    assert trace["y"] == [3, None, 0]
    assert trace["connectgaps"] is False


def test_one_series_needs_no_legend() -> None:
    one = charts.by_month(MONTHS, [Series("Runs", [1, 2])], "runs")
    two = charts.by_month(
        MONTHS, [Series("Runs", [1, 2]), Series("Failed", [0, 1])], "runs"
    )

    assert one["layout"]["showlegend"] is False
    assert two["layout"]["showlegend"] is True


def test_others_are_stacked_last() -> None:
    figure = charts.stacked_by_month(
        MONTHS, [Series("Finance", [1, 2])], Series("All others", [5, 6]), "runs"
    )

    assert [trace["name"] for trace in figure["data"]] == ["Finance", "All others"]
    assert "marker" not in figure["data"][0]
    assert figure["layout"]["barmode"] == "stack"


def test_nobody_is_left_over_where_there_are_few() -> None:
    figure = charts.stacked_by_month(MONTHS, [Series("HR", [1, 2])], None, "runs")

    assert len(figure["data"]) == 1


def test_trends_fill_every_place_of_the_page() -> None:
    page = (resource("templates") / "trends.html").read_text(encoding="utf-8")
    columns = ["runs", "failed_runs", "third_party_runs", "duration_hours"]
    usage: dict[str, Any] = dict.fromkeys(columns, 1)
    usage |= {"bandwidth_in_gb": Decimal("0.5"), "bandwidth_out_gb": None}
    leader = {"position": 1, "is_rest": False, "label": "Finance", "runs": 4}

    figures = charts.trends(
        [{"date": DAYS[0], **usage}],
        [{"month": MONTHS[0], **usage}],
        {"spaces": [{"month": MONTHS[0], **leader}], "owners": []},
        "All others",
    )
    measures = {name.rpartition("-by-")[0] for name in figures}
    assert len(figures) == 4 * 2 + 2
    assert all(f'("{measure}", "' in page for measure in measures)
    assert figures["spaces-by-month"]["data"][0]["y"] == [4]
    assert figures["owners-by-month"]["data"] == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("R&D <lab>", "R&amp;D &lt;lab&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("two\nlines\tand  spaces\x00", "two lines and spaces"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}evil\N{ZERO WIDTH SPACE}", "evil"),
        ("a" * 10_000, "a" * 39 + "…"),
        ("&" * 50, "&amp;" * 39 + "…"),
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
    themes = charts.themes(".,")
    light, dark = themes["light"]["layout"], themes["dark"]["layout"]

    assert light.keys() == dark.keys()
    assert len(light["colorway"]) == len(dark["colorway"]) == 6
    assert set(light["colorway"]).isdisjoint(dark["colorway"])
    assert light["separators"] == ".,"


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
