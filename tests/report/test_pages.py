"""Pages: golden, whole, byte for byte; and what must stand on them."""

import re
import shutil
from pathlib import Path

import duckdb
import pytest
from catalogues import template, words_of

from pipeline import report, warehouse
from pipeline.errors import PipelineError
from pipeline.report import queries
from pipeline.resources import resource
from tools.golden import golden_files
from tools.marked import marked, unmarked
from tools.report_pages import FINANCE, render, text_of
from worlds.report import AS_OF, make_warehouse
from worlds.runs import run_of

GOLDEN = Path(__file__).parent / "golden"
ACCEPT = "`make golden` accepts the pages as they render now; then read the diff"

# One of each kind.
GOLDEN_PAGES = (*report.FIRST_PAGES, "chargeback-2026-10.html", FINANCE)

MONTH = re.compile(
    r"\b(January|February|March|April|May|June|July|August|September|October|November"
    r"|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"
)
# What the world's people typed elsewhere, and what is called so in any language.
TYPED = {
    "Licence fee",
    "Sales*",
    "*@ops.example",
    "EUR",
    "Qlik Automate",
    "Internal chargeback",
}
NAMED = (
    *(
        f"select unnest([label, {name}_id, left({name}_id, 8) || '…']) from {name}s"
        for name in ("owner", "space", "automation")
    ),
    "select detail from report_rankings where dimension = 'owner'",
    "select detail from report_statement_details where dimension = 'owner'",
    "select unnest([label, connector_id]) from report_connectors",
    "select unnest([run_id, error]) from report_runs",
    "select unnest([tenant, cost_center]) from statement where not is_unallocated",
)

# Its sections are alike: one dimension stands for all.
ONE_SECTION = {"trends-tables.html": "run_mode"}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("world"))


def test_pages_are_the_golden_ones(
    database: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    pages = render(database, tmp_path / "pages")

    made = golden_files(
        {name: (pages / name).read_bytes() for name in GOLDEN_PAGES}, ONE_SECTION
    )
    if request.config.getoption("--update-golden"):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        GOLDEN.mkdir()
        for name, text in made.items():
            (GOLDEN / name).write_bytes(text.encode())
    assert {file.name for file in GOLDEN.iterdir()} == made.keys(), ACCEPT
    for name, text in made.items():
        assert text.encode() == (GOLDEN / name).read_bytes(), f"{name}: {ACCEPT}"


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
    assert october.count("Total 232.87") == 7  # all automations are folded
    assert "Charged €232.87" in october
    assert "Unallocated" in october
    november = text_of(pages / "chargeback-2026-11.html")
    assert "22 of 30 days covered" in november
    assert "Not all days are covered." in november
    index = text_of(pages / "index.html")
    assert "November 2026 ○ Open, 22 of 30 days €183.23 charged so far" in index
    assert "October 2026 €232.87 not closed yet" in index
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
        table = section.partition(": Runs, by day</caption>")[2]
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


def test_unallocated_stands_below_the_cost_centres(
    database: Path, tmp_path: Path
) -> None:
    october = render(database, tmp_path / "pages") / "chargeback-2026-10.html"

    table = text_of(october).partition("What no rule takes is Unallocated")[2]
    assert table.index("CC-900 Research") < table.index("Unallocated")


def test_what_is_unknown_says_so(database: Path, tmp_path: Path) -> None:
    """September has no prior month, and one cost centre no budget."""
    pages = render(database, tmp_path / "pages")

    september = text_of(pages / "chargeback-2026-09.html")
    assert "There is no month before to compare with." in september
    assert "No budget is set." in september


def test_amounts_of_anomalies_say_that_they_are_before_what_is_included(
    database: Path, tmp_path: Path
) -> None:
    made = tmp_path / "warehouse.duckdb"
    shutil.copy(database, made)
    with duckdb.connect(made) as connection:
        connection.execute(
            "update marts.meter_monthly set included_amount = 0.01"
            " where month = date '2026-11-01' and position = 1"
        )

    pages = render(made, tmp_path / "pages")

    said = "in the last two weeks, before what is included."
    assert said in text_of(pages / "index.html")
    note = "Amounts are before what is included"
    assert note in text_of(pages / "chargeback-2026-11.html")
    assert note not in text_of(pages / "chargeback-2026-10.html")


def test_automations_from_the_11th_on_are_folded(
    tmp_path: Path, database: Path
) -> None:
    """Their sum stands in the table; below it are 50, and all others share a line."""
    with warehouse.read(database) as connection:
        rows = connection.execute(
            "select strftime(month, '%Y-%m'), sum(entity_count),"
            " sum(entity_count) filter (where is_rest)"
            " from report_rankings where dimension = 'automation' group by all"
        ).fetchall()
    pages = render(database, tmp_path / "pages")

    for month, count, rest in rows:
        page = text_of(pages / f"chargeback-{month}.html")
        automations = page.partition("Automations, by amount")[2].partition("Owners")[0]
        expected = [count - 10, rest] if count > 10 else []
        found = re.findall(r"and (\d+) more", automations)
        assert found == [str(one) for one in expected if one]


def test_numbers_are_written_as_the_locale_does(database: Path, tmp_path: Path) -> None:
    pages = render(database, tmp_path / "pages", locale="de")

    index = text_of(pages / "index.html")
    assert "Oktober 2026" in index
    assert "232,87 €" in index


def test_no_word_of_a_page_is_untranslated(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown in a language whose words are all marked: names and figures are not."""
    spoken, asked = marked()
    monkeypatch.setattr(report, "language", lambda _: spoken)

    pages = render(database, tmp_path / "pages")

    names = _names(database)
    for page in pages.iterdir():
        html = MONTH.sub("", page.read_text(encoding="utf-8"))
        assert unmarked(html, names) == [], page.name
    known = {text for one in template() for text in words_of(one.id)}
    assert asked <= known


def _names(database: Path) -> set[str]:
    """What people, tenants and vendors named, and texts of theirs."""
    with warehouse.read(database) as connection:
        return TYPED | {
            name
            for query in NAMED
            for (name,) in connection.execute(query).fetchall()
            if name
        }


def test_a_template_says_which_marts_it_reads() -> None:
    """Of those that are pages; and each mart that it names is read by the report."""
    asked = [Path(queries.__file__), *(resource("sql") / "report").glob("*.sql")]
    source = "".join(path.read_text(encoding="utf-8") for path in asked)
    for path in resource("templates").glob("[!_]*.html"):
        if path.name.startswith("mail"):
            continue
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
