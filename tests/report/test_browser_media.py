"""Pages on a phone and on paper, in Chromium."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tools.browser import draw_all, needs_chromium, opened

pytestmark = [pytest.mark.slow, needs_chromium]

PHONE = {"width": 390, "height": 844}
OCTOBER = "chargeback-2026-10.html"


def test_cost_centers_of_a_month_are_stacked_on_a_phone(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / OCTOBER, viewport=PHONE) as one:
        box = one.page.locator("#cost-centers .wide").first
        wide, shown = box.evaluate("one => [one.scrollWidth, one.clientWidth]")
        first = box.locator("tbody tr").first.inner_text().split()

    assert wide <= shown
    assert "CC-100" in first
    # Amount, change, what is left, status.
    assert {"98.25", "+40.46", "301.75", "within"} <= set(first)


def printed(page: Page) -> int:
    """How many pages of A4 it takes."""
    paper = page.pdf(prefer_css_page_size=True)
    return len(re.findall(rb"/Type\s*/Page\b", paper))


def test_trends_are_three_pages_and_each_line_and_bar_is_named(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / "trends.html") as one:
        draw_all(one.page)
        assert printed(one.page) <= 3

        one.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        for chart in one.page.locator(".chart").all():
            count = chart.evaluate("one => one.data.length")
            names = chart.locator(".annotation-text").all_text_contents()
            assert len(set(names)) == (count if count > 1 else 0)
            places = chart.locator(".annotation").evaluate_all(
                "all => all.map(one => one.getBoundingClientRect().y)"
            )
            apart = [b - a for a, b in pairwise(sorted(places))]
            assert min(apart, default=9) >= 8
            assert chart.locator(".legend").count() == 0


def test_savings_on_paper_flow_on_and_say_how_much_is_folded(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / "operations.html") as one:
        assert printed(one.page) <= 3

        one.page.emulate_media(media="print")
        folded = one.page.locator("details.rest")
        assert folded.count()
        for rest in folded.all():
            assert rest.locator("summary").is_visible()
            rest.evaluate("one => one.open = true")
            assert not rest.locator("table").is_visible()
        # What is larger than the rest of a page begins on it.
        breaks = one.page.locator("#less > section, #unneeded > section").evaluate_all(
            "all => all.map(one => getComputedStyle(one).breakInside)"
        )
        assert set(breaks) == {"auto"}


def test_tables_of_trends_are_printed_by_month_and_as_unfolded(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / "trends-tables.html") as one:
        whole = printed(one.page)
        one.page.emulate_media(media="print")
        first, week = (
            one.page.locator("details", has_text=f"Runs, {by}").first
            for by in ("by month", "by week")
        )
        assert first.locator("td").first.is_visible()
        assert not week.locator("td").first.is_visible()
        week.evaluate("one => one.open = true")
        assert week.locator("td").first.is_visible()

    assert whole <= 12


def test_a_head_whose_names_are_folded_is_not_printed(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / "search.html") as one:
        one.page.emulate_media(media="print")
        folded = one.page.locator("#automations")
        assert not folded.is_visible()
        assert one.page.locator("#cost-centers h2").is_visible()

        folded.locator("details").first.evaluate("one => one.open = true")
        assert folded.locator("h2").is_visible()
        assert folded.locator("td").first.is_visible()


@pytest.mark.parametrize("alone", ["allowance", "savings"])
def test_what_has_nothing_beside_it_leaves_no_half_of_the_page_blank(
    pages: Path, browser: Browser, alone: str
) -> None:
    desk = {"width": 1280, "height": 900}
    with opened(browser, pages / "index.html", viewport=desk) as one:
        columns = one.page.locator(".two-columns")
        share = columns.evaluate(
            "(one, id) => { const section = document.createElement('section');"
            " section.id = id; one.replaceChildren(section);"
            " return section.clientWidth / one.clientWidth; }",
            alone,
        )

    assert share == 1


# How many lines each signed amount of a page takes: a line is a rectangle.
_LINES = r"""() => {
  const found = [];
  const texts = document.createTreeWalker(document.querySelector("main"), 4);
  while (texts.nextNode()) {
    const text = texts.currentNode.data;
    for (const one of text.matchAll(/[+\u2212]\u2060?[^\s\d]?[\d.,]+%?/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, one.index);
      range.setEnd(texts.currentNode, one.index + one[0].length);
      found.push([one[0], range.getClientRects().length]);
    }
  }
  return found;
}"""


def test_no_line_ends_within_a_signed_amount(pages: Path, browser: Browser) -> None:
    with opened(browser, pages / "index.html", viewport=PHONE) as one:
        for width in range(320, 440, 4):
            one.page.set_viewport_size({"width": width, "height": 844})
            found = one.page.evaluate(_LINES)

            assert [text for text, lines in found if lines > 1] == [], width
            assert any("€" in text for text, _ in found)
