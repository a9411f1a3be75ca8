"""Files of statements in a second currency: both amounts, the rate and its day."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook

from worlds.export import Folder, make_folder

pytestmark = pytest.mark.slow

DISPLAY = ["display_amount", "display_currency", "exchange_rate", "exchange_rate_from"]


@pytest.fixture(scope="module", params=["JPY", "USD"])
def folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Folder:
    """Two tenants in EUR; corrections, which come by hand, are worth nothing in it."""
    path = tmp_path_factory.mktemp(request.param)
    made = make_folder(path, hostile=False, display=request.param)
    with duckdb.connect(made.warehouse) as connection:
        connection.execute(
            "update marts.statement_lines set display_amount = 0,"
            " display_currency = $1 where position = 99",
            [request.param],
        )
    return made


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def digits(folder: Folder) -> int:
    return 0 if folder.path.name.startswith("JPY") else 2


def test_csv_files_have_both_amounts_and_the_rate(folder: Folder) -> None:
    folder.export("csv", "out")

    heads = rows_of(folder.path / "out/chargeback-2026-10-statement.csv")
    lines = rows_of(folder.path / "out/chargeback-2026-10-statement_lines.csv")
    assert list(heads[0])[-4:] == DISPLAY
    assert list(lines[0])[-2:] == DISPLAY[:2]
    rates = {(one["exchange_rate"], one["exchange_rate_from"]) for one in heads}
    assert rates == {("1.0845700000", "2026-10-01")}
    for head in heads:
        shown = [
            Decimal(line["display_amount"])
            for line in lines
            if (line["tenant"], line["cost_center"])
            == (head["tenant"], head["cost_center"])
        ]
        assert sum(shown) == Decimal(head["display_amount"])
        decimals = head["display_amount"].partition(".")[2]
        assert len(decimals) == digits(folder)


def test_a_workbook_has_them_as_numbers_and_their_sums(folder: Folder) -> None:
    folder.export("xlsx", "october.xlsx")

    sheet = load_workbook(folder.path / "october.xlsx")["Statement"]
    header, *rows = sheet.iter_rows()
    titles = [cell.value for cell in header]
    place, rate = titles.index("Display amount"), titles.index("Exchange rate")
    heads = [row for row in rows if row[titles.index("Month")].value]
    *_, total = rows
    formats = {row[place].number_format for row in heads}
    assert formats == {"#,##0" if digits(folder) == 0 else "#,##0.00"}
    assert total[0].value == "Total of all tenants"
    assert decimal(total[place]) == sum(decimal(row[place]) for row in heads)
    assert {row[rate].number_format for row in heads} == {"#,##0.00########"}


def decimal(cell: Any) -> Decimal:
    return Decimal(str(cell.value))


def test_without_it_files_have_no_such_columns(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, hostile=False)

    folder.export("csv", "out")
    folder.export("xlsx", "october.xlsx")

    for name in ("statement", "statement_lines"):
        (first, *_) = rows_of(tmp_path / f"out/chargeback-2026-10-{name}.csv")
        assert not {*DISPLAY} & first.keys()
    book = load_workbook(tmp_path / "october.xlsx")
    for sheet in ("Statement", "Statement lines"):
        header = [cell.value for cell in next(book[sheet].iter_rows())]
        assert not {"Display amount", "Exchange rate"} & {*header}


def test_files_for_the_ledger_stay_in_the_charged_currency(folder: Folder) -> None:
    folder.export("focus", "focus")
    folder.export("journal", "journal.csv")

    rows = rows_of(folder.path / "focus/chargeback-2026-10-CostAndUsage.csv")
    assert {row["BillingCurrency"] for row in rows} == {"EUR"}
    postings = rows_of(folder.path / "journal.csv")
    assert {row["currency"] for row in postings} == {"EUR"}


def test_amounts_of_more_than_fifteen_digits_are_text(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, hostile=False, display="USD")
    with duckdb.connect(folder.warehouse) as connection:
        connection.execute(
            "update marts.statement set display_amount = 12345678901234567.89"
        )

    folder.export("xlsx", "october.xlsx")

    sheet = load_workbook(tmp_path / "october.xlsx")["Statement"]
    header, first, *_ = sheet.iter_rows(values_only=True)
    assert first[header.index("Display amount")] == "12345678901234567.89"
