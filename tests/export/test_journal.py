"""The journal, in the general layout and as ledgers import it, balanced and booked.

DuckDB and csv read the files back; sums are those of the statements, to the cent.
"""

import csv
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.errors import CheckError, ConfigError
from worlds.export import LEDGER, Folder, make_folder

LAYOUTS = ("sap", "datev", "dynamics", "netsuite")

# What DATEV prints of each field: developer.datev.de, DATEV-Format.
HEAD = {
    1: r'"EXTF"', 2: "700", 3: "21", 4: '"Buchungsstapel"', 5: "13",
    6: r"20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d[0-5]\d{4}",
    7: "", 8: r'"\w{0,2}"', 9: r'"\w{0,25}"', 10: r'"\w{0,25}"', 11: r"\d{4,7}",
    12: r"\d{1,5}", 13: r"20\d{6}", 14: "[4-8]", 15: r"20\d{6}", 16: r"20\d{6}",
    17: r'"[\w./ ]{0,30}"', 18: r'"([A-Z]{2})?"', 19: "[12]", 20: "0|30|40|50|64",
    21: "[01]", 22: r'"[A-Z]{3}"', 23: "", 24: '""', 25: "", 26: "", 27: r'"(\d\d)?"',
    28: r"\d{0,4}", 29: "", 30: '""', 31: r'".{0,16}"',
}  # fmt: skip
FIELDS = {
    1: r"(?!0{1,10},00)\d{1,10},\d\d", 2: '"[SH]"', 3: r'"[A-Z]{3}"',
    7: r"(?!0+$)\d{1,9}", 8: r"(?!0+$)\d{1,9}", 9: r'"(\d{4})?"', 10: r"\d{4}",
    11: r'"[\w$&%*+\-/]{0,36}"', 14: r'".{0,60}"', 37: r'"[\w ]{0,36}"', 114: "[01]",
}  # fmt: skip

Row = dict[str, Any]

# (document, account, cost centre) of each posting, and what is debited less credited.
Booked = dict[tuple[str, str, str], Decimal]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    path = tmp_path_factory.mktemp("ledgers")
    (path / "ledger.toml").write_text(LEDGER)
    made = make_folder(path, closed=True, charge='ledger = "ledger.toml"')
    for layout in ("generic", *LAYOUTS):
        done = made.export("journal", f"{layout}.csv", "--layout", layout)
        assert (done.returncode, done.stderr) == (0, "")
    return made


def read(path: Path, **more: str) -> list[dict[str, str]]:
    """The rows as DuckDB reads them, all of them text."""
    options = "".join(f", {name} = {value}" for name, value in more.items())
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"from read_csv('{path}', header = true, all_varchar = true,"
            f" strict_mode = true, null_padding = false{options})"
        )
        names = [column[0] for column in rows.description or []]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def booked(layout: str, path: Path) -> Booked:
    found: Booked = defaultdict(Decimal)
    if layout == "datev":
        for row in read(path, delim="';'", encoding="'latin-1'", skip="1"):
            amount = Decimal(row["Umsatz (ohne Soll/Haben-Kz)"].replace(",", "."))
            sign = 1 if row["Soll/Haben-Kennzeichen"] == "S" else -1
            number, center = row["Belegfeld 1"], row["KOST1 - Kostenstelle"]
            found[number, row["Konto"], center] += sign * amount
            transfer = row["Gegenkonto (ohne BU-Schlüssel)"]
            found[number, transfer, ""] -= sign * amount
        return found
    for row in read(path):
        if layout == "sap":
            sign = {"40": 1, "50": -1}[row["NEWBS"]]
            key = row["XBLNR"], row["NEWKO"], row["KOSTL"]
            found[key] += sign * Decimal(row["WRBTR"])
        elif layout == "dynamics":
            account, center, _ = row["ACCOUNTDISPLAYVALUE"].split("-")
            amount = Decimal(row["DEBITAMOUNT"]) - Decimal(row["CREDITAMOUNT"])
            found[row["VOUCHER"], account, center] += amount
        else:
            amount = Decimal(row["Debit"] or 0) - Decimal(row["Credit"] or 0)
            found[row["External ID"], row["Account"], row["Department"]] += amount
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_document_balances_and_is_its_statement(
    folder: Folder, layout: str
) -> None:
    found = booked(layout, folder.path / f"{layout}.csv")
    sums: dict[str, Decimal] = defaultdict(Decimal)
    charged: dict[str, Decimal] = defaultdict(Decimal)
    for (number, account, _), amount in found.items():
        sums[number] += amount
        charged[number] += amount if account.startswith("6") else 0
    statements = folder.ask(
        "select upper(tenant[:2]) || '2610-' || statement_number[-3:], amount"
        " from statement where month = date '2026-10-01' and amount != 0 order by all"
    )

    assert set(sums.values()) == {Decimal(0)}
    assert sorted(charged.items()) == statements


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_sender_is_credited_and_each_cost_centre_has_its_code(
    folder: Folder, layout: str
) -> None:
    found = booked(layout, folder.path / f"{layout}.csv")
    accounts = {(account, center) for (_, account, center), _ in found.items()}
    transfer = {("1590", "")} if layout == "datev" else set()

    assert accounts - transfer == {
        *(("8990", "900"), ("6999", "999")),
        *(
            (account, one)
            for one in ("100", "200", "300")
            for account in ("6815", "6816")
        ),
    }
    assert not transfer or not any(
        amount for (_, account, _), amount in found.items() if account == "1590"
    )


