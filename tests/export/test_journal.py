"""The journal: balanced, a document a statement, on the accounts that are set."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.errors import CheckError
from worlds.export import Folder, make_folder

Row = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = make_folder(tmp_path_factory.mktemp("closed"), closed=True)
    result = folder.export("journal", "journal.csv")
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="module")
def postings(folder: Folder) -> list[Row]:
    return read(folder.path / "journal.csv")


def read(file: Path) -> list[Row]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def test_a_document_balances_and_is_its_statement(
    folder: Folder, postings: list[Row]
) -> None:
    books: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for row in postings:
        debit, credit = Decimal(row["debit"]), Decimal(row["credit"])
        book = books[row["document_number"]]
        net = debit - credit if row["ledger_account"] == "6000" else Decimal(0)
        books[row["document_number"]] = [
            book[0] + debit,
            book[1] + credit,
            book[2] + net,
        ]
        assert min(debit, credit) == 0 < max(debit, credit)
        assert row["posting_date"] == "2026-10-31"

    assert all(debit == credit for debit, credit, _ in books.values())
    assert sorted((name, net) for name, (_, _, net) in books.items()) == folder.ask(
        "select statement_number, amount from statement"
        " where month = date '2026-10-01' order by all"
    )


def test_what_is_less_than_nothing_changes_sides(postings: list[Row]) -> None:
    credited = {
        (row["posting_text"], row["credit"], row["debit"])
        for row in postings
        if row["ledger_account"] == "6000" and row["debit"] == "0.00"
    }

    assert credited == {
        ("'-Goodwill", "7.00", "0.00"),
        ("Runs, correction of acme-2026-09-002: usage", "1.00", "0.00"),
    }


def test_the_ledger_accounts_are_those_configured(tmp_path: Path) -> None:
    keys = 'expense_account = "642000"\nclearing_account = "IC-9"'
    folder = make_folder(tmp_path, charge=keys)

    result = folder.export("journal", ".")

    assert result.stdout == "chargeback-2026-10-journal.csv\n"
    rows = read(tmp_path / "chargeback-2026-10-journal.csv")
    assert {row["ledger_account"] for row in rows} == {"642000", "IC-9"}
    assert {row["status"] for row in rows} == {"PROVISIONAL"}


def test_a_document_that_does_not_balance_is_not_exported(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    with duckdb.connect(folder.warehouse) as connection:
        connection.execute(
            "update marts.statement_lines set amount = amount + 0.01"
            " where cost_center = 'CC-300 Ops'"
        )

    result = folder.export("journal", "out.csv")

    assert result.returncode == CheckError.exit_code
    assert "assert journal balances failed for 2026-10" in result.stderr
    assert not (tmp_path / "out.csv").exists()
