"""Pages in Chromium, in use: sorted, filtered, copied, chosen from, printed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pipeline import report
from tools.browser import draw_all, needs_chromium, opened, unfold
from worlds.report import AS_OF, make_warehouse
from worlds.runs import run_of

pytestmark = [pytest.mark.slow, needs_chromium]

OCTOBER = "chargeback-2026-10.html"
WIDTHS = {"phone": 390, "tablet": 768, "desk": 1280}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def pages(database: Path) -> Path:
    folder = database.parent / "pages"
    return report.render(database, folder, run_of(database.parent, AS_OF)).parent


def table(page: Page, caption: str) -> Locator:
    return page.locator("table", has=page.locator("caption", has_text=caption))


# The first name in the table of owners behind what is unallocated.
OWNER = (
    "[...document.querySelectorAll('caption')]"
    ".find((one) => one.textContent.startsWith('Owners behind'))"
    ".parentNode.querySelector('.label')"
)


def column(of: Locator, number: int) -> list[str]:
    return of.locator(f"tbody tr:visible > :nth-child({number})").all_inner_texts()


def test_a_click_on_a_head_sorts_and_the_next_turns_it_round(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / OCTOBER) as one:
        unfold(one.page)
        owners = table(one.page, "Owners, by amount")
        head = owners.locator("thead th").nth(1)
        head.get_by_role("button").click()
        falling = column(owners, 2)
        said = head.get_attribute("aria-sort")
        head.get_by_role("button").press("Enter")

        assert said == "descending"
        assert head.get_attribute("aria-sort") == "ascending"
        assert column(owners, 2) == falling[::-1]
        amounts = [float(text.replace(",", "")) for text in falling]
        assert amounts == sorted(amounts, reverse=True)


@pytest.mark.parametrize("locale", ["de", "de_CH", "fr", "sv"])
def test_numbers_sort_as_numbers_in_every_locale(
    database: Path, browser: Browser, tmp_path: Path, locale: str
) -> None:
    """9.00 before 10.00 before 1,234.50, however they are written."""
    index = report.render(
        database, tmp_path / "pages", run_of(tmp_path, AS_OF, locale=locale)
    )
    with opened(browser, index.with_name(OCTOBER)) as one:
        unfold(one.page)
        owners = table(one.page, "Owners, by amount")
        owners.locator("thead th").nth(1).get_by_role("button").click()
        falling = [int(re.sub(r"\D", "", text)) for text in column(owners, 2)]

    assert len(set(falling)) > 1
    assert falling == sorted(falling, reverse=True)


def test_what_sums_up_stays_at_the_end(pages: Path, browser: Browser) -> None:
    with opened(browser, pages / OCTOBER) as one:
        unfold(one.page)
        spaces = table(one.page, "Spaces, by amount")
        first = column(spaces, 1)[0]
        spaces.locator("tbody tr").first.evaluate("row => row.className = 'pinned'")
        spaces.locator("thead th").first.get_by_role("button").click()
        names = column(spaces, 1)

        assert names[-1] == first
        assert names[:-1] == sorted(names[:-1], key=str.lower)


def test_a_filter_hides_what_does_not_match_and_says_how_much(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / OCTOBER) as one:
        unfold(one.page)
        automations = table(one.page, "All automations, by amount")
        count = len(column(automations, 1))
        box = one.page.get_by_label("Filter rows: All automations, by amount")
        box.fill("quotas")

        (found,) = column(automations, 1)
        assert found.startswith("Sync quotas with the CRM")
        assert one.page.get_by_text(f"1 of {count} rows").is_visible()
        box.fill("")
        assert len(column(automations, 1)) == count


def test_a_table_is_copied_as_it_stands_and_no_cell_is_a_formula(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / OCTOBER) as one:
        one.page.evaluate(
            f"() => {{ {OWNER}.textContent = '=1+1';"
            " navigator.clipboard.writeText = async (t) => { window.copied = t }; }"
        )
        one.page.get_by_label("Copy table: Owners behind").click()
        copied = one.page.evaluate("window.copied")

    head, first, *_ = copied.splitlines()
    assert head == "Owner\tRuns\tAmount"
    assert first == "'=1+1\t18\t9.81"


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("＝1+1", "'＝1+1"),  # noqa: RUF001
        ("\N{SMALL EQUALS SIGN}1", "'\N{SMALL EQUALS SIGN}1"),
        ('"Sales', '"""Sales"'),
        ('"=1+1', '"\'""=1+1"'),
        ('a "b" c', '"a ""b"" c"'),
        ("Finance - EMEA", "Finance - EMEA"),
    ],
)
def test_a_name_is_copied_as_one_cell(
    pages: Path, browser: Browser, name: str, cell: str
) -> None:
    with opened(browser, pages / OCTOBER) as one:
        one.page.evaluate(
            f"(name) => {{ {OWNER}.textContent = name;"
            " navigator.clipboard.writeText = async (t) => { window.copied = t }; }",
            name,
        )
        one.page.get_by_label("Copy table: Owners behind").click()
        copied = one.page.evaluate("window.copied")

    assert copied.splitlines()[1] == f"{cell}\t18\t9.81"


