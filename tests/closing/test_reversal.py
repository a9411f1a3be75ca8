"""A closed month is taken back by credit notes, and closed again as another version."""

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import msgspec
import openpyxl
import polars as pl
import pytest

from pipeline import config, mail
from pipeline.closing import register
from pipeline.config import Mail, Run
from servers import mail as mail_server
from tools.sums import (
    workbook,
    wrong_mails,
    wrong_pages,
    wrong_products,
    wrong_statements,
)
from worlds.closing import MARCH, RATES, RULES, Company
from worlds.mail_office import body

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

SCRIPT = Path(__file__).parents[1] / "tools" / "killed_at.py"
TODAY = "2026-03-02"
WHY = "The price was 0.40, <b>not</b> 0.50."
CHEAPER = RATES.replace("0.5", "0.4")
NOTE_FILES = 6
LEDGER = """
sending_cost_center = "900"
company_code = "1000"
[cost_centers]
Finance = "100"
Sales = "200"
Export = "300"
[tenants]
acme = "AC"
beta = "BE"
[sap]
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """January and February are closed for two tenants; March has begun."""
    company = Company(tmp_path_factory.mktemp("done"), ("acme", "beta"))
    company.start(date(2026, 3, 2))
    (company.path / "ledger.toml").write_text(LEDGER)
    with (company.path / "chargeback.toml").open("a") as file:
        file.write('ledger = "ledger.toml"\n')
    for month in ("2026-01", "2026-02"):
        assert company.close(month, TODAY).returncode == 0
    return company


@pytest.fixture(scope="module")
def taken_back(tmp_path_factory: pytest.TempPathFactory, done: Company) -> Company:
    """January was taken back, and February with it; prices are others since."""
    company = Company(tmp_path_factory.mktemp("back") / "company", done.tenants)
    copytree(done.path, company.path)
    company.write("rates", CHEAPER)
    result = company.close("2026-01", TODAY, "--reverse", WHY)
    assert (result.returncode, result.stderr) == (0, "")
    return company


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory, taken_back: Company) -> Company:
    """January is closed again; a cost centre is new in it."""
    company = Company(tmp_path_factory.mktemp("again") / "company", taken_back.tenants)
    copytree(taken_back.path, company.path)
    company.write("rules", RULES.replace("10,Sales,a2", "10,Export,a2"))
    result = company.close("2026-01", TODAY)
    assert (result.returncode, result.stderr) == (0, "")
    return company


@pytest.fixture
def closed(tmp_path: Path, done: Company) -> Iterator[Company]:
    company = Company(tmp_path / "company", done.tenants)
    copytree(done.path, company.path)
    yield company
    rmtree(company.path)


@pytest.fixture
def reopened(tmp_path: Path, taken_back: Company) -> Iterator[Company]:
    company = Company(tmp_path / "company", taken_back.tenants)
    copytree(taken_back.path, company.path)
    yield company
    rmtree(company.path)


def documents(company: Company, where: str) -> list[tuple[object, ...]]:
    return company.ask(
        "select document_name, kind, amount, reverses from issued_statements"
        f" where {where} order by entry"
    )


def test_the_newest_month_is_taken_back_first(taken_back: Company) -> None:
    rows = taken_back.ask(
        "select strftime(month, '%m'), tenant, document_name, amount, reverses, reason,"
        " booked_month from issued_statements where kind = 'credit note' order by entry"
    )

    assert [row[:2] for row in rows] == [
        (month, tenant)
        for month in ("02", "01")
        for tenant in ("beta", "beta", "acme", "acme")
    ]
    assert rows[-2] == (
        "01", "acme", "acme-2026-01-C001 v1", Decimal("-96.5"), "acme-2026-01-001 v1",
        WHY, MARCH,
    )  # fmt: skip


def test_months_are_drafts_again_and_documents_come_to_nothing(
    taken_back: Company,
) -> None:
    statements = taken_back.ask(
        "select statement_number, status, amount from statement where tenant = 'acme'"
        " and cost_center = 'Finance' order by month limit 2"
    )

    assert statements == [
        ("draft", "PROVISIONAL", Decimal("87.2")),
        ("draft", "PROVISIONAL", Decimal("83.6")),
    ]
    assert taken_back.ask(
        "select distinct statement_balance from issued_statements"
    ) == [(0,)]
    assert taken_back.ask("select count(*) from closed_months") == [(0,)]


def test_a_page_says_what_was_taken_back(taken_back: Company) -> None:
    pages = taken_back.path / "data/reports"
    month = (pages / "chargeback-2026-01.html").read_text()
    statements = [
        page.read_text() for page in pages.glob("statement-2026-01-finance-*.html")
    ]

    for page in (month, *statements):
        assert "was reversed on Mar 2, 2026: <bdi>The price was 0.40, &lt;b&gt;" in page
    for name in ("acme-2026-01-C001 v1", "beta-2026-01-C001 v1"):
        assert name in month
        assert [name in page for page in statements].count(True) == 1
    assert "FINAL" not in month


def test_the_next_version_keeps_numbers_and_gives_new_ones(again: Company) -> None:
    """Sales has no statement any more, and its number is nobody else's."""
    assert documents(again, "tenant = 'acme' and month = date '2026-01-01'") == [
        ("acme-2026-01-001 v1", "statement", Decimal("96.5"), None),
        ("acme-2026-01-002 v1", "statement", Decimal(81), None),
        ("acme-2026-01-C001 v1", "credit note", Decimal("-96.5"),
         "acme-2026-01-001 v1"),
        ("acme-2026-01-C002 v1", "credit note", Decimal(-81), "acme-2026-01-002 v1"),
        ("acme-2026-01-003 v2", "statement", Decimal("74.8"), None),
        ("acme-2026-01-001 v2", "statement", Decimal("87.2"), None),
    ]  # fmt: skip
    assert again.ask(
        "select sum(amount) from issued_statements where month = date '2026-01-01'"
    ) == again.ask("select sum(amount) from statement where month = date '2026-01-01'")


