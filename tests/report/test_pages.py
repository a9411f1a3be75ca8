"""Pages: golden, whole, byte for byte; and what must stand on them."""

import re
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipeline import report, warehouse
from pipeline.errors import PipelineError
from pipeline.report import marts
from pipeline.resources import resource
from tools.report_pages import FINANCE, FIRST_PAGES, elements, render, text_of
from worlds.report import AS_OF, Names, make_warehouse
from worlds.runs import run_of

GOLDEN = Path(__file__).parent / "golden"

# One of each kind.
GOLDEN_PAGES = (*FIRST_PAGES, "chargeback-2026-10.html", FINANCE)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("world"))


def test_pages_are_the_golden_ones(
    database: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    pages = render(database, tmp_path / "pages")

    made = {name: (pages / name).read_bytes() for name in GOLDEN_PAGES}
    if request.config.getoption("--update-golden"):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        GOLDEN.mkdir()
        for name, page in made.items():
            (GOLDEN / name).write_bytes(page)
    assert {page.name for page in GOLDEN.iterdir()} == made.keys()
    for name, page in made.items():
        assert page == (GOLDEN / name).read_bytes(), name


def test_the_same_warehouse_gives_the_same_bytes(
    database: Path, tmp_path: Path
) -> None:
    pages = render(database, tmp_path / "pages")
    first = {page.name: page.read_bytes() for page in pages.iterdir()}

    render(database, pages)

    assert {page.name: page.read_bytes() for page in pages.iterdir()} == first


def test_every_table_adds_up_to_the_charges(database: Path) -> None:
    """What is printed in each table of a month, and the total below it."""
    with warehouse.read(database) as connection:
        charged = connection.execute(
            "select month, sum(amount) from charges group by all order by all"
        ).fetchall()
        for mart in ("report_cost_centers", "meter_monthly", "report_months"):
            printed = connection.execute(
                f"select month, sum(amount) from {mart} group by all order by all"
            ).fetchall()
            assert printed == charged, mart
        ranked = connection.execute(
            "select month, sum(amount) from report_rankings"
            " group by month, dimension order by all"
        ).fetchall()

    assert ranked == [row for row in charged for _ in range(3)]


def test_a_month_shows_its_total_status_and_coverage(
    database: Path, tmp_path: Path
) -> None:
    pages = render(database, tmp_path / "pages")

    october = text_of(pages / "chargeback-2026-10.html")
    assert "PROVISIONAL" in october
    assert "31 of 31 days covered" in october
    assert october.count("Total €232.87") == 6
    assert "Unallocated" in october
    november = text_of(pages / "chargeback-2026-11.html")
    assert "22 of 30 days covered" in november
    assert "Not all days are covered." in november
    index = text_of(pages / "index.html")
    assert "Charged €232.87" in index
    assert "covers the days up to Nov 23, 2026" in index
    assert "chargeback 1.2.3" in index
    assert "An internal allocation" in index


def test_trends_have_tables_of_each_week_and_day(
    database: Path, tmp_path: Path
) -> None:
    """Of every dimension, and their rows come to the usage of all."""
    page = render(database, tmp_path / "pages") / "trends-tables.html"
    sections = page.read_text(encoding="utf-8").split("<section id=")[1:]

    sums = {}
    for section in sections:
        table = section.partition("<caption>Runs, by day</caption>")[2]
        cells = re.findall(
            r'<td class="number">([\d,]+)</td>', table.split("</table")[0]
        )
        sums[section.split('"')[1]] = sum(int(one.replace(",", "")) for one in cells)

    with warehouse.read(database) as connection:
        ((runs,),) = connection.execute(
            "select sum(runs) from report_trends"
            " where dimension = 'total' and period = 'day'"
        ).fetchall()
    listed = {"executor", "status", "context"}
    assert set(sums) == {"total", "owner", "space", "run_mode", *listed}
    assert {sums[name] for name in ("total", "owner", "space", "run_mode")} == {runs}


def test_a_warehouse_of_another_version_is_told(database: Path, tmp_path: Path) -> None:
    older = tmp_path / "warehouse.duckdb"
    shutil.copy(database, older)
    with duckdb.connect(older) as connection:
        connection.execute("drop table pages.report_movers")

    with pytest.raises(PipelineError, match="run `chargeback build`") as caught:
        render(older, tmp_path / "pages")

    assert "the page's movers" in str(caught.value)


def test_unallocated_stands_first(database: Path, tmp_path: Path) -> None:
    october = render(database, tmp_path / "pages") / "chargeback-2026-10.html"

    table = text_of(october).partition("What no rule takes is Unallocated")[2]
    assert table.index("Unallocated") < table.index("CC-100 Finance")


def test_what_is_unknown_says_so(database: Path, tmp_path: Path) -> None:
    """September has no prior month, and one cost centre no budget."""
    pages = render(database, tmp_path / "pages")

    september = text_of(pages / "chargeback-2026-09.html")
    assert "Prior month unknown" in september
    assert "Budget none" in september


def test_automations_from_the_51st_on_share_a_line(
    tmp_path: Path, database: Path
) -> None:
    with warehouse.read(database) as connection:
        rests = connection.execute(
            "select strftime(month, '%Y-%m'), entity_count"
            " from report_rankings where is_rest"
        ).fetchall()
    pages = render(database, tmp_path / "pages")

    for page in pages.glob("chargeback-*.html"):
        month = page.stem.removeprefix("chargeback-")
        expected = [str(count) for name, count in rests if name == month]
        assert re.findall(r"and (\d+) more", text_of(page)) == expected


def test_without_prices_usage_is_shown_instead(tmp_path: Path) -> None:
    database = make_warehouse(tmp_path, has_prices=False)

    pages = render(database, tmp_path / "pages")

    for name in ("index.html", "chargeback-2026-10.html"):
        page = text_of(pages / name)
        assert "No prices are set." in page
        assert "€" not in page
        assert "XXX" not in page
        assert "Third-party" in page
    assert "Priya Nair" in text_of(pages / "chargeback-2026-10.html")


def test_an_empty_warehouse_has_pages_that_say_so(tmp_path: Path) -> None:
    database = make_warehouse(tmp_path, has_usage=False)

    pages = render(database, tmp_path / "pages")

    assert {page.name for page in pages.iterdir()} == set(FIRST_PAGES)
    for page in pages.iterdir():
        assert "covers no day yet" in text_of(page)
    for name in ("index.html", "trends.html"):
        assert "No usage has been read yet." in text_of(pages / name)
    assert "No run failed in the last 30 days." in text_of(pages / "operations.html")
    assert "No day was read yet." in text_of(pages / "quality.html")


def test_without_snapshots_ids_stand_behind_words(tmp_path: Path) -> None:
    database = make_warehouse(tmp_path, has_snapshots=False)

    pages = render(database, tmp_path / "pages")

    october = pages / "chargeback-2026-10.html"
    assert "Unknown owner 64f1c0de…" in text_of(october)
    titles = {attrs.get("title") for _, attrs in elements(october)}
    assert "64f1c0de0000000000000000" in titles


def test_usage_without_listed_runs_has_its_pages(tmp_path: Path) -> None:
    """What listings alone would tell is unknown, and nothing else is amiss."""
    database = make_warehouse(tmp_path, has_listed_runs=False)

    pages = render(database, tmp_path / "pages")

    trends = text_of(pages / "trends.html")
    assert "Runs by month" in trends
    assert "Third-party runs by month" not in trends
    assert "By status" not in trends
    assert "No run has ended yet." in trends
    assert "Third-party runs unknown" in text_of(pages / "index.html")


def test_tenants_are_named_where_there_are_several(tmp_path: Path) -> None:
    both = (Names(tenant="acme"), Names(tenant="beta-eu"))
    database = make_warehouse(tmp_path, names=both)

    pages = render(database, tmp_path / "pages")

    october = text_of(pages / "chargeback-2026-10.html")
    assert "Owner Tenant Amount" in october
    assert october.count("Total €405.74") == 6
    # One budget for both: 400 less twice the usage and once a share of the fee.
    assert "€400.00" in october


def test_numbers_are_written_as_the_locale_does(database: Path, tmp_path: Path) -> None:
    pages = render(database, tmp_path / "pages", locale="de")

    index = text_of(pages / "index.html")
    assert "Oktober 2026" in index
    assert "232,87 €" in index


def test_a_template_says_which_marts_it_reads() -> None:
    """Of those that are pages; and each mart that it names is read by the report."""
    source = Path(marts.__file__).read_text(encoding="utf-8")
    for path in resource("templates").glob("[!_]*.html"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        found = re.fullmatch(r"\{# reads: (.+) #\}", first)
        assert found, path.name
        for mart in found[1].split(", "):
            assert re.search(rf"\bfrom {mart}\b", source), mart


def test_no_warehouse_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="chargeback run"):
        report.render(
            tmp_path / "no.duckdb", tmp_path / "pages", run_of(tmp_path, AS_OF)
        )

    assert not (tmp_path / "pages").exists()


def test_the_very_first_month_is_shown_as_it_runs(tmp_path: Path) -> None:
    as_of = date(2026, 9, 20)
    database = make_warehouse(tmp_path, as_of=as_of)

    index = text_of(render(database, tmp_path / "pages", as_of=as_of) / "index.html")

    assert "September 2026 PROVISIONAL" in index
    assert "Charged to date" in index
