"""The first page of months that are closed, and of more cost centres than it lists."""

import re
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tools.report_pages import render, text_of
from worlds.report import make_warehouse


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("world"))


def first_page(database: Path, folder: Path, *changes: str) -> Path:
    """The overview of *database* after *changes* to what it shows, and no statement."""
    changed = folder / "warehouse.duckdb"
    shutil.copy(database, changed)
    with duckdb.connect(changed) as connection:
        for change in ("delete from marts.statement", *changes):
            connection.execute(change)
    return render(changed, folder / "pages") / "index.html"


def test_sixty_cost_centres_are_twenty_and_the_sum_of_the_others(
    database: Path, tmp_path: Path
) -> None:
    page = first_page(
        database,
        tmp_path,
        "insert into pages.report_cost_centers by name"
        " select centers.* replace ('C' || n as cost_center, 'Centre ' || n as label,"
        " 0.01 * n as amount, 'acme' as tenant)"
        " from pages.report_cost_centers as centers"
        " cross join range(1, 57) as numbers (n)"
        " where month = date '2026-11-01' and cost_center = 'CC-300 Operations'",
    )

    html = page.read_text(encoding="utf-8")
    table = html.partition('class="owed"')[2].partition("</table>")[0]
    rows = re.findall(r"<tr[ >].*?</tr>", table.partition("<tbody>")[2], re.DOTALL)
    assert len(rows) == 20 + 1 + 1
    # 56 to 40 stand with the three of the world; 1 to 39 and Unallocated are the rest.
    assert "40 more" in rows[20]
    rest = Decimal(sum(range(1, 40))) / 100 + Decimal("6.55")
    assert f">{rest}<" in rows[20]
    assert "Show the 40 others" in html


def test_a_closed_month_is_final_and_says_why_it_differs(
    database: Path, tmp_path: Path
) -> None:
    page = text_of(
        first_page(
            database,
            tmp_path,
            "delete from pages.report_months where month > date '2026-10-31'",
            "update pages.report_months set status = 'FINAL'",
            "delete from pages.report_attention",
            "delete from marts.checks",
        )
    )

    assert "October 2026 ✓ FINAL €232.87 charged" in page
    assert "against the month before, €99.78" in page
    assert "Higher fixed amounts (+€60.00) and 94 more third-party runs" in page
    assert "month closed: it changes no more" in page
    assert "Nothing needs attention." in page
    assert "forecast" not in page


def test_budgets_of_some_are_not_compared_with_the_amount_of_all(
    database: Path, tmp_path: Path
) -> None:
    some = text_of(first_page(database, tmp_path))
    every = text_of(
        first_page(
            database,
            tmp_path,
            "update pages.report_cost_centers set budget = 100"
            " where cost_center != 'Unallocated'",
        )
    )

    assert "budget €300.00 of 1 of 4 cost centres" in some
    assert "budget €300.00 €78.87 above the forecast" in every


def test_what_somebody_should_do_is_told_in_five_sentences(
    database: Path, tmp_path: Path
) -> None:
    kinds = ["days missing", "over budget", "will exceed", "allowance", "not closed"]
    kinds += ["time limit", "failed runs", "unallocated", "unused rules"]
    rows = ", ".join(
        f"('{kind}', {place}, {place},"
        " [{'label': 'One', 'tenant': null, 'excess': 2.5}], date '2026-11-18', 12.5)"
        for place, kind in enumerate(kinds, 1)
    )
    page = text_of(
        first_page(
            database,
            tmp_path,
            "delete from pages.report_attention",
            "insert into pages.report_attention (kind, position, item_count, entries,"
            f" since_date, amount) values {rows}",
        )
    )

    assert "One day was not read" in page
    assert "2 cost centres are over budget One +€2.50; One +€2.50 will follow." in page
    assert "ran out on November 18" in page
    assert "November 2026 is not closed" in page
    assert "€12.50 paid for 6 runs that hit the time limit" in page
    assert "€12.50 paid for 7 runs that failed" not in page
    assert "4 more are on the pages of savings and data quality ." in page
