"""Pages of a world that lacks something, or has several tenants: each has a build."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipeline.report import FIRST_PAGES
from tools.report_pages import elements, render, text_of
from worlds.report import Names, make_warehouse

pytestmark = pytest.mark.slow


def test_without_prices_usage_is_shown_instead(tmp_path: Path) -> None:
    database = make_warehouse(tmp_path, has_prices=False)

    pages = render(database, tmp_path / "pages")

    for name in ("index.html", "chargeback-2026-10.html"):
        page = text_of(pages / name)
        assert "No prices are set" in page
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
    savings = text_of(pages / "operations.html")
    assert "No run failed in the last 30 days." in savings
    assert "Runs without a result" not in savings
    assert "take nothing" not in text_of(pages / "index.html")
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
    tables = text_of(pages / "trends-tables.html")
    assert "Runs, by month" in tables
    assert "Third-party runs, by month" not in tables
    assert "By status" not in trends
    assert "No run has ended yet." in trends
    assert "third-party runs are not known" in text_of(pages / "index.html")


def test_tenants_are_named_where_there_are_several(tmp_path: Path) -> None:
    both = (Names(tenant="acme"), Names(tenant="beta-eu"))
    database = make_warehouse(tmp_path, names=both)
    rule = {"line": 7, "cost_center": "1000 Management", "status": "never matched"}
    rule |= {"conditions": "space Reports"}
    with duckdb.connect(database) as connection:
        connection.execute(
            "insert into marts.checks by name select"
            " 'warn_rules_never_matched' as check_name, 'warn' as severity,"
            " 1 as failing_rows, 'Each takes something.' as description,"
            " 'line 7' as example, $1 as example_values",
            [json.dumps(rule)],
        )

    pages = render(database, tmp_path / "pages")

    quality = text_of(pages / "quality.html")
    assert "nothing is known as space Reports" in quality, "a rule is of no tenant"
    october = text_of(pages / "chargeback-2026-10.html")
    assert "Owner Tenant Amount" in october
    assert october.count("Total 405.74") == 7  # all automations are folded
    # One budget for both: 400 less twice the usage and once a share of the fee.
    assert "CC-100 Finance 176.50" in october
    assert re.search(r"400\.00 [^.]*44\.1%[^.]* 223\.50", october)
    finance = list(pages.glob("statement-2026-10-cc-100-finance-*"))
    assert len(finance) == 2
    for page in finance:
        assert (
            "€223.50 of the budget of €400.00 remain (44.1% used, all tenants together)"
        ) in text_of(page)


def test_statements_of_several_tenants_have_a_page_of_them_all(tmp_path: Path) -> None:
    both = (Names(tenant="acme"), Names(tenant="beta-eu"))
    database = make_warehouse(tmp_path, names=both)

    with duckdb.connect(database) as connection:  # and others without a statement
        connection.execute(
            "insert into marts.tenant_monthly by name select tenant || n as tenant,"
            " month from marts.tenant_monthly, range(9) as numbers (n)"
            " where tenant = 'acme' and month = date '2026-10-01'"
        )

    pages = render(database, tmp_path / "pages")

    (together,) = pages.glob("consolidated-2026-10-cc-100-finance-*")
    text = text_of(together)
    # The fee is once, of no tenant, and stands with the first.
    assert "acme draft ○ PROVISIONAL 78.25 20.00 20.00 0.00 98.25" in text
    assert "beta-eu draft ○ PROVISIONAL 78.25 0.00 0.00 0.00 78.25" in text
    assert "Total 156.50 20.00 20.00 0.00 176.50" in text
    assert "Licence fee, of all tenants acme" in text
    changed = re.search(
        r"September 2026 ([\d.]+) acme \+([\d.]+) beta-eu \+([\d.]+)"
        r" October 2026 176\.50",
        text,
    )
    assert changed
    assert sum(map(Decimal, changed.groups())) == Decimal("176.50")
    assert "€223.50 of the budget of €400.00 remain (44.1% used)" in text
    own = {page.name for page in pages.glob("statement-2026-10-cc-100-finance-*")}
    assert own <= {attrs.get("href") for _, attrs in elements(together)}
    for name in ("chargeback-2026-10.html", *own):
        links = [attrs.get("href") for _, attrs in elements(pages / name)]
        assert together.name in links
    month = text_of(pages / "chargeback-2026-10.html")
    assert "acme0 — — — — — —" in month
    assert "acme acme0 acme1 acme2 acme3 acme4 acme5 acme6 and 3 more Overview" in month


def test_the_very_first_month_is_shown_as_it_runs(tmp_path: Path) -> None:
    as_of = date(2026, 9, 20)
    database = make_warehouse(tmp_path, as_of=as_of)

    index = text_of(render(database, tmp_path / "pages", as_of=as_of) / "index.html")

    assert "September 2026 ○ Open, 6 of 30 days" in index
    assert "charged so far" in index
    assert "There is nothing to compare this month with." in index
    assert "6 of 6 days read" in index
