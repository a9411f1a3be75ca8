"""Pages in Chromium, with hostile names: quiet, alone, inert, and accessible."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from pipeline import report
from tools.browser import draw_all, needs_chromium, opened, shorten, unfold
from worlds.report import AS_OF, HOSTILE, make_warehouse
from worlds.runs import run_of

pytestmark = [pytest.mark.slow, needs_chromium]

# One page of each kind.
KINDS = ["chargeback-2026-10", "statement"]
KINDS += [Path(name).stem for name in report.FIRST_PAGES]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    database = make_warehouse(folder, names=(HOSTILE,))
    quarantine = folder / "quarantine" / "tenant=acme"
    quarantine.mkdir(parents=True)
    (quarantine / "<img src=x onerror=alert(9)>.json").touch()
    return report.render(database, folder / "pages", run_of(folder, AS_OF)).parent


def page_of(pages: Path, kind: str) -> Path:
    """The page of a kind; of statements, the one with the hostile name."""
    if kind == "statement":
        return next(pages.glob("statement-2026-10-i-*.html"))
    return pages / f"{kind}.html"


def test_every_page_is_quiet_and_asks_for_nothing(
    pages: Path, browser: Browser
) -> None:
    for path in sorted(pages.glob("*.html")):
        if "-2026-09" in path.name or "-2026-11" in path.name:
            continue
        with opened(browser, path) as one:
            draw_all(one.page)
            unfold(one.page)

            assert one.said == [], path.name
            assert one.asked == [path.as_uri()]


@pytest.mark.parametrize("kind", KINDS)
def test_no_element_is_made_of_a_name(pages: Path, browser: Browser, kind: str) -> None:
    """Neither by a template or script, nor by Plotly on a page, in a box, on paper."""
    with opened(browser, page_of(pages, kind)) as one:
        draw_all(one.page)
        unfold(one.page)
        one.page.evaluate(
            "() => { for (const place of document.querySelectorAll('.chart'))"
            " Plotly.Fx.hover(place, place.data.map((_, n) =>"
            " ({ curveNumber: n, pointNumber: 1 }))); }"
        )
        one.page.evaluate("dispatchEvent(new Event('beforeprint'))")

        made = one.page.locator("body :is(img, b, i, iframe, object, main script)")
        links = one.page.locator("svg a, a[href^='javascript']")
        assert made.count() == 0
        assert links.count() == 0
        assert one.said == []


def test_hostile_names_are_read_as_they_were_typed(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / "chargeback-2026-10.html") as one:
        text = one.page.inner_text("main")
        widest = one.page.evaluate("document.documentElement.scrollWidth")

    assert "<script>alert(1)</script>" in text
    assert "{{7*7}} {% raw %}" in text
    assert '=HYPERLINK("http://example.com","x")' in text
    assert "<b>bold</b> & <a href='javascript:alert(3)'>x</a>" in text
    assert widest <= 1280


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault(
    pages: Path, browser: Browser, kind: str, scheme: str
) -> None:
    with opened(browser, page_of(pages, kind), color_scheme=scheme) as one:
        draw_all(one.page)
        unfold(one.page)
        if kind == "trends-tables":  # it compares each cell with all others
            shorten(one.page, 20)

        assert one.faults() == []
