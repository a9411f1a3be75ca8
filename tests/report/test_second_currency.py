"""Pages with a second currency: amounts in both, the rate, and what is not known."""

from pathlib import Path

import pytest

from tools.printed import page_of, wrong
from tools.report_pages import FINANCE, render, text_of
from worlds.report import make_warehouse

pytestmark = pytest.mark.slow

BOOKED = "What is booked is the amount in EUR."


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An autumn in EUR, shown in USD too; the first rate is of October."""
    return pages_in("USD", tmp_path_factory.mktemp("USD"))


def pages_in(currency: str, folder: Path) -> Path:
    database = make_warehouse(folder, display_currency=currency)
    return render(database, folder / "pages")


def test_a_statement_shows_each_line_in_both(pages: Path) -> None:
    """78.25 and 20.00 at 1.0845 are 106.552; its lines come to 106.55."""
    text = text_of(pages / FINANCE)

    assert "Currency EUR, shown also in USD" in text
    assert "October 2026 €98.25 $106.55" in text
    section = text.partition("In USD")[2].partition("Automations By amount")[0]
    assert f"1 EUR = 1.0845 USD, the rate of Oct 1, 2026. {BOOKED}" in section
    for line in (
        "Bandwidth Usage 1 €20.93 $22.70",
        "Duration Usage 1 €18.82 $20.41",
        "Third-party runs Usage 1 €38.50 $41.75",
        "Licence fee fixed amounts — €20.00 $21.69",
        "Total €98.25 $106.55",
    ):
        assert line in section


def test_a_month_shows_each_statement_and_their_sum_in_both(pages: Path) -> None:
    text = text_of(pages / "chargeback-2026-10.html")

    section = text.partition("A statement for each cost centre")[2]
    section = section.partition("Meters")[0]
    assert "Adjustments Amount In USD Year to date" in section
    assert "98.25 $106.55 156.04" in section
    assert "Total 232.87 $252.55" in section
    assert f"1 EUR = 1.0845 USD, the rate of Oct 1, 2026. {BOOKED}" in section


def test_a_running_month_has_the_rate_of_the_day(pages: Path) -> None:
    text = text_of(pages / "chargeback-2026-11.html")

    assert "1 EUR = 1.0912 USD, the rate of Nov 10, 2026." in text


def test_without_a_rate_it_says_so_and_why(pages: Path) -> None:
    reason = (
        "No rate of USD is known for the last day of September 2026, so that amounts"
        f" in it are not known: —. {BOOKED}"
    )

    month = text_of(pages / "chargeback-2026-09.html")
    statement = text_of(pages / FINANCE.replace("-10-", "-09-"))

    assert "Total 99.78 —" in month
    assert reason in month
    assert "September 2026 €57.79 —" in statement
    assert reason in statement


def test_a_currency_without_minor_unit_has_none(tmp_path: Path) -> None:
    text = text_of(pages_in("JPY", tmp_path) / FINANCE)

    assert "October 2026 €98.25 ¥15,745" in text
    assert "1 EUR = 160.255 JPY, the rate of Sep 1, 2026." in text


@pytest.mark.parametrize("currency", ["USD", "JPY"])
def test_every_page_adds_up_in_both(currency: str, tmp_path: Path) -> None:
    pages = pages_in(currency, tmp_path)

    found = [
        f"{page.name}: {said}"
        for page in sorted(pages.glob("*.html"))
        for said in wrong(page_of(page.read_text(encoding="utf-8")), 2)
    ]

    assert found == []


def test_pages_without_it_do_not_speak_of_it(tmp_path: Path) -> None:
    pages = render(make_warehouse(tmp_path), tmp_path / "pages")

    for page in pages.glob("*.html"):
        text = text_of(page)
        assert BOOKED not in text
        assert "shown also in" not in text