def test_the_general_layout_says_who_is_credited_and_the_codes(folder: Folder) -> None:
    rows = read(folder.path / "generic.csv")
    sums = {
        (row["ledger_account"], row["cost_center"], row["cost_center_code"])
        for row in rows
        if row["statement_line"] == "0"
    }
    lines = {
        (row["cost_center"], row["cost_center_code"])
        for row in rows
        if row["statement_line"] != "0"
    }
    texts = {row["posting_text"] for row in rows}

    assert sums == {("8990", "900", "900")}
    assert ("CC-300 Ops", "300") in lines
    assert ("999", "999") in lines  # what is unallocated
    assert {"Bandwidth", "Runs, tier 2", "Unallocated: Bandwidth"} <= texts
    assert {row["company_code"] for row in rows} == {"1000"}
    assert {(row["document_type"], row["posting_key"]) for row in rows} == {
        ("SA", "40"),
        ("SA", "50"),
    }


def test_datev_has_each_field_as_it_is_published(folder: Folder) -> None:
    text = (folder.path / "datev.csv").read_bytes().decode("cp1252")
    head, names, *rows = text.removesuffix("\r\n").split("\r\n")

    assert len(names.split(";")) == 125
    found = head.split(";")
    assert len(found) == len(HEAD)
    for number, pattern in HEAD.items():
        assert re.fullmatch(pattern, found[number - 1]), (number, found[number - 1])
    for row in rows:
        fields = re.findall(r'(?:^|;)("(?:[^"]|"")*"|[^;"]*)', row)
        assert len(fields) == 125
        for number, value in enumerate(fields, 1):
            pattern = FIELDS.get(number, '(?:"")?')  # empty, as a text too
            assert re.fullmatch(pattern, value), (number, value)
        assert date(2026, 10, 1) <= date(2026, int(fields[9][2:]), int(fields[9][:2]))


def test_texts_are_no_formulas_and_no_longer_than_the_ledger_takes(
    folder: Folder,
) -> None:
    longest = {"sap": ("SGTXT", 50), "dynamics": ("TEXT", 60), "datev": ("", 60)}
    for layout, (column, most) in longest.items():
        name = column or "Buchungstext"
        more = {"delim": "';'", "encoding": "'latin-1'", "skip": "1"}
        rows = read(
            folder.path / f"{layout}.csv", **(more if layout == "datev" else {})
        )
        texts = {row[name] for row in rows}

        assert "'-Goodwill" in texts
        assert max(map(len, texts)) <= most


