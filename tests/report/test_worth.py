"""What runs saved, beside what they cost; and nothing where no value is set."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from babel import Locale

from pipeline import formats, report, warehouse
from pipeline.build import by_month
from pipeline.build.by_month import kept
from pipeline.config import Report
from pipeline.report import marts
from tools.report_pages import FINANCE, elements, render, text_of
from worlds.report import AS_OF, HOSTILE, Names, make_warehouse
from worlds.runs import run_of

HEADER = (
    "valid_from,valid_to,tenant,space,automation,minutes_per_run,hourly_rate,"
    "amount_per_run\n"
)
VALUES = HEADER + (
    "2026-10-01,,,,Reload open invoices,6,40,\n"
    "2026-10-15,,,Sales Operations,,3,40,\n"
    "2026-10-01,,,,Sync quotas*,,,0.001\n"
)
BUNDLE = Path(__file__).parents[1] / "tools" / "report_bundle.js"
MONTH = "chargeback-2026-10.html"


def test_without_a_value_no_page_says_anything_of_it(tmp_path: Path) -> None:
    """Byte for byte: no file, one without lines, one of a day that has not come."""
    shown = []
    for name, values in (
        ("none", None),
        ("empty", HEADER),
        ("later", HEADER + "2027-01-01,,,,,6,40,\n"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        pages = render(make_warehouse(folder, values=values), folder / "pages")
        shown.append({page.name: page.read_bytes() for page in pages.iterdir()})

    assert shown[0] == shown[1] == shown[2]
    assert not any(b'class="worth"' in page for page in shown[0].values())


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("values"), values=VALUES)


def test_what_is_saved_is_that_of_successful_runs_from_the_first_day_on(
    database: Path,
) -> None:
    """Counted once more, run by run, without the models of values."""
    with warehouse.read(database) as connection:
        found = connection.execute(
            "select sum(saved_minutes), sum(value_amount) from automation_value"
            " where month = '2026-10-01'"
        ).fetchall()
        runs = connection.execute(
            "select name, runs.space_id, date, count(*) from runs"
            " inner join automations using (tenant, automation_id)"
            " where status = 'finished' and date between '2026-10-01' and '2026-10-31'"
            " group by all"
        ).fetchall()
        sales = connection.execute(
            "select space_id from spaces where name = 'Sales Operations'"
        ).fetchall()[0][0]

    minutes, amounts = 0, Decimal(0)
    for name, space, day, count in runs:
        if name == "Reload open invoices":
            minutes += 6 * count
        elif name.startswith("Sync quotas"):
            amounts += Decimal("0.001") * count
        elif space == sales and day.day >= 15:
            minutes += 3 * count
    assert minutes > 0
    assert found[0][0] == minutes
    # A row is rounded once: a cent for each at most is between them.
    assert abs(found[0][1] - Decimal(minutes) * 40 / 60 - amounts) < Decimal("0.3")


def test_what_is_made_by_month_is_what_is_made_at_once(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_month, "WORTH_KEEPING", 0)
    monkeypatch.setattr(kept, "TOGETHER", 1)
    # Another text of the same lines, which is built anew.
    monthly = make_warehouse(tmp_path, values=VALUES + "\n")

    made = []
    for path in (monthly, database):
        with warehouse.read(path) as connection:
            made.append(
                [
                    connection.execute(f"from {name} order by all").fetchall()
                    for name in ("automation_value", "report_statement_details")
                ]
            )

    assert made[0] == made[1]
    assert made[0][0]


def test_pages_show_cost_value_and_return(database: Path, tmp_path: Path) -> None:
    with warehouse.read(database) as connection:
        rows = marts.shown(connection, "worth")
        parts = connection.execute(
            "select cost_center, sum(value_amount) from report_statement_details"
            " where month = '2026-10-01' and dimension = 'automation' group by all"
        ).fetchall()
    october = [row for row in rows if str(row["month"]) == "2026-10-01"]
    month = next(row for row in october if row["cost_center"] is None)
    centers = [row for row in october if row["cost_center"] and not row["tenant"]]

    pages = render(database, tmp_path / "pages")

    value = f"€{month['value_amount']:,.2f}"
    assert month["value_amount"] == sum(row["value_amount"] or 0 for row in centers)
    assert dict(parts).items() >= {
        (row["cost_center"], row["value_amount"]) for row in centers
    }
    shown = text_of(pages / MONTH)
    assert f"Value: {value} , " not in shown  # the sign of the sentence stands close
    hours, ratio = (
        formats.rounded(month[name], Locale("en"))
        for name in ("saved_hours", "return_ratio")
    )
    assert f"{value}, {hours} hours saved" in shown
    assert f"Total {value}" not in shown
    assert " Value Return " in shown
    assert f"{ratio} times what is charged" in shown
    statement = text_of(pages / FINANCE)
    assert "brings most: it saves" in statement
    assert " Value Return " in statement
    assert "Value: " in statement


def test_what_costs_more_than_it_saves_is_named(database: Path, tmp_path: Path) -> None:
    pages = render(database, tmp_path / "pages")

    said = [text_of(page) for page in pages.glob("statement-2026-10-*")]
    assert any(
        re.search(r"Sync quotas with the CRM costs €\d+\.\d\d and saves €0\.\d\d", text)
        for text in said
    )


def test_what_costs_more_than_it_saves_may_be_saved(tmp_path: Path) -> None:
    database = make_warehouse(tmp_path, values=HEADER + "2026-10-01,,,,,,,0.0001\n")

    pages = render(database, tmp_path / "pages")

    savings = text_of(pages / "operations.html")
    assert "Costs more than it saves" in savings
    assert "charged more than their successful runs save" in savings


def test_a_value_that_matches_nothing_is_named(tmp_path: Path) -> None:
    values = HEADER + "2026-10-01,,,,No <such> automation,6,40,\n"
    database = make_warehouse(tmp_path, values=values)

    pages = render(database, tmp_path / "pages")

    quality = text_of(pages / "quality.html")
    assert "Values of runs that match nothing" in quality
    assert "Line 2 of the values: nothing was used that is called" in quality
    assert "No &lt;such&gt; automation" in (pages / "quality.html").read_text("utf-8")


def test_of_runs_that_are_not_listed_nothing_is_known(tmp_path: Path) -> None:
    database = make_warehouse(tmp_path, values=VALUES, has_listed_runs=False)

    pages = render(database, tmp_path / "pages")

    october = text_of(pages / MONTH)
    assert "Value: not known" in october
    assert "it is not known whether they were successful" in october
    assert "automations cost" not in text_of(pages / "index.html")


def test_minutes_without_a_price_are_hours(tmp_path: Path) -> None:
    values = HEADER + "2026-10-01,,,,Reload open invoices,6,,\n"
    database = make_warehouse(tmp_path, values=values)

    pages = render(database, tmp_path / "pages")

    assert "hours saved" in text_of(pages / MONTH)
    assert "Hours saved" in text_of(pages / FINANCE)
    assert "Return" not in text_of(pages / FINANCE)
    assert "times what is charged" not in text_of(pages / MONTH)


def test_a_tenant_without_values_shows_none(tmp_path: Path) -> None:
    values = HEADER + "2026-10-01,,acme,,,6,40,\n"
    database = make_warehouse(
        tmp_path, values=values, names=(Names(), Names(tenant="beta"))
    )

    pages = render(database, tmp_path / "pages")

    shown = {
        tenant: [
            'class="worth"' in page.read_text(encoding="utf-8")
            for page in pages.glob("statement-2026-10-*")
            if f"· {tenant}" in text_of(page)
        ]
        for tenant in ("acme", "beta")
    }
    assert any(shown["acme"])
    assert shown["beta"]
    assert not any(shown["beta"])


def test_names_stay_text_beside_values(tmp_path: Path) -> None:
    values = HEADER + "2026-10-01,,,,,6,40,\n"
    database = make_warehouse(tmp_path, values=values, names=(HOSTILE,))

    pages = render(database, tmp_path / "pages")

    for page in pages.glob("*.html"):
        made = elements(page)
        assert not any(name == "img" for name, _ in made), page.name
        assert not any("onerror" in values for _, values in made), page.name


def test_the_words_are_german_where_the_pages_are(
    database: Path, tmp_path: Path
) -> None:
    run = run_of(database.parent, AS_OF, report=Report(language="de"))

    pages = report.render(database, tmp_path / "pages", run, plotly=BUNDLE).parent

    assert "kosteten Automatisierungen" in text_of(pages / "index.html")
    assert "-Fache des verrechneten Betrags" in text_of(pages / MONTH)
    assert "bringt am meisten: Sie spart" in text_of(pages / FINANCE)
