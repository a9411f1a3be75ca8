"""Cost centres above others: a tree on the month's page, and what a parent includes."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline import report, warehouse
from pipeline.report import month_page, statement_page
from worlds.report import AS_OF, make_warehouse
from worlds.rollup import OCTOBER, PARENTS, TENANTS
from worlds.runs import run_of


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rollup")
    database = make_warehouse(folder, names=TENANTS, parents=PARENTS)
    report.render(database, folder / "reports", run_of(folder, AS_OF), {})
    return folder


def ask(folder: Path, sql: str) -> list[tuple[object, ...]]:
    with warehouse.read(folder / "warehouse.duckdb") as connection:
        return connection.execute(sql).fetchall()


def table(page: str, heading: str) -> list[list[str]]:
    """The cells of the table under *heading*, row by row."""
    section = page.partition(f">{heading}")[2].partition("</table>")[0]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", section, re.DOTALL)
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows)
    return [[re.sub(r"<[^>]*>", "", cell).strip() for cell in row] for row in cells][1:]


def amount(text: str) -> Decimal:
    return Decimal(re.sub(r"[^0-9.-]", "", text.replace("\N{MINUS SIGN}", "-")) or "0")


def test_the_month_shows_a_tree_that_adds_up(site: Path) -> None:
    page = (site / "reports" / month_page(OCTOBER)).read_text(encoding="utf-8")

    rows = {
        row[0]: [amount(text) for text in row[1:]] for row in table(page, "Roll-up")
    }
    total = rows.pop("Total")[0]
    assert list(rows) == [
        "Unallocated",
        "CC-900 Research",
        "Company",
        "CC-200 Sales",
        "IT",
        "CC-300 Operations",
        "CC-100 Finance",
    ]
    assert sum(own for own, _, _ in rows.values()) == total
    assert all(own + below == both for own, below, both in rows.values())
    assert rows["IT"] == [0, rows["CC-300 Operations"][2], rows["CC-300 Operations"][2]]
    assert rows["CC-300 Operations"][1] == rows["CC-100 Finance"][2] > 0
    roots = ("Unallocated", "CC-900 Research", "Company")
    assert sum(rows[name][2] for name in roots) == total
    levels = re.findall(r'class="name level-(\d)"', page)
    assert levels == ["1", "1", "1", "2", "2", "3", "4"]


def test_each_amount_is_once_in_the_sum_of_a_tenant(site: Path) -> None:
    assert (
        ask(
            site,
            "select tenant, month from cost_center_rollup join (select tenant, month,"
            " sum(amount) as whole from statement group by all) using (tenant, month)"
            " group by tenant, month, whole having sum(amount) != whole"
            " or sum(total_amount) filter (where parent is null) != whole",
        )
        == []
    )
    assert ask(site, "select distinct tenant from cost_center_rollup order by all") == [
        ("acme",),
        ("globex",),
    ]


def test_a_statement_shows_what_is_below_it(site: Path) -> None:
    name = statement_page(
        {"tenant": "acme", "month": OCTOBER, "cost_center": "CC-300 Operations"}
    )
    page = (site / "reports" / name).read_text(encoding="utf-8")

    ((own, first), (child, below), (_, total)) = table(page, "Includes")
    assert (own, child) == ("This statement", "CC-100 Finance")
    assert amount(first) + amount(below) == amount(total)
    assert "<dt>Part of</dt><dd><bdi>IT</bdi></dd>" in page
    child_page = statement_page(
        {"tenant": "acme", "month": OCTOBER, "cost_center": "CC-100 Finance"}
    )
    assert f'<a href="{child_page}">' in page


def test_without_a_hierarchy_there_is_no_tree(tmp_path: Path) -> None:
    database = make_warehouse(tmp_path)
    report.render(database, tmp_path / "reports", run_of(tmp_path, AS_OF), {})

    pages = [path.read_text("utf-8") for path in (tmp_path / "reports").glob("*.html")]
    assert not any("Roll-up</h2>" in page or "Includes</h2>" in page for page in pages)