def test_version_1_stands_beside_version_2_byte_for_byte(
    done: Company, again: Company
) -> None:
    for path, content in done.files().items():
        if path.name != "register":
            assert (again.path / path.relative_to(done.path)).read_bytes() == content
    second = again.folder("2026-01").with_name("month=2026-01.v2")
    assert (second / "manifest.json").exists()
    register = again.path / "data/closed/register"
    assert register.read_bytes().startswith(
        (done.path / "data/closed/register").read_bytes()
    )


def test_the_page_of_version_2_shows_all_documents_and_their_sum(
    again: Company,
) -> None:
    pages = again.path / "data/reports"
    page = next(pages.glob("statement-2026-01-finance-*.html")).read_text()

    for word in ("FINAL", "acme-2026-01-001 v1", "acme-2026-01-C001 v1"):
        assert word in page
    assert "acme-2026-01-001 v2" in page
    assert "was reversed on" not in page
    assert "acme-2026-01-002 v1" in (pages / "chargeback-2026-01.html").read_text()


def test_months_close_again_in_their_order(reopened: Company) -> None:
    result = reopened.close("2026-02", TODAY)

    assert result.returncode == 4
    assert "2026-01 of acme is still open" in result.stderr
    for month in ("2026-01", "2026-02"):
        assert reopened.close(month, TODAY).returncode == 0
    assert reopened.ask("select distinct statement_version from closed_months") == [
        (2,)
    ]


def test_a_repeat_changes_nothing_and_says_so(reopened: Company) -> None:
    before = reopened.files()

    for month in ("2026-01", "2026-02"):
        result = reopened.close(month, TODAY, "--reverse", "Once more.")
        assert result.returncode == 0
        assert result.stdout == f"{month} is open again already: nothing was changed\n"

    assert reopened.files() == before


