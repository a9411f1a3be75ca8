"""A month is closed once and whole, and changes no more."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from shutil import copytree, rmtree

import polars as pl
import pytest

from worlds.closing import FEBRUARY, MARCH, RATES, Company

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

OWN = [
    f"issued/{key}/{form}"
    for key, name in (("8de4e0ea7370e4e6", "Sales"), ("b696d75511dc16f2", "Finance"))
    for form in (
        *(
            f"csv/chargeback-2026-01-{name}-{part}.csv"
            for part in ("lines", "statement", "statement_lines")
        ),
        f"xlsx/chargeback-2026-01-{name}.xlsx",
    )
]
WHOLE = [
    f"issued/all/{name}"
    for name in (
        *(
            f"csv/chargeback-2026-01-{part}.csv"
            for part in ("lines", "statement", "statement_lines", "tie_out")
        ),
        *(
            f"focus/chargeback-2026-01-{name}.{kind}"
            for name in ("BillingPeriod", "CostAndUsage")
            for kind in ("csv", "parquet")
        ),
        "focus/chargeback-2026-01-metadata.json",
        "journal/chargeback-2026-01-journal.csv",
        "xlsx/chargeback-2026-01.xlsx",
    )
]
KEPT = [
    "charges.parquet",
    "coverage.parquet",
    "finance/budgets.csv",
    "finance/cost_centers.csv",
    "finance/fixed_costs.csv",
    "finance/rate_card.csv",
    "labels.parquet",
    "pages/chargeback-2026-01.html",
    "pages/statement-2026-01-finance-e4f25793.html",
    "pages/statement-2026-01-sales-ab943442.html",
    "statement.parquet",
    "usage.parquet",
]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """January and half of February were read; nothing is closed."""
    company = Company(tmp_path_factory.mktemp("ended"))
    company.start(date(2026, 2, 15))
    return company


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, ended: Company) -> Company:
    """January is closed."""
    company = Company(tmp_path_factory.mktemp("done") / "company")
    copytree(ended.path, company.path)
    result = company.close("2026-01", "2026-02-15")
    assert (result.returncode, result.stderr) == (0, "")
    return company


@pytest.fixture
def company(tmp_path: Path, ended: Company) -> Iterator[Company]:
    """The same, to be spoilt."""
    company = Company(tmp_path / "company")
    copytree(ended.path, company.path)
    yield company
    rmtree(company.path)


@pytest.fixture
def closed(tmp_path: Path, done: Company) -> Iterator[Company]:
    company = Company(tmp_path / "company")
    copytree(done.path, company.path)
    yield company
    rmtree(company.path)


def test_closing_says_numbers_and_totals(company: Company) -> None:
    result = company.close("2026-01", "2026-02-15")

    assert result.stdout.splitlines() == [
        "acme 2026-01: 177.50 EUR",
        "acme-2026-01-001 v1  96.50  Finance",
        "acme-2026-01-002 v1  81.00  Sales",
    ]


def test_a_closed_month_is_final_and_the_next_one_is_not(done: Company) -> None:
    rows = done.ask(
        "select strftime(month, '%Y-%m'), cost_center, status, statement_version,"
        " closed, amount, prior_amount, ytd_amount, budget from statement"
        " where cost_center = 'Finance' order by month"
    )

    assert rows == [
        ("2026-01", "Finance", "FINAL", 1, True, Decimal("96.5"), None, Decimal("96.5"),
         Decimal(200)),
        ("2026-02", "Finance", "PROVISIONAL", 0, False, Decimal(71), Decimal("96.5"),
         Decimal("167.5"), Decimal(300)),
    ]  # fmt: skip
    pages = done.path / "data/reports"
    assert "FINAL" in (pages / "chargeback-2026-01.html").read_text()
    assert "FINAL" not in (pages / "chargeback-2026-02.html").read_text()


def test_the_manifest_names_every_file_with_its_hash_and_rows(done: Company) -> None:
    manifest = done.manifest("2026-01")

    assert sorted(manifest["files"]) == sorted([*KEPT, *OWN, *WHOLE])
    for name, file in manifest["files"].items():
        path = done.folder("2026-01") / name
        assert file["sha256"] == sha256(path.read_bytes()).hexdigest()
        if path.suffix == ".parquet":
            assert file["rows"] == pl.read_parquet(path).height
    assert manifest["files"]["usage.parquet"]["rows"] == 62
    assert manifest["files"]["finance/cost_centers.csv"]["rows"] == 2
    assert manifest["totals"]["amount"] == "177.500"
    assert manifest["coverage"]["usage_days"] == 31
    assert manifest["reason"] is None
    assert len(manifest["revision"]) == 64


def test_the_warehouse_tells_of_the_closed_month(done: Company) -> None:
    rows = done.ask("select tenant, month, amount, lines, reason from closed_months")

    assert rows == [("acme", date(2026, 1, 1), Decimal("177.5"), 4, None)]


def test_nothing_is_left_beside(done: Company) -> None:
    names = {path.name for path in (done.path / "data").iterdir()}

    assert names == {
        "lake", "closed", "reports", "state", "warehouse.duckdb", ".lock"
    }  # fmt: skip
    assert {p.name for p in done.folder("2026-01").parent.iterdir()} == {
        "month=2026-01"
    }


def test_a_repeat_says_so_and_changes_nothing(closed: Company) -> None:
    before = closed.files()
    warehouse = (closed.path / "data/warehouse.duckdb").read_bytes()

    result = closed.close("2026-01", "2026-02-15")

    assert result.returncode == 0
    assert result.stdout == "2026-01 is closed already: nothing was changed\n"
    assert closed.files() == before
    assert (closed.path / "data/warehouse.duckdb").read_bytes() == warehouse


def test_a_repeat_shows_what_a_kill_kept_from_the_warehouse(closed: Company) -> None:
    (closed.path / "data/warehouse.duckdb").unlink()

    result = closed.close("2026-01", "2026-02-15")

    assert result.returncode == 0
    assert closed.ask("select count(*) from closed_months") == [(1,)]


@pytest.mark.parametrize(
    ("month", "as_of", "message"),
    [
        ("2026-02", "2026-02-15", "2026-02 has not ended: close it on 2026-03-01"),
        ("2026-03", "2026-04-02", "2026-02 of acme is still open"),
        ("2025-12", "2026-02-15", "comes before 2026-01, the first"),
        ("2026-02", "2026-03-02", "2026-02-15 usage missing, 2026-02-15 runs missing"),
    ],
)
def test_a_month_that_is_not_due_is_refused(
    closed: Company, month: str, as_of: str, message: str
) -> None:
    before = closed.files()

    result = closed.close(month, as_of)

    assert result.returncode == 4
    assert message in result.stderr
    assert len(result.stderr.splitlines()) <= 2
    assert closed.files() == before


@pytest.mark.parametrize("month", ["2026-13", "January", "2026"])
def test_what_is_no_month_is_wrong_usage(company: Company, month: str) -> None:
    assert company.close(month, "2026-02-15").returncode == 2


def test_a_month_without_statements_is_refused(company: Company) -> None:
    result = company.close("2025-11", "2026-02-15")

    assert result.returncode == 4
    assert "2025-11: there are no statements to close" in result.stderr


@pytest.mark.whole
def test_a_month_that_fails_a_check_is_refused(company: Company) -> None:
    company.write("rates", RATES.replace("2026-01-01", "2026-01-05"))

    result = company.close("2026-01", "2026-02-15")

    assert result.returncode == 4
    assert "assert_every_day_has_a_price" in result.stderr
    assert company.files() == {}


def test_an_incomplete_month_is_closed_for_a_reason_that_is_kept(
    company: Company,
) -> None:
    company.forget(date(2026, 1, 20))
    reason = "The tenant lost the day, see ticket 7."

    refused = company.close("2026-01", "2026-02-15")
    too_late = company.close("2026-01", "2026-03-25")
    result = company.close("2026-01", "2026-02-15", "--accept-incomplete", reason)

    assert refused.returncode == too_late.returncode == 4
    assert "2026-01-20 usage missing" in refused.stderr
    again = "chargeback extract --since 2026-01-20 reads them again"
    assert f"{again}; or close it with --accept-incomplete" in refused.stderr
    assert (
        f"{again}, but the tenant lists runs of 30 days alone, so that days before"
        " 2026-02-23 stay without them; or close it with" in too_late.stderr
    )
    assert result.returncode == 0
    manifest = company.manifest("2026-01")
    assert manifest["reason"] == reason
    assert manifest["coverage"] == {
        "days_in_month": 31,
        "usage_days": 30,
        "runs_days": 30,
        "incomplete": ["2026-01-20 usage missing", "2026-01-20 runs missing"],
    }
    assert company.ask("select reason from closed_months") == [(reason,)]
    assert company.ask("select distinct status from statement where closed") == [
        ("FINAL",)
    ]


def test_a_first_day_after_usage_of_a_closed_month_is_refused(closed: Company) -> None:
    before = closed.files()

    closed.configure(first_day=date(2026, 1, 2))
    result = closed.chargeback("build", "--as-of", "2026-02-15")

    assert result.returncode == 2
    assert "first_day 2026-01-02 of acme is after 2026-01-01" in result.stderr
    assert "closed month 2026-01" in result.stderr
    assert closed.files() == before


def test_a_month_that_begins_before_the_first_day_is_whole_from_there_on(
    company: Company,
) -> None:
    company.configure(first_day=date(2026, 1, 10))

    result = company.close("2026-01", "2026-02-15")

    assert (result.returncode, result.stderr) == (0, "")
    coverage = company.manifest("2026-01")["coverage"]
    assert coverage == {"days_in_month": 31, "usage_days": 22, "runs_days": 22}
    january = "kind = 'usage' and month = '2026-01-01'"
    assert company.ask(f"select sum(quantity) from charges where {january}") == [
        (22 * 5,)
    ]


def test_days_before_the_first_are_not_charged_though_the_lake_has_them(
    company: Company,
) -> None:
    company.configure(first_day=date(2026, 2, 10))

    company.build("2026-02-15")

    assert company.ask(
        "select month, sum(quantity) from charges where kind = 'usage' group by 1"
    ) == [(FEBRUARY, 5 * 5)]
    assert company.ask("select min(date) from coverage") == [(date(2026, 2, 10),)]
    assert company.ask("select distinct month from statement") == [(FEBRUARY,)]


def test_a_reason_is_words(company: Company) -> None:
    result = company.close("2026-01", "2026-02-15", "--accept-incomplete", " ")

    assert result.returncode == 2


@pytest.mark.parametrize("name", [*KEPT, "manifest.json"])
def test_a_changed_file_stops_the_night_and_is_named(
    closed: Company, name: str
) -> None:
    path = closed.folder("2026-01") / name
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(bytes(content))

    result = closed.chargeback("build", "--as-of", "2026-02-15", "--quiet")

    assert result.returncode == 4
    assert name in result.stderr
    assert "backup" in result.stderr
    assert len(result.stderr.splitlines()) == 2


@pytest.mark.parametrize("name", ["charges.parquet", "manifest.json"])
def test_a_missing_file_stops_the_night_and_is_named(
    closed: Company, name: str
) -> None:
    (closed.folder("2026-01") / name).unlink()

    result = closed.chargeback("report", "--as-of", "2026-02-15", "--quiet")

    assert result.returncode == 4
    assert name in result.stderr


def test_an_amount_in_the_manifest_cannot_be_changed(closed: Company) -> None:
    path = closed.folder("2026-01") / "manifest.json"
    path.write_text(path.read_text().replace('"177.500"', '"77.500"'))

    assert closed.chargeback("build", "--as-of", "2026-02-15").returncode == 4


def test_a_missing_month_is_missed(closed: Company) -> None:
    """The month that was closed after it names it."""
    for day in range(15, 29):
        closed.use(date(2026, 2, day), {"a1": 3, "a2": 2})
    assert closed.close("2026-02", "2026-03-02").returncode == 0
    rmtree(closed.folder("2026-01"))

    result = closed.chargeback("build", "--as-of", "2026-03-02", "--quiet")

    assert result.returncode == 4
    assert "the month closed before 2026-02 is not there" in result.stderr


@pytest.mark.whole
def test_a_closed_page_is_the_same_for_ever(closed: Company) -> None:
    name = "data/reports/chargeback-2026-01.html"
    page = (closed.path / name).read_bytes()
    open_page = (closed.path / name.replace("-01", "-02")).read_bytes()
    closed.use(date(2026, 1, 9), {"a1": 30, "a3": 5})
    closed.write("rates", RATES.replace("0.5", "0.7"))
    closed.configure('[report]\nlocale = "de"')

    closed.build("2026-02-15")
    assert closed.chargeback("report", "--as-of", "2026-02-15").returncode == 0

    assert (closed.path / name).read_bytes() == page
    assert (closed.path / name.replace("-01", "-02")).read_bytes() != open_page
    kept = closed.folder("2026-01") / "pages/chargeback-2026-01.html"
    assert kept.read_bytes() == page


def test_another_currency_is_refused(closed: Company) -> None:
    closed.configure('currency = "CHF"')
    closed.write("rates", RATES.replace("EUR", "CHF"))
    fixed = (closed.path / "fixed.csv").read_text()
    closed.write("fixed", fixed.replace("EUR", "CHF"))

    result = closed.chargeback("build", "--as-of", "2026-02-15")

    assert result.returncode == 2
    assert "2026-01 of acme was closed in EUR" in result.stderr


def test_before_it_ended_a_month_is_not_closed(closed: Company) -> None:
    """A night made again as of an earlier day shows what that day knew."""
    closed.build("2026-01-20")

    assert closed.ask("select count(*) from closed_months") == [(0,)]


def test_all_tenants_are_closed_at_once(tmp_path: Path) -> None:
    company = Company(tmp_path, ("acme", "beta"))
    company.start(FEBRUARY)

    result = company.close("2026-01", "2026-02-01")

    assert result.returncode == 0
    amounts = [company.manifest("2026-01", t)["totals"] for t in company.tenants]
    # The fee is for both together, and stands with the first of each cost centre.
    assert [one["fixed_amount"] for one in amounts] == ["100.000", "0.000"]
    assert json.loads(json.dumps(amounts))[1]["usage_amount"] == "77.500"
    shared = "select tenant, no_tenant_amount from statement order by all"
    assert company.ask(shared) == [
        *[("acme", Decimal(50))] * 2,
        *[("beta", Decimal(0))] * 2,
    ]


def test_one_incomplete_tenant_keeps_all_open(tmp_path: Path) -> None:
    company = Company(tmp_path, ("acme", "beta"))
    company.start(FEBRUARY)
    company.forget(date(2026, 1, 31), "beta")

    result = company.close("2026-01", "2026-02-01")

    assert result.returncode == 4
    assert "2026-01 of beta was not read whole" in result.stderr
    assert company.files() == {}


@pytest.mark.whole
def test_a_tenant_that_came_later_begins_with_any_month(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(MARCH)
    assert company.close("2026-01", "2026-03-02").returncode == 0
    page = (company.folder("2026-01") / "pages/chargeback-2026-01.html").read_bytes()
    later = Company(tmp_path, ("acme", "beta"))
    later.configure()
    later.use(date(2026, 1, 3), {"b1": 1}, "beta")
    later.use(date(2026, 2, 3), {"a1": 1}, "beta")
    why = ("--accept-incomplete", "It came later.")

    assert later.close("2026-01", "2026-03-02", *why).returncode == 0
    assert later.close("2026-02", "2026-03-02", *why).returncode == 0

    assert later.manifest("2026-01")["reason"] is None
    assert later.manifest("2026-01", "beta")["reason"] == why[1]
    assert (tmp_path / "data/reports/chargeback-2026-01.html").read_bytes() == page
    # In February, Finance has statements of both, and a page of them that is kept.
    (page_of_both,) = later.folder("2026-02").glob("pages/consolidated-*")
    shown = tmp_path / "data/reports" / page_of_both.name
    assert shown.read_bytes() == page_of_both.read_bytes()
    said = later.chargeback("verify", str(shown)).stdout
    assert all(f"{one}-2026-02-001 v1, Finance" in said for one in later.tenants)


def test_a_document_is_not_issued_before_the_last_one(tmp_path: Path) -> None:
    """As with a clock that was set back after a closing."""
    company = Company(tmp_path)
    company.start(date(2026, 3, 5))
    assert company.close("2026-01", "2026-03-04").returncode == 0
    before = company.files()

    refused = company.close("2026-02", "2026-03-03")
    reversed_ = company.close("2026-01", "2026-03-03", "--reverse", "Too early.")
    again = company.close("2026-01", "2026-03-03")

    expected = "2026-03-03 is before 2026-03-04, the day of the last document that was"
    for result in (refused, reversed_):
        assert result.returncode == 4
        assert expected in result.stderr
        assert len(result.stderr.splitlines()) == 2
    assert again.stdout == "2026-01 is closed already: nothing was changed\n"
    assert company.files() == before
    assert company.close("2026-02", "2026-03-04").returncode == 0
