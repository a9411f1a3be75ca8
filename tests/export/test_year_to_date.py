"""A year's total has all of the year, also who is charged nothing any more."""

import csv
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from shutil import copytree

import duckdb
import pytest

from tools.sums import workbook, wrong_statements
from worlds.closing import JANUARY, Company

FIXED = (
    "item,amount,currency,valid_from,valid_to,split,meter,shares,tenant\n"
    "Licence fee,100,EUR,2026-01,,percent,,Finance=100,acme\n"
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Sales runs in January only; it is April."""
    company = Company(tmp_path_factory.mktemp("year"))
    company.start(JANUARY, fixed=FIXED)
    for n in range(31 + 28 + 31):
        runs = {"a1": 3, "a2": 2} if n < 31 else {"a1": 3}
        company.use(JANUARY + timedelta(n), runs)
    company.build("2026-04-01")
    return company


def exported(company: Company, form: str, month: str, out: Path) -> Path:
    command = ["export", month, "--format", form, "--out", str(out)]
    result = company.chargeback(*command)
    assert (result.returncode, result.stderr) == (0, "")
    return out


def test_who_was_charged_earlier_in_the_year_is_listed_with_it(
    company: Company, tmp_path: Path
) -> None:
    folder = exported(company, "csv", "2026-03", tmp_path)

    with (folder / "chargeback-2026-03-statement.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    (sales,) = (row for row in rows if row["cost_center"] == "Sales")
    assert sales["status"] == "NO STATEMENT"
    assert (sales["amount"], sales["ytd_amount"]) == ("0.00", "31.00")
    assert sales["statement_number"] == sales["prior_amount"] == ""
    charged = company.ask(
        "select sum(amount) from charges where month <= date '2026-03-01'"
    )
    assert [(sum(Decimal(row["ytd_amount"]) for row in rows),)] == charged


@pytest.mark.parametrize(("month", "count"), [("2026-01", 2), ("2026-03", 2)])
def test_the_totals_of_a_workbook_are_of_all_that_it_lists(
    company: Company, tmp_path: Path, month: str, count: int
) -> None:
    content = exported(company, "xlsx", month, tmp_path / "x.xlsx").read_bytes()

    sheet = workbook(content)["Statement"]

    assert [*wrong_statements(sheet)] == []
    *rows, total = sheet
    assert len(rows) == count
    ((charged,),) = company.ask(
        f"select sum(amount) from charges where month <= date '{month}-01'"
    )
    assert total["Year to date"] == charged
    assert total["Whole prior month"] == (None if month == "2026-01" else Decimal(142))


def test_a_new_year_lists_nobody_of_the_one_before(
    company: Company, tmp_path: Path
) -> None:
    copy = copytree(company.path, tmp_path / "copy")
    with duckdb.connect(copy / "data/warehouse.duckdb") as connection:
        connection.execute(
            "update marts.statement set month = date '2025-12-01'"
            " where month < date '2026-03-01' and cost_center = 'Sales'"
        )

    folder = exported(Company(copy), "csv", "2026-03", tmp_path / "out")

    text = (folder / "chargeback-2026-03-statement.csv").read_text()
    assert "Finance" in text
    assert "Sales" not in text