def test_version_2_is_taken_back_like_version_1(reopened: Company) -> None:
    assert reopened.close("2026-01", TODAY).returncode == 0
    assert reopened.close("2026-01", TODAY, "--reverse", "Again.").returncode == 0
    reopened.write("rates", RATES)
    assert reopened.close("2026-01", TODAY).returncode == 0

    assert documents(
        reopened, "tenant = 'beta' and month = date '2026-01-01' and cost_center ="
        " 'Sales'"
    ) == [
        ("beta-2026-01-002 v1", "statement", Decimal(31), None),
        ("beta-2026-01-C002 v1", "credit note", Decimal(-31), "beta-2026-01-002 v1"),
        ("beta-2026-01-002 v2", "statement", Decimal("24.8"), None),
        ("beta-2026-01-C004 v1", "credit note", Decimal("-24.8"),
         "beta-2026-01-002 v2"),
        ("beta-2026-01-002 v3", "statement", Decimal(31), None),
    ]  # fmt: skip
    names = {path.name for path in reopened.folder("2026-01").parent.iterdir()}
    assert names >= {"month=2026-01", "month=2026-01.v2", "month=2026-01.v3"}


def test_corrections_of_a_month_lapse_with_it_and_are_booked_again(
    closed: Company,
) -> None:
    """Ten late runs of January, corrected in February, which is then taken back."""
    assert closed.close("2026-02", TODAY, "--reverse", "Late runs.").returncode == 0
    closed.use(date(2026, 1, 9), {"a1": 13})
    assert closed.close("2026-02", TODAY).returncode == 0
    booked = {("2026-02", "2026-01", "Finance", "runs", "usage"): Decimal(5)}
    assert closed.adjustments() == booked
    closed.use(date(2026, 1, 9), {"a1": 23})

    assert closed.close("2026-02", TODAY, "--reverse", "More of them.").returncode == 0

    assert closed.adjustments() == {key: Decimal(10) for key in booked}
    assert closed.close("2026-02", TODAY).returncode == 0
    assert closed.adjustments() == {key: Decimal(10) for key in booked}


def test_one_tenant_that_came_later_stays_closed_before_it_came(
    closed: Company,
) -> None:
    """Only those are taken back who have the month."""
    closed.tenants = ("acme", "beta", "late")
    closed.configure()
    closed.use(date(2026, 2, 3), {"a1": 4}, "late")
    why = ("--accept-incomplete", "It came later.")
    assert closed.close("2026-02", TODAY, *why).returncode == 0

    assert closed.close("2026-01", TODAY, "--reverse", WHY).returncode == 0

    assert closed.ask("select tenant, month from closed_months") == [
        ("late", date(2026, 2, 1))
    ]