# What is left out of, or put into, the ledger's file; the layout; what is said then.
REFUSED = [
    (("[sap]", ""), "sap", "there is no [sap] in the ledger's file\nname one as"),
    (
        ('\'=CC-200 "Sales", EMEA\' = "200"', ""),
        "sap",
        "EMEA': has no code\nwrite one into [cost_centers]",
    ),
    (
        ('"CC-300 Ops" = "300"', '"CC-300 Ops" = "A-12345678901"'),
        "sap",
        "the code 'A-12345678901' of cost centre 'CC-300 Ops': expected 10 signs",
    ),
    (
        ('"CC-300 Ops" = "300"', '"CC-300 Ops" = "CC-300"'),
        "datev",
        "the code 'CC-300' of cost centre 'CC-300 Ops': expected letters, digits, _",
    ),
    (
        ('"CC-300 Ops" = "300"', '"CC-300 Ops" = "CC-300"'),
        "dynamics",
        "expected 30 signs at most, none of them of '{account}-{cost_center}-'",
    ),
    (
        (LEDGER[LEDGER.index("[unallocated]") : LEDGER.index("[sap]")], ""),
        "netsuite",
        "'Unallocated': has no account and cost centre\nname both in [unallocated]",
    ),
    (
        ('sending_cost_center = "900"', ""),
        "sap",
        "the cost centre that is credited: there is none\nset sending_cost_center",
    ),
    (
        ('company_code = "1000"', ""),
        "sap",
        "company_code: expected 4 signs, there is none\nset company_code",
    ),
    (
        ('"6815"', '"68150"'),
        "datev",
        "account: expected 4 digits at most, found '68150'",
    ),
    (
        ("[cost_centers]", f'[descriptions]\nruns = "{"R" * 43}"\n[cost_centers]'),
        "sap",
        " has 51 signs, the ledger takes 50\nname a text for 'runs' in [descriptions]",
    ),
    (
        ("[cost_centers]", '[descriptions]\nruns = "/Runs"\n[cost_centers]'),
        "sap",
        " begins with '/'\nname a text for 'runs' in [descriptions]",
    ),
    (
        ("[cost_centers]", '[descriptions]\nruns = "ריצות"\n[cost_centers]'),
        "datev",
        "which the ledger refuses\nname a text for 'runs' in [descriptions]",
    ),
]


@pytest.mark.parametrize(("change", "layout", "said"), REFUSED)
def test_what_a_ledger_does_not_take_is_refused_with_what_to_add(
    folder: Folder, change: tuple[str, str], layout: str, said: str
) -> None:
    other = folder.path / "other"
    other.mkdir(exist_ok=True)
    (other / "out.csv").unlink(missing_ok=True)
    config = (folder.path / "chargeback.toml").read_text()
    (other / "chargeback.toml").write_text(config.replace('"."', '".."'))
    (other / "ledger.toml").write_text(LEDGER.replace(*change))

    result = Folder(other).export("journal", "out.csv", "--layout", layout)

    assert result.returncode == ConfigError.exit_code
    what, remedy = said.split("\n") if "\n" in said else (said, "")
    first, second = result.stderr.splitlines()
    assert what in first, first
    assert second.startswith(remedy), second
    assert not (other / "out.csv").exists()


SUMMED = (
    "update marts.statement set amount = (select sum(amount) from marts.statement_lines"
    " as lines where (tenant, month, cost_center) = (statement.tenant, statement.month,"
    " statement.cost_center)) where month = date '2026-10-01'"
)
MANY = (
    "insert into marts.statement_lines by name select * exclude (number)"
    " replace (position + 100 * number as position) from marts.statement_lines,"
    " range(1, 10001) as numbers (number) where cost_center = 'CC-300 Ops'"
    " and tenant = 'acme' and month = date '2026-10-01' and position = 1"
)
HUGE = "update marts.statement_lines set amount = 1e11 where item = 'Licence fee'"