def test_a_number_below_zero_is_copied_as_spreadsheets_read_it(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / OCTOBER) as one:
        one.page.evaluate(
            f"() => {{ const row = {OWNER}.closest('tr');"
            " row.lastElementChild.textContent = '\u22129.81';"
            " navigator.clipboard.writeText = async (t) => { window.copied = t }; }"
        )
        one.page.get_by_label("Copy table: Owners behind").click()
        copied = one.page.evaluate("window.copied")

    assert copied.splitlines()[1].endswith("\t-9.81")


def test_every_chart_is_drawn_and_has_its_table(pages: Path, browser: Browser) -> None:
    with opened(browser, pages / "trends.html") as one:
        count = draw_all(one.page)
        for summary in one.page.get_by_text("Table of this chart").all():
            summary.click()

        assert count == 10
        expect(one.page.locator("details.data table")).to_have_count(count)
        assert one.page.locator(".chart .bars path").count() > 40


def test_a_choice_changes_chart_and_table(pages: Path, browser: Browser) -> None:
    with opened(browser, pages / "trends.html") as one:
        draw_all(one.page)
        whole = one.page.locator("figure[data-figure=space]")
        whole.get_by_text("Table of this chart").click()
        whole.locator("table").wait_for()
        months = whole.locator("table tbody tr").count()
        first = whole.locator("table tbody th").first.inner_text()
        whole.locator("select").nth(1).select_option("Days")
        whole.locator("select").first.select_option("Run time, hours")

        assert months == 3
        assert first == "Sep 2026"
        expect(whole.locator("table tbody tr")).to_have_count(71)
        assert "in hours" in whole.locator("table caption").inner_text()
        assert whole.locator(".ytitle").text_content() == "hours"


def test_without_script_every_table_is_there(pages: Path, browser: Browser) -> None:
    with opened(browser, pages / "trends.html", java_script_enabled=False) as one:
        controls = one.page.locator("button:visible, input:visible, select:visible")
        tables = one.page.locator("main table")

        assert controls.count() == 0
        assert tables.count() > 10
        assert one.page.get_by_text("Charged by month").first.is_visible()

        one.page.locator("a[href='trends-tables.html#space']").click()
        one.page.locator("#space").get_by_text("Runs, by day", exact=True).first.click()
        days = one.page.locator("#space details[open] tbody tr")
        assert days.count() == 71
        assert days.first.is_visible()


def test_print_has_no_controls_and_wide_tables_are_whole(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, next(pages.glob("statement-2026-10-cc-100*"))) as one:
        one.page.emulate_media(media="print")

        controls = one.page.locator("button:not(.sort):visible, input:visible")
        assert controls.count() == 0
        # Chromium repeats no head on the next page that has a box of a button.
        heads = one.page.locator(".sort").evaluate_all(
            "heads => heads.map(one => getComputedStyle(one).display)"
        )
        assert set(heads) == {"contents"}
        assert one.page.locator("nav:visible, pre:visible").count() == 0
        printed = one.page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2
        foot = one.page.locator("style").last.inner_text()
        assert foot.startswith('@page{@bottom-left{content:"PROVISIONAL')


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_no_page_is_wider_than_its_window(
    pages: Path, browser: Browser, width: int
) -> None:
    size = {"width": width, "height": 800}
    kinds = ("[!cs]*.html", OCTOBER, "statement-2026-10-cc-100*")
    for path in (path for kind in kinds for path in pages.glob(kind)):
        with opened(browser, path, viewport=size) as one:
            widest = one.page.evaluate("document.documentElement.scrollWidth")

            assert widest <= width, path.name


def test_a_table_that_goes_on_sideways_has_an_edge(
    pages: Path, browser: Browser
) -> None:
    """The edge stays where it is, and what scrolls along covers it at the end."""
    size = {"width": WIDTHS["phone"], "height": 800}
    with opened(browser, pages / "index.html", viewport=size) as one:
        months = one.page.locator("#months .scroll")
        wide, shown, attached = months.evaluate(
            "one => [one.scrollWidth, one.clientWidth,"
            " getComputedStyle(one).backgroundAttachment]"
        )

    assert wide > shown
    assert attached == "local, local, scroll, scroll"


def test_a_keyboard_reaches_contents_tables_and_controls(
    pages: Path, browser: Browser
) -> None:
    reached = set()
    for name in ("index.html", OCTOBER):
        with opened(browser, pages / name) as one:
            one.page.keyboard.press("Tab")
            first = one.page.evaluate("document.activeElement.textContent")
            for _ in range(60):
                one.page.keyboard.press("Tab")
                reached.add(one.page.evaluate("document.activeElement.tagName"))

        assert first == "To the contents"
    assert {"A", "BUTTON", "DIV", "SUMMARY"} <= reached


def test_what_to_save_is_four_screens_before_anything_is_unfolded(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / "operations.html") as one:
        height = one.page.evaluate("document.documentElement.scrollHeight")

    assert height <= 4 * 900


def test_each_reason_to_save_leads_to_its_automations(
    pages: Path, browser: Browser
) -> None:
    with opened(browser, pages / "index.html") as one:
        links = one.page.locator("#savings a")
        targets = [link.get_attribute("href") for link in links.all()]
    with opened(browser, pages / "operations.html") as one:
        found = [one.page.locator(f"[id='{to.split('#')[1]}']") for to in targets if to]

        assert targets
        assert [place.count() for place in found] == [1] * len(targets)
