"""Statements' pages: what stands on them, what they are called, when they are kept."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline import report, warehouse
from pipeline.report.statement_parts import board
from tools.report_pages import FINANCE, elements, render, text_of
from worlds.report import AS_OF, make_warehouse
from worlds.runs import run_of

RUN = run_of(Path("nowhere"), AS_OF)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("world"))


def test_every_statement_has_a_page_beside_its_month(
    database: Path, tmp_path: Path
) -> None:
    pages = render(database, tmp_path / "pages")

    with warehouse.read(database) as connection:
        rows = connection.execute("select tenant, month, cost_center from statement")
        keys = ("tenant", "month", "cost_center")
        named = [
            report.statement_page(dict(zip(keys, row, strict=True)))
            for row in rows.fetchall()
        ]
    expected = {*named, *report.FIRST_PAGES}
    expected |= {f"chargeback-2026-{month}.html" for month in ("09", "10", "11")}
    assert len(set(named)) == len(named)
    found = {page.name for page in pages.iterdir()}
    assert found == expected, "a page of no month is one of report.paths.FIRST_PAGES"


def test_a_page_that_is_kept_stands_as_it_is(database: Path, tmp_path: Path) -> None:
    """A closed month is not rendered again, nor are its statements."""
    kept = {"chargeback-2026-10.html": b"as it was", FINANCE: b"closed"}

    index = report.render(database, tmp_path / "pages", RUN, kept)

    october = [page.name for page in index.parent.glob("*-2026-10*")]
    assert sorted(october) == sorted(kept)
    assert (index.parent / FINANCE).read_bytes() == b"closed"


def test_a_month_leads_to_pages_that_stay(database: Path, tmp_path: Path) -> None:
    """Its pages are kept when it is closed, so that later months are not on them."""
    pages = render(database, tmp_path / "pages")

    for page in pages.glob("*-2026-10*.html"):
        links = {attrs.get("href") or "" for _, attrs in elements(page)} - {""}
        own = {name for name in links if "-2026-10" in name}
        others = {name.partition("#")[0] for name in links - own}
        assert others - {"operations.html"} == {"", "index.html", "search.html"}


def test_pages_of_a_month_are_those_of_the_night(
    database: Path, tmp_path: Path
) -> None:
    whole = report.render(database, tmp_path / "pages", RUN).parent

    made = report.pages_of(database, {date(2026, 10, 1)}, RUN)

    assert made == {
        page.name: page.read_bytes() for page in whole.glob("*-2026-10*.html")
    }


def test_a_statement_has_its_header_lines_and_sums(
    database: Path, tmp_path: Path
) -> None:
    statement = text_of(render(database, tmp_path / "pages") / FINANCE)

    assert "Statement draft Period October 2026; days covered: 31 of 31" in statement
    assert "Internal chargeback · Qlik Automate" in statement
    assert "Issued not yet Contact — Rate card prices of Jan 1, 2026" in statement
    assert "Licence fee 33.3% of €60.00, in equal parts 20.00" in statement
    assert "Usage 78.25" in statement
    assert "Shared and fixed amounts 20.00 Total 98.25" in statement
    assert statement.count("Total 98.25") == 4  # of which three are folded
    assert "cost_center = &#39;CC-100 Finance&#39;" in statement


def test_quarantined_files_are_named_and_not_opened(
    database: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "quarantine" / "tenant=acme"
    folder.mkdir(parents=True)
    (folder / "2026-10-31-<b>.json").write_text("secret", encoding="utf-8")

    index = report.render(database, tmp_path / "pages", run_of(tmp_path, AS_OF))

    quality = text_of(index.with_name("quality.html"))
    assert "2026-10-31-&lt;b&gt;.json acme" in quality
    assert "secret" not in quality
    assert "One answer was set aside" in text_of(index)


@pytest.mark.parametrize(
    "name", ["", ".", "../../etc/passwd", "a" * 10_000, "Zoë & Söhne", "\u202e", "CON"]
)
def test_a_page_has_a_safe_name_whatever_it_is_of(name: str) -> None:
    of = {"tenant": "acme", "month": date(2026, 10, 1), "cost_center": name}

    page = report.statement_page(of)

    assert re.fullmatch(r"statement-2026-10(-[a-z0-9]+)+\.html", page)
    assert len(page) < 80


def test_names_that_read_alike_have_pages_of_their_own() -> None:
    of = {"tenant": "acme", "month": date(2026, 10, 1)}
    names = ["R&D", "r d", "R-D", "R&D ", "研究", "開発"]

    pages = {report.statement_page(of | {"cost_center": name}) for name in names}

    assert len(pages) == len(names)


def owner(amount: str, name: str = "") -> dict[str, Any]:
    return {
        "entity_id": name or amount,
        "amount": Decimal(amount),
        "is_rest": False,
        "entity_count": 1,
    }


def test_owners_whose_amount_rounds_to_nothing_are_one_row() -> None:
    rows = [owner("2.27"), owner("0.00", "a"), owner("0.00", "b"), owner("3", "shared")]

    shown = board(rows, of_amounts=True)

    assert [row["entity_id"] for row in shown["top"]] == ["2.27", "shared"]
    assert shown["more"]["entity_count"] == 2
    assert shown["more"]["amount"] == 0
    assert shown["is_nothing"]
    assert shown["listed"] == rows
    assert board(rows)["top"] == rows