# What is done to the warehouse; the layout; what is said of it.
TOO_MUCH = [
    ((MANY, SUMMED), "sap", ": 100.. lines, the ledger takes 999\n"),
    ((MANY, SUMMED), "netsuite", ": 100.. lines, the ledger takes 10000"),
    (
        (HUGE, SUMMED),
        "sap",
        r"the amount 1\d{11}\.\d+: the ledger takes 11 digits before",
    ),
    (
        (HUGE, SUMMED),
        "datev",
        r"the amount 1\d{11}\.\d+: the ledger takes 10 digits before",
    ),
    (
        (HUGE, SUMMED),
        "netsuite",
        r"the amount 1\d{11}\.\d+: the ledger takes 10 digits before",
    ),
    (
        ("update marts.statement set statement_number = 'x' || statement_number",),
        "sap",
        r"document xacme-2026-10-\w+: the ledger takes numbers of 16 signs; ",
    ),
    (
        ("update marts.statement set statement_number = 'ü' || statement_number",),
        "netsuite",
        r"document üacme-2026-10-\w+: the ledger takes no 'ü' in numbers; ",
    ),
]


@pytest.mark.parametrize(("changes", "layout", "said"), TOO_MUCH)
def test_documents_of_more_than_a_ledger_takes_are_refused(
    tmp_path: Path, changes: tuple[str, ...], layout: str, said: str
) -> None:
    start, end = LEDGER.index("[tenants]"), LEDGER.index("[unallocated]")
    (tmp_path / "ledger.toml").write_text(LEDGER[:start] + LEDGER[end:])
    made = make_folder(tmp_path, closed=True, charge='ledger = "ledger.toml"')
    with duckdb.connect(made.warehouse) as connection:
        for change in changes:
            connection.execute(change)

    result = made.export("journal", "out.csv", "--layout", layout)

    assert result.returncode == ConfigError.exit_code, result.stderr
    assert re.search(said, result.stderr), result.stderr
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sap]\ndebit = 1\n", "ledger.toml, line 2: sap.debit: unknown key"),
        ("\n[datev]\nclient = 1\n", "line 2: datev.consultant: required, not set"),
        (
            '[tenants]\nacme = "AC"\nbeta = "AC"\n',
            "line 2: tenants.acme: 'AC' is another tenant's too",
        ),
        (
            'company_code = "=1"\n',
            'line 1: company_code: expected a code like "IT-900"',
        ),
    ],
)
def test_a_file_that_is_wrong_is_said_with_its_line(
    folder: Folder, text: str, said: str
) -> None:
    other = folder.path / "wrong"
    other.mkdir(exist_ok=True)
    config = (folder.path / "chargeback.toml").read_text()
    (other / "chargeback.toml").write_text(config.replace('"."', '".."'))
    (other / "ledger.toml").write_text(text)

    result = Folder(other).export("journal", "out.csv", "--layout", "sap")

    assert (result.returncode, said in result.stderr) == (2, True), result.stderr


def test_drafts_are_called_so_and_numbered(tmp_path: Path) -> None:
    (tmp_path / "ledger.toml").write_text(LEDGER)
    made = make_folder(tmp_path, charge='ledger = "ledger.toml"')

    done = made.export("journal", "sap.csv", "--layout", "sap")

    assert (done.returncode, done.stderr) == (0, "")
    numbers = {row["XBLNR"] for row in read(tmp_path / "sap.csv")}
    assert numbers == {
        f"DRAFT2610-{number:03}" for number in range(1, len(numbers) + 1)
    }


@pytest.fixture(scope="module")
def postings(folder: Folder) -> list[Row]:
    return read_rows(folder.path / "generic.csv")


def read_rows(file: Path) -> list[Row]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def test_a_document_of_the_general_layout_is_its_statement(
    folder: Folder, postings: list[Row]
) -> None:
    books: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for row in postings:
        debit, credit = Decimal(row["debit"]), Decimal(row["credit"])
        book = books[row["document_number"]]
        net = debit - credit if row["ledger_account"][0] == "6" else Decimal(0)
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
        if row["ledger_account"][0] == "6" and row["debit"] == "0.00"
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
    rows = read_rows(tmp_path / "chargeback-2026-10-journal.csv")
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