@pytest.fixture(scope="module")
def exported(
    taken_back: Company, again: Company, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The files of January while it is open again, and once it is closed again."""
    folders = {}
    for name, company in {"taken_back": taken_back, "again": again}.items():
        out = folders[name] = tmp_path_factory.mktemp(name)
        for form in ("csv", "xlsx", "focus", "journal"):
            command = ["export", "2026-01", "--format", form, "--out", str(out)]
            command += ["--by", "month"] if form == "focus" else []  # as issued
            result = company.chargeback(*command)
            assert (result.returncode, result.stderr) == (0, "")
    return folders


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    file = folder / f"chargeback-2026-01-{name}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def sums(
    rows: list[dict[str, Any]], number: str, version: str, *amounts: str
) -> dict[str, list[Decimal]]:
    """The sums of *amounts* by document; drafts have no number."""
    found: dict[str, list[Decimal]] = {}
    for row in rows:
        name = f"{row[number] or 'draft'} v{row[version]}"
        own = found.setdefault(name, [Decimal(0) for _ in amounts])
        for place, amount in enumerate(amounts):
            own[place] += Decimal(row[amount])
    return found


def issued(company: Company) -> dict[str, Decimal]:
    """What the documents of January come to, by the register; and the drafts."""
    rows = company.ask(
        "select document_name, amount from issued_statements"
        " where month = date '2026-01-01' union all"
        " select 'draft v0', sum(amount) from statement"
        " where month = date '2026-01-01' and not closed having count(*) > 0"
    )
    return dict(rows)


@pytest.fixture(params=["taken_back", "again"])
def world(
    request: pytest.FixtureRequest, exported: dict[str, Path]
) -> tuple[Company, Path]:
    return request.getfixturevalue(request.param), exported[request.param]


@pytest.mark.parametrize("name", ["statement", "statement_lines", "lines"])
def test_csv_files_have_each_document_with_its_amount(
    world: tuple[Company, Path], name: str
) -> None:
    company, folder = world

    found = sums(
        rows_of(folder, name), "statement_number", "statement_version", "amount"
    )

    assert {key: one[0] for key, one in found.items()} == issued(company)


def test_a_credit_note_has_each_line_with_the_other_sign(
    exported: dict[str, Path],
) -> None:
    rows = rows_of(exported["again"], "lines")
    what = ("automation_id", "item", "automation_name", "unit_price", "line")
    figures = ("quantity", "billable_quantity", "gross_amount", "amount")
    kinds: dict[str, list[Any]] = {"REVERSED": [], "CREDIT NOTE": []}
    for row in rows:
        sign = -1 if row["status"] == "CREDIT NOTE" else 1
        line: list[str | Decimal] = [row[name] for name in what]
        line += [sign * Decimal(row[name] or 0) for name in figures]
        kinds.get(row["status"], []).append(line)

    assert kinds["REVERSED"] == kinds["CREDIT NOTE"] != []
    statements = rows_of(exported["again"], "statement")
    assert all(len(row["seal"]) == 12 for row in statements)


def test_a_workbook_has_each_document_and_a_total_of_what_stands(
    again: Company, exported: dict[str, Path]
) -> None:
    book = openpyxl.load_workbook(exported["again"] / "chargeback-2026-01.xlsx")

    for sheet in ("Statement", "Statement lines", "Lines"):
        names, *rows = book[sheet].iter_rows(values_only=True)
        lines = [dict(zip(names, map(str, row), strict=True)) for row in rows]
        documents = [line for line in lines if line["Status"] != "None"]
        found = sums(documents, "Statement number", "Statement version", "Amount")
        assert {key: round(one[0], 2) for key, one in found.items()} == issued(again)
        totals = [line["Amount"] for line in lines if line["Status"] == "None"]
        assert totals == (["162", "62", "224"] if sheet == "Statement" else [])


def test_focus_has_each_document_as_an_invoice_of_its_own(
    world: tuple[Company, Path],
) -> None:
    company, folder = world
    file = folder / "chargeback-2026-01-CostAndUsage.parquet"
    rows = pl.read_parquet(file).to_dicts()
    seals = dict(company.ask("select document_name, left(seal, 12) from"
                             " issued_statements"))  # fmt: skip

    found = sums(
        rows, "x_StatementNumber", "x_StatementVersion", "BilledCost", "EffectiveCost"
    )

    assert found == {key: [one, one] for key, one in issued(company).items()}
    for row in rows:
        name = f"{row['x_StatementNumber']} v{row['x_StatementVersion']}"
        is_open = row["x_Status"] == "PROVISIONAL"
        assert row["InvoiceId"] == (None if is_open else name.removesuffix(" v1"))
        seal = json.loads(row["Tags"] or "{}").get("chargeback/seal")
        assert seal == seals.get(name)
        is_credit = row["x_Status"] == "CREDIT NOTE"
        assert row["ChargeClass"] == ("Correction" if is_credit else None)
        assert row["BillingPeriodStart"].month == row["ChargePeriodStart"].month == 1
        assert (row["x_BookedMonth"] == MARCH) == is_credit
        assert (row["x_Reverses"] is not None) == is_credit


def test_a_credit_note_takes_back_quantities_at_their_price(
    exported: dict[str, Path],
) -> None:
    """Day by day, so that what a resource used and cost is what stands."""
    file = exported["again"] / "chargeback-2026-01-CostAndUsage.parquet"
    frame = pl.read_parquet(file)
    kept = ("BillingAccountId", "SubAccountId", "ResourceId", "ChargePeriodStart",
            "ChargeCategory", "SkuPriceId", "ListUnitPrice", "PricingUnit",
            "x_Part")  # fmt: skip
    figures = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost",
               "ConsumedQuantity", "PricingQuantity")  # fmt: skip

    first = frame.filter(pl.col("x_Status") == "REVERSED")
    credit = frame.filter(pl.col("x_Status") == "CREDIT NOTE")

    assert first.height == 4 + 31 * 2 + 2
    assert first.select(kept).equals(credit.select(kept))
    negative = credit.select(-pl.col(name) for name in figures)
    assert first.select(figures).rows() == negative.rows()
    prices = frame.filter(pl.col("SkuPriceId").is_not_null())
    assert prices.group_by("SkuPriceId").agg(
        pl.col("ListUnitPrice").n_unique()
    )["ListUnitPrice"].to_list() == [1] * prices["SkuPriceId"].n_unique()  # fmt: skip


def test_each_document_of_the_journal_balances(world: tuple[Company, Path]) -> None:
    company, folder = world
    rows = rows_of(folder, "journal")
    expensed = [row for row in rows if row["statement_line"] != "0"]
    key = "document_number", "statement_version"

    books = sums(rows, *key, "debit", "credit")
    debited, credited = (
        {name: one[0] for name, one in sums(expensed, *key, side).items()}
        for side in ("debit", "credit")
    )

    assert all(debit == credit for debit, credit in books.values())
    assert {name: debited[name] - credited[name] for name in debited} == issued(company)


def test_a_credit_note_is_booked_line_by_line_on_the_other_side(
    exported: dict[str, Path],
) -> None:
    rows = rows_of(exported["again"], "journal")
    mine = [row for row in rows if row["document_number"] == "acme-2026-01-C001"]
    reverses = "acme-2026-01-001"

    assert [
        (row["debit"], row["credit"], row["posting_date"], row["posting_text"])
        for row in mine
    ] == [
        ("96.50", "0.00", TODAY, f"Credit note of {reverses} v1: {WHY}"),
        ("0.00", "46.50", TODAY, f"Runs, credit note of {reverses} v1"),
        ("0.00", "50.00", TODAY, f"Licence fee, credit note of {reverses} v1"),
    ]
    assert {row["status"] for row in mine} == {"CREDIT NOTE"}
    first = [
        (row["credit"], row["debit"], row["ledger_account"], row["cost_center"])
        for row in rows
        if (row["document_number"], row["statement_version"]) == (reverses, "1")
    ]
    assert first == [
        (row["debit"], row["credit"], row["ledger_account"], row["cost_center"])
        for row in mine
    ]


def ledger_rows(company: Company, out: Path, *more: str) -> list[dict[str, str]]:
    """The rows of January as SAP imports them."""
    command = ("export", "2026-01", "--format", "journal", "--layout", "sap")
    done = company.chargeback(*command, *more, "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    return read_sap(out)


def read_sap(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


@contextmanager
def another_account(company: Company) -> Iterator[None]:
    """Costs are booked elsewhere from today on."""
    file = company.path / "chargeback.toml"
    before = file.read_text()
    file.write_text(f'{before}expense_account = "7777"\n')
    yield
    file.write_text(before)


def test_a_ledger_books_what_is_closed_its_mirror_and_the_next_version(
    done: Company, taken_back: Company, again: Company, tmp_path: Path
) -> None:
    """Each document is in one file; the mirror is by the ledger of the closed month."""
    first = ledger_rows(done, tmp_path / "first.csv")
    (taken_back.path / "ledger.toml").write_text(LEDGER.replace("100", "101"))
    with another_account(taken_back):
        mirror = ledger_rows(taken_back, tmp_path / "mirror.csv", "--credit-notes")
        drafts = ledger_rows(taken_back, tmp_path / "drafts.csv")
    second = ledger_rows(again, tmp_path / "second.csv")
    booked = "NEWKO", "WRBTR", "KOSTL", "WAERS"
    sides = {"40": "50", "50": "40"}

    assert {row["XBLNR"] for row in first} == {
        f"{tenant}2601-00{number}" for tenant in ("AC", "BE") for number in (1, 2)
    }
    assert {row["XBLNR"] for row in mirror} == {
        f"{tenant}2601-C00{number}" for tenant in ("AC", "BE") for number in (1, 2)
    }
    assert [
        (*(row[name] for name in booked), sides[row["NEWBS"]]) for row in first
    ] == [(*(row[name] for name in booked), row["NEWBS"]) for row in mirror]
    assert {row["BKTXT"] for row in mirror} == {
        f"Reverses {row['XBLNR']}" for row in first
    }
    assert all(row["XBLNR"].startswith("DRAFT2601-") for row in drafts)
    assert {row["NEWKO"] for row in drafts} == {"7777", "1000"}
    assert {"AC2601-001v2", "AC2601-003v2"} <= {row["XBLNR"] for row in second}
    assert {row["KOSTL"] for row in second} == {"100", "300", "900"}


def test_a_closed_month_has_its_ledgers_file_for_ever(
    done: Company, tmp_path: Path
) -> None:
    ledger_rows(done, tmp_path / "first.csv")
    kept = done.folder("2026-01") / "issued/all/journal-sap/chargeback-2026-01-sap.csv"
    (done.path / "ledger.toml").write_text(LEDGER.replace("900", "901"))
    with another_account(done):
        ledger_rows(done, tmp_path / "later.csv")
        own = ledger_rows(done, tmp_path / "own.csv", "--cost-center", "Finance")
    (done.path / "ledger.toml").write_text(LEDGER)
    known = done.chargeback("verify", str(tmp_path / "later.csv"))

    assert (tmp_path / "first.csv").read_bytes() == kept.read_bytes()
    assert (tmp_path / "later.csv").read_bytes() == kept.read_bytes()
    every = read_sap(kept)
    assert own == [one for one in every if one["XBLNR"].endswith("-001")]
    assert (known.returncode, known.stderr) == (0, "")


@pytest.mark.whole
def test_a_month_that_its_ledger_does_not_take_is_not_closed(
    closed: Company,
) -> None:
    (closed.path / "ledger.toml").write_text(LEDGER.replace("Sales", "Retail"))
    before = closed.files()

    result = closed.close("2026-03", "2026-04-10", "--accept-incomplete", "a test")

    assert result.returncode == 2
    assert "cost centre 'Sales': has no code" in result.stderr
    assert closed.files() == before


@pytest.mark.parametrize("form", ["csv", "focus", "journal"])
def test_who_has_no_statement_any_more_has_the_files_of_what_was_reversed(
    again: Company, tmp_path: Path, form: str
) -> None:
    command = ["export", "2026-01", "--format", form, "--cost-center", "Sales"]
    command += ["--by", "month"] if form == "focus" else []  # as issued

    result = again.chargeback(*command, "--out", str(tmp_path))

    assert (result.returncode, result.stderr) == (0, "")
    text = "".join(path.read_text() for path in tmp_path.glob("*.csv"))
    assert "acme-2026-01-C002" in text
    assert "Finance" not in text


def test_pages_mails_and_workbooks_of_a_reversed_month_add_up(
    world: tuple[Company, Path], tmp_path: Path
) -> None:
    company, folder = world
    settings = config.load(company.path / "chargeback.toml", company.env)
    box = Mail(host="localhost", port=1, security="none", sender="it@acme.example",
               recipients=("finance@acme.example",), open_month="weekly",
               cost_centers={"Finance": ("f@acme.example",)})  # fmt: skip
    is_closed = bool(company.ask("select 1 from closed_months"))
    as_of = date(2026, 2 if is_closed else 3, 2)  # the month before is mailed
    run = Run(replace(settings, mail=box), as_of, datetime.now(UTC))

    mail.send(run, tmp_path)

    paths = sorted(tmp_path.iterdir())
    sent = [mail_server.parsed(path.read_bytes()) for path in paths]
    assert len(sent) == 2
    assert ["-C001" in body(one, "plain") for one in sent] == [is_closed] * 2
    assert wrong_mails(sent, 2) == []
    pages = company.path / "data/reports"
    assert wrong_pages(pages, 2) == []
    sheets = workbook((folder / "chargeback-2026-01.xlsx").read_bytes())
    assert [*wrong_statements(sheets["Statement"])] == []
    assert [*wrong_products(sheets["Statement lines"], 2)] == []


def notes(company: Company, number: str) -> list[Path]:
    return sorted((company.path / "data/closed").glob(f"tenant=*/*/{number}/*"))


def test_each_credit_note_is_a_file_that_was_issued(again: Company) -> None:
    """Its figures are those of its statement with the other sign, and it says why."""
    files = notes(again, "acme-2026-01-C001")
    texts = {path.name.rpartition("-")[2]: path.read_bytes() for path in files}
    seal = again.ask("select left(seal, 12) from issued_statements"
                     " where statement_number = 'acme-2026-01-C001'")  # fmt: skip

    result = again.chargeback("verify", *map(str, files))

    assert (result.returncode, result.stderr) == (0, "")
    said = f"acme-2026-01-C001 v1, Finance, 2026-01, -96.50 EUR, on {TODAY}"
    assert result.stdout.count(f"{said}, seal {seal[0][0]}; a credit note of") == len(
        files
    )
    assert len(files) == NOTE_FILES
    (head,) = csv.DictReader(texts["statement.csv"].decode().splitlines())
    assert (head["amount"], head["seal"]) == ("-96.50", seal[0][0])
    lines = csv.DictReader(texts["lines.csv"].decode().splitlines())
    assert sum(Decimal(line["amount"]) for line in lines) == Decimal("-96.50")
    assert WHY in texts["documents.csv"].decode()
    assert "beta" not in texts["documents.csv"].decode()


@pytest.mark.whole
def test_credit_notes_that_an_earlier_version_issued_have_no_files(
    reopened: Company,
) -> None:
    root = reopened.path / "data/closed"
    known = register.read(root / "register", {})
    assert known
    bare = [msgspec.structs.replace(one, files={}) if one.kind == "reversal" else one
            for one in known.entries]  # fmt: skip
    register.write(root / "register", register.Register().extended(bare))
    (reopened.path / "data/state/register.json").unlink()
    for folder in root.glob("tenant=*/reversal=*"):
        rmtree(folder)

    result = reopened.chargeback("verify")

    assert (result.returncode, result.stderr) == (0, "")
    assert reopened.close("2026-01", TODAY).returncode == 0
    assert reopened.close("2026-01", TODAY, "--reverse", "Again.").returncode == 0
    assert len(notes(reopened, "acme-2026-01-C003")) == NOTE_FILES


@pytest.mark.parametrize("change", ["changed", "deleted", "copied", "added"])
def test_a_credit_note_that_is_not_as_it_was_issued_is_named(
    reopened: Company, change: str
) -> None:
    path = notes(reopened, "acme-2026-01-C001")[2]
    if change == "changed":
        path.write_bytes(path.read_bytes() + b" ")
    elif change == "deleted":
        path.unlink()
    elif change == "added":
        path = path.with_name("more.csv")
        path.write_text("x")
    else:
        folder = path.parents[1]
        path = folder.with_name("reversal=2025-01")
        copytree(folder, path)

    result = reopened.chargeback("verify")

    assert result.returncode == 4
    assert str(path.relative_to(reopened.path)) in result.stderr
    assert len(result.stderr.splitlines()) == 2


def test_files_of_a_month_have_its_documents(exported: dict[str, Path]) -> None:
    rows = rows_of(exported["again"], "documents")

    assert len(rows) == 12
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal(224)
    notes = [row for row in rows if row["kind"] == "credit note"]
    assert {row["reason"] for row in notes} == {WHY}
    assert all(len(row["seal"]) == 12 for row in rows)


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["2026-01", "--reverse"], 2, "say why"),
        (["2026-01", "--reverse", ""], 2, "say why"),
        (["2026-01", "--reverse", " \t—"], 2, "say why"),
        (["2026-01", "--reverse", "a\u202eb"], 2, "no control signs"),
        (["2026-01", "--reverse", "long " * 200], 2, "at most"),
        (["2026-01", "without a flag"], 2, "add --reverse"),
        (["2026-01", "--reverse", "x", "--accept-incomplete", "y"], 2, "--reverse"),
        (["2025-12", "--reverse", "x"], 4, "2025-12 is not closed"),
        (["2026-03", "--reverse", "x"], 4, "2026-03 has not ended"),
    ],
)
def test_what_cannot_be_taken_back_is_refused(
    closed: Company, args: list[str], code: int, message: str
) -> None:
    before = closed.files()

    result = closed.close(args[0], TODAY, *args[1:])

    assert result.returncode == code
    assert message in result.stderr
    assert len(result.stderr.splitlines()) <= 2
    assert closed.files() == before


def test_nothing_is_taken_back_while_finance_files_are_wrong(closed: Company) -> None:
    before = closed.files()
    closed.write("rates", RATES.replace("0.5", "half"))

    result = closed.close("2026-01", TODAY, "--reverse", WHY)

    assert result.returncode == 2
    assert "rates.csv, line 2" in result.stderr
    assert closed.files() == before


# What is done last before the kill, and whether the month is taken back then.
MOMENTS = {
    "a credit note is written": ("open", "note.csv", "1", False),
    "the last credit note is written": ("open", "note.csv", "8", False),
    "the register is written": ("open", ".register.partial", "1", False),
    "before it is the register": ("os.rename", ".register.partial", "1", False),
    "before its credit notes": ("os.rename", ".reversal=", "1", True),
    "between the credit notes": ("os.rename", ".reversal=", "3", True),
    "before the head is noted": ("open", ".register.json", "1", True),
    "before the warehouse": ("os.rename", ".warehouse", "1", True),
}


@pytest.mark.endurance
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_takes_back_all_or_nothing(closed: Company, moment: str) -> None:
    event, word, number, is_taken_back = MOMENTS[moment]
    args = ["close", "2026-01", "--reverse", WHY, "--as-of", TODAY, "--quiet"]

    killed = subprocess.run(
        [sys.executable, str(SCRIPT), event, word, number, *args],
        cwd=closed.path,
        env={
            **os.environ,
            **closed.env,
            "PYTHONPATH": str(SCRIPT.parents[2]),
            "SMALL_BUILDS": "yes",
        },
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL, "the moment never came"
    register = (closed.path / "data/closed/register").read_text()
    assert ("credit note" in register) == is_taken_back
    folder = closed.path / "data/closed"
    assert len([*folder.glob("tenant=*/reversal=*")]) <= (4 if is_taken_back else 0)
    assert closed.close("2026-01", TODAY, "--reverse", WHY).returncode == 0
    assert closed.ask("select count(*) from closed_months") == [(0,)]
    assert closed.ask(
        "select count(*) from issued_statements where kind = 'credit note'"
    ) == [(8,)]
    assert len([*folder.glob("tenant=*/reversal=*/**/note.csv")]) == 4
    assert [*folder.rglob(".*")] == []
    assert closed.chargeback("verify").returncode == 0
