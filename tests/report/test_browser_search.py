"""The search and its links in Chromium: found, reached by keyboard, opened, narrow."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pipeline import report
from tools.browser import needs_chromium, opened, unfold
from worlds.report import AS_OF, HOSTILE, make_warehouse
from worlds.runs import run_of

pytestmark = [pytest.mark.slow, needs_chromium]

OCTOBER = "chargeback-2026-10.html"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    database = make_warehouse(folder, names=(HOSTILE,))
    return report.render(database, folder / "pages", run_of(folder, AS_OF)).parent


def found(page: Page) -> list[str]:
    rows = page.locator("#found tbody tr")
    return [text.split("\t")[0] for text in rows.all_inner_texts()]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("gross", ["Anna Groß owner"]),
        ("IBANEZ", ["Mateo Ibáñez owner"]),
        ("mail board", ["Send board pack by mail automation"]),
        ("sales op", ["Sales Operations space"]),
        ("cc-100", ["CC-100 Finance cost centre"]),
    ],
)
def test_a_name_is_found_by_a_part_of_it(
    pages: Path, browser: Browser, query: str, names: list[str]
) -> None:
    """Without accents, in any case; all words are in it."""
    with opened(browser, pages / "search.html") as one:
        one.page.keyboard.type(query)

        assert found(one.page) == names
        expect(one.page.get_by_role("status")).to_have_text(
            f"Names found: {len(names)}"
        )


def test_what_begins_with_the_words_comes_first(pages: Path, browser: Browser) -> None:
    with opened(browser, pages / "search.html") as one:
        one.page.get_by_role("searchbox").fill("finance")
        first, *others = found(one.page)

        assert first == "Finance space"
        assert "CC-100 Finance cost centre" in others


def test_of_many_names_the_first_are_shown_and_all_are_counted(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / "search.html") as one:
        one.page.get_by_role("searchbox").fill("small")
        count = one.page.locator("#automations td:first-child", has_text="Small job")

        assert len(found(one.page)) == 50
        expect(one.page.get_by_role("status")).to_have_text(
            f"Names found: {count.count()}, of which the first 50 are shown"
        )


def test_nothing_found_says_so_and_an_empty_field_shows_nothing(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / "search.html") as one:
        field, said = one.page.get_by_role("searchbox"), one.page.get_by_role("status")
        field.fill("no such name")
        expect(said).to_have_text("No name has that in it.")
        assert one.page.locator("#found").is_hidden()

        field.fill("")
        assert said.inner_text() == ""


def test_a_query_is_in_the_address_and_comes_from_it(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / "search.html") as one:
        one.page.keyboard.type("anna groß")
        one.page.wait_for_url("**/search.html#q=anna%20gro%C3%9F")
        address = one.page.url
        one.page.goto("about:blank")
        one.page.goto(address)

        assert found(one.page) == ["Anna Groß owner"]
        assert one.page.get_by_role("searchbox").input_value() == "anna groß"
        one.page.goto("about:blank")
        one.page.goto(address.partition("#")[0] + "#q=%E0%A4%A")
        expect(one.page.get_by_role("status")).to_have_text("No name has that in it.")


def test_a_link_to_a_name_shows_it_first_and_one_to_nobody_says_so(
    pages: Path, browser: Browser
) -> None:
    (statement,) = pages.glob("statement-2026-11-cc-100-finance-*.html")
    with opened(browser, statement) as one:
        one.page.get_by_role("link", name="Reload open invoices").first.click()
        assert found(one.page) == ["Reload open invoices automation"]

        one.page.locator("#found").get_by_role("link", name="CC-100").click()
        row = one.page.locator("tr:target")
        expect(row).to_contain_text("Reload open invoices")
        assert row.is_visible()

        one.page.goto((pages / "search.html").as_uri() + "#aaaaaaaaa")
        expect(one.page.get_by_role("status")).to_have_text(
            "What the link leads to is no longer listed."
        )


def test_a_slash_leads_to_the_field_and_tab_to_what_was_found(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / "search.html") as one:
        one.page.get_by_role("link", name="Overview").focus()
        one.page.keyboard.press("/")
        one.page.keyboard.type("board/")
        assert one.page.get_by_role("searchbox").input_value() == "board/"
        one.page.keyboard.press("Backspace")
        one.page.keyboard.press("Tab")
        reached = [one.page.evaluate("document.activeElement.id")]
        one.page.keyboard.press("Tab")
        reached.append(one.page.evaluate("document.activeElement.textContent"))

        assert reached == ["found", "Mateo Ibáñez"]


@pytest.mark.parametrize("script", ["with", "without"])
def test_a_link_into_what_is_folded_opens_it(
    pages: Path, browser: Browser, script: str
) -> None:
    with opened(browser, pages / OCTOBER) as one:
        folded = one.page.locator("details:not([open]) tr[id]").last
        name = folded.get_attribute("id")
    with opened(browser, pages / OCTOBER, java_script_enabled=script == "with") as one:
        one.page.goto(f"{(pages / OCTOBER).as_uri()}#{name}")
        row = one.page.locator("tr:target")

        expect(row).to_be_visible()
        expect(row).to_be_in_viewport()


def test_without_script_all_names_are_there_and_no_field(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / "search.html", java_script_enabled=False) as one:
        assert one.page.get_by_role("searchbox").count() == 0
        one.page.get_by_text("R (1)").click()
        row = one.page.locator("tr", has_text="Reload open invoices")
        expect(row.get_by_role("link", name="CC-100 Finance")).to_be_visible()


def test_hostile_names_are_found_as_they_are_and_make_nothing(
    hostile: Path, browser: Browser
) -> None:
    with opened(browser, hostile / "search.html") as one:
        one.page.get_by_role("searchbox").fill("<b>bold</b>")

        assert found(one.page) == [
            "<b>bold</b> & <a href='javascript:alert(3)'>x</a> automation"
        ]
        assert one.page.locator("#found b, #found img, #found script").count() == 0
        assert one.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_found_is_accessible_and_fits(
    hostile: Path, browser: Browser, width: int, scheme: str
) -> None:
    size = {"width": width, "height": 800}
    with opened(
        browser, hostile / "search.html", viewport=size, color_scheme=scheme
    ) as one:
        one.page.get_by_role("searchbox").fill("a")
        unfold(one.page)

        assert one.faults() == []
        assert one.page.evaluate("document.documentElement.scrollWidth") <= width
