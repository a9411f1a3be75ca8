"""The page of all names, and links: each leads to what is there, tomorrow too."""

import shutil
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from pipeline import warehouse
from pipeline.report import anchors, search
from tools.report_pages import elements, render, text_of
from worlds.report import Names, make_warehouse

TWO = (Names(), Names("beta", cost_center="Research & Development"))
OTHER = Names(
    users=("Zoë", "Yann", "Xu", None),
    spaces=("Vertrieb", "Sales Unit"),
    automations=("One", "Two", "Three", "Four"),
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def pages(database: Path) -> Path:
    return render(database, database.parent / "pages")


@pytest.fixture(scope="module")
def pages_of_two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two")
    return render(make_warehouse(folder, names=TWO), folder / "pages")


def ids(page: Path) -> list[str]:
    return [attrs["id"] or "" for _, attrs in elements(page) if "id" in attrs]


def ids_of_rows(page: Path) -> set[str]:
    return {
        attrs["id"] or ""
        for tag, attrs in elements(page)
        if "id" in attrs and tag == "tr"
    }


def dead_links(folder: Path) -> list[str]:
    """Links of all pages to a page or an id that is not there."""
    known = {page.name: set(ids(page)) for page in folder.iterdir()}
    found = []
    for page in folder.iterdir():
        for tag, attrs in elements(page):
            if tag != "a":
                continue
            target, _, place = (attrs["href"] or "").partition("#")
            there = known.get(target or page.name)
            if there is None or (place and place not in there):
                found.append(f"{page.name}: {attrs['href']}")
    return found


@pytest.mark.parametrize("folder", ["pages", "pages_of_two"])
def test_every_link_leads_to_what_is_there(
    folder: str, request: pytest.FixtureRequest
) -> None:
    found: Path = request.getfixturevalue(folder)

    assert dead_links(found) == []


@pytest.mark.parametrize("folder", ["pages", "pages_of_two"])
def test_an_id_stands_once_on_a_page(
    folder: str, request: pytest.FixtureRequest
) -> None:
    found: Path = request.getfixturevalue(folder)
    for page in found.iterdir():
        repeated = [name for name, count in Counter(ids(page)).items() if count > 1]

        assert repeated == [], page.name


def test_everybody_who_is_charged_is_listed_once(database: Path, pages: Path) -> None:
    with warehouse.read(database) as connection:
        charged = connection.execute(
            "select distinct dimension, tenant, entity_id from usage_monthly"
            " where entity_id != 'shared' union all"
            " select distinct 'cost_center', '', cost_center from statement"
        ).fetchall()

    found = ids_of_rows(pages / "search.html")
    assert {anchors.anchor(*one) for one in charged} <= found


def test_who_owns_nothing_is_not_listed(database: Path, tmp_path: Path) -> None:
    made = tmp_path / "warehouse.duckdb"
    shutil.copy(database, made)
    with duckdb.connect(made) as connection:
        connection.execute(
            "insert into marts.owners by name select 'acme' as tenant, 'idle' as"
            " owner_id, 'Ida Idle' as label, false as is_deleted"
        )

    assert "Ida Idle" not in text_of(render(made, tmp_path / "pages") / "search.html")


def test_an_id_is_the_same_whatever_somebody_is_called(
    pages: Path, tmp_path: Path
) -> None:
    renamed = render(make_warehouse(tmp_path, names=(OTHER,)), tmp_path / "pages")

    of_people = {
        name: {one for one in ids_of_rows(folder / "search.html") if one[0] != "c"}
        for name, folder in (("before", pages), ("after", renamed))
    }
    assert of_people["before"] == of_people["after"]
    assert dead_links(renamed) == []


def test_an_id_is_of_one_tenant_and_a_cost_centre_of_all() -> None:
    assert anchors.anchor("owner", "acme", "x") != anchors.anchor("owner", "beta", "x")
    assert anchors.anchor("owner", "acme", "x") == anchors.anchor(
        "executor", "acme", "x"
    )
    assert anchors.anchor("owner", "acme", "x") != anchors.anchor("space", "acme", "x")


def test_a_row_of_a_statement_leads_to_the_search_and_back(pages: Path) -> None:
    (statement,) = pages.glob("statement-2026-11-cc-100-finance-*.html")
    text = statement.read_text(encoding="utf-8")
    (row,) = [
        row for row in text.split("<tr ")[1:] if "Reload open invoices" in row[:300]
    ][:1]
    name = row.split('"')[1]

    assert f'<a href="search.html#{name}"><bdi class="label">Reload open' in row
    found = (pages / "search.html").read_text(encoding="utf-8")
    assert f"<a href={statement.name}#{name}>CC-100 Finance</a>" in found


def test_what_was_called_otherwise_says_so(database: Path, tmp_path: Path) -> None:
    made = tmp_path / "warehouse.duckdb"
    shutil.copy(database, made)
    with duckdb.connect(made) as connection:
        connection.execute(
            "update marts.usage_monthly set label = 'Load <invoices>'"
            " where label = 'Reload open invoices' and month = date '2026-10-01'"
        )

    found = text_of(render(made, tmp_path / "pages") / "search.html")
    assert "Reload open invoices formerly Load &lt;invoices&gt; Anna Groß" in found


def test_of_too_many_names_those_in_use_are_listed_and_the_others_counted(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page links to those that are not listed."""
    monkeypatch.setattr(search, "_FULL", 1_000)
    pages = render(database, tmp_path / "pages")

    found = text_of(pages / "search.html")
    assert "Reload open invoices" in found
    assert "Small job 10" not in found
    assert "other names are in the warehouse." in found
    assert dead_links(pages) == []


def test_rows_of_many_names_are_short(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_MANY", 10)
    pages = render(database, tmp_path / "pages")

    found = (pages / "search.html").read_text(encoding="utf-8")
    assert "<td>Anna Groß<td>" in found
    assert dead_links(pages) == []


def test_names_are_folded_by_letter_without_their_accents(pages: Path) -> None:
    found = (pages / "search.html").read_text(encoding="utf-8")
    heads = found.partition('id="automations"')[2].split("<summary>")[1:]

    assert [head.split(" (")[0] for head in heads] == ["A", "R", "S"]
    owners = found.partition('id="owners"')[2].partition("</section>")[0]
    assert "<details>" not in owners  # they are few


def test_a_tenant_stands_beside_a_name_where_there_are_several(
    pages_of_two: Path, pages: Path
) -> None:
    assert "Anna Groß beta" in text_of(pages_of_two / "search.html")
    assert "Anna Groß acme" not in text_of(pages / "search.html")


def test_without_usage_there_is_a_sentence(tmp_path: Path) -> None:
    pages = render(make_warehouse(tmp_path, has_usage=False), tmp_path / "pages")

    assert "No usage has been read yet." in text_of(pages / "search.html")
    assert dead_links(pages) == []


def test_without_prices_names_have_no_amount(tmp_path: Path) -> None:
    pages = render(make_warehouse(tmp_path, has_prices=False), tmp_path / "pages")

    found = text_of(pages / "search.html")
    assert "Reload open invoices" in found
    assert "EUR" not in found
    assert dead_links(pages) == []
