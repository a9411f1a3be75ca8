"""Statements as CSV and workbook: figures to the cent, names that harm nobody."""

import csv
import io
import json
import zipfile
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape

from pipeline import export, warehouse
from pipeline.errors import CheckError, ConfigError
from pipeline.export import xlsx
from pipeline.export.formulas import inert
from pipeline.export.scope import Table
from pipeline.export.xlsx import write_sheet
from pipeline.formats.language import ENGLISH
from pipeline.resources import resource
from tools.claims import claiming, one_more
from tools.commands import call
from tools.marked import marked
from worlds.export import HOSTILE, LONG, Folder, make_folder

OCTOBER = date(2026, 10, 1)
SUMS = (
    "select tenant, cost_center, sum(amount) from {} where month = date '2026-10-01'"
    " group by all order by all"
)


# What is empty in this world is tried in test_year_to_date.py and in tests/closing.
EMPTY = {"charged_before", "documents", "notes"}
QUESTIONS = sorted(
    path
    for folder in ("exports", "mail")
    for path in (resource("sql") / folder).glob("*.sql")
    if path.stem not in EMPTY
)
DOCS = Path(__file__).parents[2] / "docs"
RUN_HISTORY = "marts.run_history"
# Of a second currency, which this world has none of.
SECOND = ("display_amount", "display_currency", "exchange_rate", "exchange_rate_from")
NUMERIC = ("amount", "quantity", "remaining", "difference")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return make_folder(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def csvs(folder: Folder) -> Path:
    result = folder.export("csv", "csv")

    assert result.returncode == 0, result.stderr
    return folder.path / "csv"


@pytest.fixture(scope="module")
def book(folder: Folder) -> Workbook:
    result = folder.export("xlsx", "october.xlsx")

    assert result.returncode == 0, result.stderr
    return load_workbook(folder.path / "october.xlsx")


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def cells(book: Workbook, sheet: str) -> list[dict[str, Any]]:
    header, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def sums(rows: list[dict[str, Any]], *keys: str) -> list[tuple[Any, ...]]:
    tenant, center, amount = keys or ("tenant", "cost_center", "amount")
    found: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        key = row[tenant], str(row[center]).removeprefix("'")
        found[key] = found.get(key, Decimal(0)) + Decimal(str(row[amount]))
    return sorted((*key, value) for key, value in found.items())


@pytest.mark.parametrize("name", ["statement", "statement_lines", "lines"])
def test_every_csv_file_sums_to_the_statements(
    folder: Folder, csvs: Path, name: str
) -> None:
    rows = rows_of(csvs / f"chargeback-2026-10-{name}.csv")

    assert sums(rows) == folder.ask(SUMS.format("statement"))
    assert sums(rows) == folder.ask(SUMS.format("charges"))


def test_every_charge_is_a_line_with_names_beside_its_ids(
    folder: Folder, csvs: Path
) -> None:
    rows = rows_of(csvs / "chargeback-2026-10-lines.csv")

    ((count,),) = folder.ask(
        "select count(*) from charges where month = date '2026-10-01'"
    )
    assert len(rows) == count
    names = {
        row["automation_id"]: row["automation_name"]
        for row in rows
        if row["tenant"] == "acme"
    }
    assert names["a0"] == f"'{HOSTILE[0]}"
    assert {row["space_name"] for row in rows if row["space_id"] == "s2"} == {
        "'=Elsewhere"
    }
    assert {row["status"] for row in rows} == {"PROVISIONAL"}


def test_csv_is_rfc_4180_in_plain_utf_8_with_cents(csvs: Path) -> None:
    for file in csvs.iterdir():
        content = file.read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        assert content.decode().endswith("\r\n")
    acme = [
        row
        for row in rows_of(csvs / "chargeback-2026-10-statement.csv")
        if row["tenant"] == "acme"
    ]
    # What is of nobody stands behind all cost centres.
    assert acme[-1]["cost_center"] == "Unallocated"
    assert (acme[-1]["amount"], acme[-1]["prior_amount"]) == ("48.42", "34.18")
    lines = rows_of(csvs / "chargeback-2026-10-lines.csv")
    assert {row["unit_price"] for row in lines if row["meter"] == "bandwidth_gb"} == {
        "0.081255"
    }


def test_no_cell_of_a_csv_file_begins_like_a_formula(csvs: Path) -> None:
    for file in csvs.iterdir():
        for row in rows_of(file):
            for column, cell in row.items():
                is_number = column.endswith(NUMERIC)
                assert is_number or not cell.startswith(("=", "+", "-", "@", "\t"))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Finance - EMEA", "Finance - EMEA"),
        ("=1+1", "'=1+1"),
        ("-5", "'-5"),
        ("＝1", "'＝1"),  # noqa: RUF001
        ("a;=1+1", "a;'=1+1"),
        ("a\r\n=1+1", "a\r'\n'=1+1"),
        ("\t=1", "'\t'=1"),
        ('a;"=1+1;', "a;\"'=1+1;"),
        ('a;""@x', 'a;""\'@x'),
        ("a; =1", "a; '=1"),
        (" =1", " '=1"),
        ('"-5"', '"\'-5"'),
        ("\N{SMALL EQUALS SIGN}1", "'\N{SMALL EQUALS SIGN}1"),
        ("a;\N{SMALL COMMERCIAL AT}x", "a;'\N{SMALL COMMERCIAL AT}x"),
        ("it's - fine; really", "it's - fine; really"),
        (Decimal(-5), Decimal(-5)),
    ],
)
def test_text_is_made_inert_wherever_a_cell_may_begin(text: Any, safe: Any) -> None:
    """Where lists have semicolons, a spreadsheet cuts a line of commas at them."""
    assert inert(text) == safe


def test_a_workbook_has_numbers_dates_and_no_formula(
    folder: Folder, book: Workbook
) -> None:
    parts = ["Statement", "Statement lines", "Lines", "Tie-out"]
    assert book.sheetnames == ["Summary", *parts]
    kinds = {
        (column.value, cell.data_type)
        for column, *below in book["Lines"].iter_cols()
        for cell in below
        if cell.value is not None
    }
    assert {kind for _, kind in kinds} == {"s", "n", "d", "b"}
    others = {"Month": "d", "Correction of": "d", "Of no tenant": "b"}
    for column, kind in kinds:
        expected = others.get(column, "s")
        is_number = column in NUMBERS
        assert kind == ("n" if is_number else expected), column
    (line, *_) = cells(book, "Lines")
    assert line["Month"] == datetime(2026, 10, 1)  # noqa: DTZ001 (Excel has no zones)
    with zipfile.ZipFile(folder.path / "october.xlsx") as archive:
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/")]
        for name in sheets:
            content = archive.read(name)
            assert b"<f>" not in content
            assert b"hyperlink" not in content.lower().replace(b"=hyperlink(", b"")


def test_the_first_sheet_prints_as_the_statement(
    folder: Folder, book: Workbook
) -> None:
    """On a page, upright; what is to be asked is hidden, and on no page."""
    folder.export("xlsx", "finance.xlsx", "--cost-center", "CC-100")
    one = load_workbook(folder.path / "finance.xlsx")
    sheet, lines = one["Summary"], one["Statement lines"]
    said = {row[0]: row[1:] for row in sheet.values if row[0]}
    titles = [cell.value for cell in lines[1]]
    asked = get_column_letter(titles.index("Trace query") + 1)
    heads = [row for row in cells(one, "Statement") if row["Statement number"]]

    of_all = {row[0] for row in book["Summary"].values}
    assert "Cost centre code" not in of_all, "each has another one"
    assert {"All cost centres", "Cost centre", "Total"} <= of_all
    assert said["Cost centre code"][0] == "CC-100"
    assert said["Currency"][0] == "EUR"
    assert said["Item"][:4] == ("Unit", "Used", "Included", "Charged for")
    assert said["Total"][-1] == pytest.approx(sum(row["Amount"] for row in heads))
    assert sheet.page_setup.orientation == "portrait"
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows
    assert "Page &P of &N" in sheet.oddFooter.right.text
    assert lines.column_dimensions[asked].hidden


def test_the_first_sheet_says_of_how_many_a_budget_is(book: Workbook) -> None:
    heads = [row for row in cells(book, "Statement") if row["Statement number"]]
    centers = {row["Cost centre"] for row in heads}
    budgets = {
        row["Cost centre"]: row["Budget"] for row in heads if row["Budget"] is not None
    }
    of_some = f" ({len(budgets)} of {len(centers)} cost centres)"
    said = {row[0]: row[1] for row in book["Summary"].values if row[0]}

    assert 0 < len(budgets) < len(centers)
    assert said[f"Budget{of_some}"] == pytest.approx(sum(budgets.values()))
    charged = [row["Charged where budgeted"] or 0 for row in heads]
    assert said[f"Charged where budgeted{of_some}"] == pytest.approx(sum(charged))
    assert said["Year to date"] > 0


def test_the_first_sheet_says_whom_to_ask_and_sums_each_kind_of_line(
    tmp_path: Path,
) -> None:
    folder = make_folder(tmp_path, charge='contact = "Costs, 7"')
    folder.export("xlsx", "finance.xlsx", "--cost-center", "CC-100")
    sheet = load_workbook(folder.path / "finance.xlsx")["Summary"]
    said = {row[0]: row[1:] for row in sheet.values if row[0]}

    assert said["Contact"][0] == "Costs, 7"
    assert said["Days covered"][0] == "31 of 31"
    assert any(str(name).startswith("Licence fee: ") for name in said)
    kinds = ("Usage", "Shared and fixed amounts", "Corrections")
    parts = sum(said[kind][-1] for kind in kinds)
    assert parts == pytest.approx(said["Total"][-1])


NUMBERS = {
    "Statement version",
    "Line",
    "Tier",
    "Used",
    "Included",
    "Charged for",
    "Price",
    "Gross amount",
    "Included amount",
    "Amount",
    "Share",
}


def test_what_is_of_no_tenant_says_so_in_every_form(
    folder: Folder, csvs: Path, book: Workbook
) -> None:
    """The same amount as on the pages: of a fee that no tenant is charged alone."""
    folder.export("focus", "shared", "--by", "month")
    stem = "chargeback-2026-10"
    found = [
        sum(
            Decimal(row["no_tenant_amount"])
            for row in rows_of(csvs / f"{stem}-statement.csv")
        )
    ]
    for name in ("statement_lines", "lines"):
        rows = rows_of(csvs / f"{stem}-{name}.csv")
        found.append(
            sum(
                Decimal(row["amount"])
                for row in rows
                if row["is_of_no_tenant"] == "true"
            )
        )
    for sheet in ("Statement lines", "Lines"):
        rows = cells(book, sheet)
        found.append(
            sum(Decimal(str(row["Amount"])) for row in rows if row["Of no tenant"])
        )
    *_, total = cells(book, "Statement")
    found.append(Decimal(str(total["Amount of no tenant"])))
    rows = rows_of(folder.path / f"shared/{stem}-CostAndUsage.csv")
    found.append(
        sum(
            Decimal(row["BilledCost"])
            for row in rows
            if row["x_IsOfNoTenant"] == "true"
        )
    )

    ((amount,),) = folder.ask(
        "select sum(no_tenant_amount) from statement where month = date '2026-10-01'"
    )
    assert set(found) == {amount}
    assert amount > 0


@pytest.mark.parametrize("sheet", ["Statement", "Statement lines", "Lines"])
def test_every_sheet_sums_to_the_statements(
    folder: Folder, book: Workbook, sheet: str
) -> None:
    rows = [row for row in cells(book, sheet) if row["Month"]]

    found = sums(rows, "Tenant", "Cost centre", "Amount")
    assert found == folder.ask(SUMS.format("statement"))


def test_a_tie_out_is_of_everybody(folder: Folder, csvs: Path, book: Workbook) -> None:
    """In both forms, and not in the statement of one cost centre."""
    (billed,) = folder.ask(
        "select sum(billed_amount) from tie_out where month = date '2026-10-01'"
    )
    alone = folder.export("csv", "alone", "--cost-center", "CC-300 Ops")

    rows = rows_of(csvs / "chargeback-2026-10-tie_out.csv")
    assert sum(Decimal(row["billed_amount"]) for row in rows) == billed[0]
    below = cells(book, "Tie-out")
    assert sum(Decimal(str(row["Billed"])) for row in below) == billed[0]
    assert "tie_out" not in alone.stdout


def test_totals_stand_below_the_statements_as_values(
    folder: Folder, book: Workbook
) -> None:
    totals = [row for row in cells(book, "Statement") if row["Month"] is None]

    ((acme, beta),) = folder.ask(
        "select sum(amount) filter (where tenant = 'acme'),"
        " sum(amount) filter (where tenant = 'beta') from statement"
        " where month = date '2026-10-01'"
    )
    assert [(t["Cost centre"], Decimal(str(t["Amount"]))) for t in totals] == [
        ("Total", acme),
        ("Total", beta),
        ("Total of all tenants", acme + beta),
    ]


def test_a_workbook_is_set_up_to_be_read_and_printed(book: Workbook) -> None:
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (
            1,
            0,
        )
        titles = {
            cell.value for cell in sheet[str(sheet.print_area).rpartition("!")[2]][0]
        }
        assert {"Amount", "Billed"} & titles
        assert not {"Month", "Automation id", "Of no tenant"} & titles
    amount = next(c for c in book["Lines"][1] if c.value == "Amount").column
    price = next(c for c in book["Lines"][1] if c.value == "Price").column
    assert book["Lines"].cell(2, amount).number_format == "#,##0.00"
    assert book["Lines"].cell(2, price).number_format == "#,##0.00####"


def test_names_in_a_workbook_are_text_as_typed_but_printable(book: Workbook) -> None:
    names = {
        row["Automation id"]: row["Automation"]
        for row in cells(book, "Lines")
        if row["Tenant"] == "acme"
    }

    assert [names[f"a{n}"] for n in range(4)] == list(HOSTILE[:4])
    assert names["a4"] == "\tTab\nand newline;=1+1"
    assert names["a5"] == LONG[:32_767]
    assert names["a6"] == HOSTILE[6]
    assert names["a7"] == "<r><t>rich</t></r> "
    assert unescape(names["a8"]) == "bell  _x0041_ & <b>"  # what looks escaped is not


def test_a_statement_says_whose_it_is_and_when_it_was_issued(csvs: Path) -> None:
    rows = rows_of(csvs / "chargeback-2026-10-statement.csv")

    assert rows
    for row in rows:
        assert row["issued_date"] == row["cost_center_owner"] == ""


@pytest.mark.parametrize("form", export.FORMS)
def test_the_same_warehouse_gives_the_same_files(folder: Folder, form: str) -> None:
    with warehouse.read(folder.warehouse) as connection:
        first = export.contents(connection, export.Selection(OCTOBER, form))
        assert export.contents(connection, export.Selection(OCTOBER, form)) == first


def test_every_question_has_the_grain_that_its_header_says(folder: Folder) -> None:
    """In their order, so that what builds on another finds it."""
    with warehouse.read(folder.warehouse) as connection:
        for form in export.FORMS:
            focus = export.Focus(by="day")
            export.contents(connection, export.Selection(OCTOBER, form, focus=focus))
        for path in sorted((resource("sql") / "exports").glob("[!a]*.sql")):
            if path.stem in EMPTY:
                continue
            model = warehouse.parse(path)
            keys = ", ".join(model.grain)
            rows = connection.execute(model.sql).fetchall()
            places = {name: n for n, (name, *_) in enumerate(connection.description)}
            found = {tuple(row[places[key]] for key in model.grain) for row in rows}
            assert len(found) == len(rows) > 0, f"{path.stem}: {keys}"


@pytest.mark.parametrize("cost_center", [None, "CC-300 Ops"])
def test_every_question_conserves_what_its_header_says(
    folder: Folder, cost_center: str | None
) -> None:
    """Also those of the mail: each is at hand as a view, and its claims are proved."""
    with warehouse.read(folder.warehouse) as connection:
        for form in export.FORMS:
            selection = export.Selection(
                OCTOBER, form, cost_center, focus=export.Focus(by="day")
            )
            export.contents(connection, selection)
        connection.execute("set variable mail_month = $1", [OCTOBER])
        connection.execute("set variable mail_cost_center = 'CC-300 Ops'")
        for path in QUESTIONS:
            model = warehouse.parse(path)
            if not model.claims:
                continue
            connection.execute(
                f"create or replace temp view {path.stem} as {model.sql}"
            )
            warehouse.prove_claims(connection, model)
            for claim in model.claims:
                for measure in claim.measures:
                    other = claiming(model, one_more(claim.words, measure))
                    with pytest.raises(CheckError, match="does not conserve"):
                        warehouse.prove_claims(connection, other)


def test_one_cost_centre_gets_its_own_statement_only(folder: Folder) -> None:
    result = folder.export("csv", "one", "--cost-center", "CC-300 Ops")

    files = [Path(line) for line in result.stdout.splitlines()]
    assert [file.name.rpartition("-")[2] for file in files] == [
        "statement.csv",
        "statement_lines.csv",
        "lines.csv",
    ]
    for file in files:
        assert file.name.startswith("chargeback-2026-10-CC-300_Ops-")
        centers = {row["cost_center"] for row in rows_of(folder.path / file)}
        assert centers == {"CC-300 Ops"}


def test_a_workbook_speaks_the_language_of_pages(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sheets, heads and what is no name: here in a language of marked words."""
    spoken, _ = marked()
    monkeypatch.setattr(export, "language", lambda _: spoken)
    with warehouse.read(folder.warehouse) as connection:
        selection = export.Selection(OCTOBER, "xlsx", language="de")
        (content,) = export.contents(connection, selection).values()

    book = load_workbook(io.BytesIO(content))
    said = [sheet.title for sheet in book]
    for sheet in book.worksheets[1:]:
        said += [str(cell.value) for cell in sheet[1]]
        said += [
            str(cell.value)
            for head in ("Status", "Kind", "Unit", "Meter", "Cause")
            for column in sheet.iter_cols(min_row=1)
            if column[0].value == f"⟦{head}⟧"
            for cell in column[1:]
            if cell.value
        ]
    assert len(said) > 100
    assert [one for one in said if not one.startswith("⟦")] == []


def test_no_two_cost_centres_share_a_file_name(folder: Folder) -> None:
    """And none of them is a path."""
    with warehouse.read(folder.warehouse) as connection:
        (name,) = export.contents(
            connection, export.Selection(OCTOBER, "xlsx", '=CC-200 "Sales", EMEA')
        )

    assert name == "chargeback-2026-10-_CC-200_Sales_EMEA-81bd2e13.xlsx"


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "48"), ("KWD", "48.415")])
def test_money_has_the_digits_of_its_currency(
    tmp_path: Path, currency: str, amount: str
) -> None:
    folder = make_folder(tmp_path, currency=currency, small=True)

    folder.export("csv", "csv")
    folder.export("xlsx", "x.xlsx")

    rows = rows_of(tmp_path / "csv" / "chargeback-2026-10-statement.csv")
    (unallocated, *_) = (one for one in rows if one["cost_center"] == "Unallocated")
    assert unallocated["amount"] == amount
    book = load_workbook(tmp_path / "x.xlsx")
    column = next(c for c in book["Statement"][1] if c.value == "Amount").column
    shown = {"JPY": "#,##0", "KWD": "#,##0.000"}[currency]
    assert book["Statement"].cell(2, column).number_format == shown


TOO_MANY = pytest.raises(ConfigError, match=r"the 99 lines.*\n.*--format csv")


@pytest.mark.parametrize(("lines", "ends"), [(99, nullcontext()), (100, TOO_MANY)])
def test_more_lines_than_a_sheet_has_rows_are_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lines: int,
    ends: AbstractContextManager[Any],
) -> None:
    """Here of a sheet of a hundred rows: the real one takes a minute to fill."""
    with xlsxwriter.Workbook(tmp_path / "big.xlsx", {"constant_memory": True}) as book:
        text = book.add_format()
        sheet = book.add_worksheet("Lines")
        formats = {("text", False): text, ("header", True): text}
        table = Table(("kind",), ("VARCHAR",), repeat(("usage",), lines))
        assert sheet.xls_rowmax == xlsx._MOST_ROWS  # noqa: SLF001
        monkeypatch.setattr(xlsx, "_MOST_ROWS", 100)

        with ends:
            write_sheet(sheet, formats, (table, 1), [], ENGLISH)


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("csv", "x", "--cost-center", "None"), 2, "has no statement for 2026-10"),
        (("csv", "chargeback.toml"), 2, "a file; csv needs a folder"),
        (("xlsx", "chargeback.toml/x.xlsx"), 2, "name another place with --out"),
        (("journal", "chargeback.toml"), 2, "chargeback.toml is no place for exports"),
        (("journal", "warehouse.duckdb"), 2, "is no place for exports"),
        (("docx", "x"), 2, "Invalid value for '--format'"),
    ],
)
def test_wrong_usage_says_what_to_do(
    folder: Folder, args: tuple[str, ...], code: int, message: str
) -> None:
    form, out, *more = args

    result = folder.export(form, out, *more)

    assert result.returncode == code
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("month", "message"),
    [
        ("2025-01", "nothing is charged for this month; there is 2026-09 to 2026-11"),
        ("October", "does not match the format"),
    ],
)
def test_a_month_without_statements_is_an_error(
    folder: Folder, month: str, message: str
) -> None:
    result = folder.export("csv", "none", month=month)

    assert result.returncode == 2
    assert message in result.stderr
    assert not (folder.path / "none").exists()


def test_without_a_warehouse_an_export_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "chargeback.toml").write_text(
        '[[tenant]]\nname = "a"\nurl = "https://a.example"\napi_key = "env:KEY"\n'
    )

    result = Folder(tmp_path).export("csv", "x")

    assert result.returncode == 1
    assert "chargeback run" in result.stderr


def test_an_export_replaces_an_earlier_one_and_no_other_file(folder: Folder) -> None:
    """Of another month, form or version of FOCUS; by a link too."""
    out, link = folder.path / "places", folder.path / "link"
    forms = {"csv": "csv", "focus": "csv", "xlsx": "x.xlsx", "journal": "j.csv"}
    for form, name in forms.items():
        for month in ("2026-09", "2026-10")[form == "xlsx" :]:
            result = folder.export(form, str(out / name), month=month)
            assert (result.returncode, result.stderr) == (0, "")
    content = (out / "x.xlsx").read_bytes()
    link.symlink_to(out / "j.csv")
    before = (out / "j.csv").read_bytes()

    wrong = folder.export("xlsx", str(out / "j.csv"))
    other = folder.export("journal", str(out / "x.xlsx"))
    linked = folder.export("journal", str(link), month="2026-09")

    assert (wrong.returncode, other.returncode, linked.returncode) == (2, 2, 0)
    assert "is no such export\nnothing was written" in wrong.stderr
    assert (out / "x.xlsx").read_bytes() == content
    assert link.is_symlink()
    assert (out / "j.csv").read_bytes() != before


def test_a_place_that_cannot_be_written_leaves_nothing_behind(folder: Folder) -> None:
    """One of three files cannot take its place: none does, and none lies beside."""
    out = folder.path / "blocked"
    (out / "chargeback-2026-10-lines.csv").mkdir(parents=True)

    result = folder.export("csv", str(out))

    assert result.returncode == 1
    assert "chargeback-2026-10-lines.csv" in result.stderr
    assert [path.name for path in out.iterdir()] == ["chargeback-2026-10-lines.csv"]


# All columns and types in each version that there was. Who changes one raises VERSION
# in pipeline/export/contract.py, says so in the changelog, and adds a line here; the
# lines that are here stay.
CONTRACTS = {
    "1.0.0": "9d22eb47936c92c6",
    "1.1.0": "5123d81b8257ce3f",
    "2.0.0": "5123d81b8257ce3f",
    "2.1.0": "46fe3822a8bec72b",
    "3.0.0": "46fe3822a8bec72b",
    "3.1.0": "2c7bdd61caa68d52",
    "3.2.0": "ab21c086d136c5fd",
    "4.0.0": "b9c7d6c535252a3f",
}


# What the rows of a file come to, which is what is charged.
AMOUNT_IN = {
    "csv.statement": "sum(amount)",
    "csv.statement_lines": "sum(amount)",
    "csv.lines": "sum(amount)",
    "journal.generic": "sum(debit - credit) filter (where statement_line > 0)",
    "focus-1.2.CostAndUsage": "sum(BilledCost)",
}


@pytest.fixture(scope="module")
def contract(folder: Folder) -> dict[str, Any]:
    done = call(
        "export", "--schema", "--out", "c.json", folder=folder.path, env={"KEY": "x"}
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "c.json\n")
    made: dict[str, Any] = json.loads((folder.path / "c.json").read_text())
    return made


def columns_in(contract: dict[str, Any], name: str) -> dict[str, str]:
    """The columns of a file of the *contract* by name, with DuckDB's types."""
    (found,) = (one for one in contract["schema"] if one["name"] == name)
    return {one["name"]: one["physicalType"] for one in found["properties"]}


def test_a_changed_column_is_another_version_of_the_contract(
    contract: dict[str, Any],
) -> None:
    """It is of the version alone: another world's warehouse gives the same."""
    published = json.loads((DOCS / "data-contract.json").read_text())
    columns = {
        one["name"]: columns_in(published, one["name"]) for one in published["schema"]
    }
    found = sha256(json.dumps(columns).encode()).hexdigest()[:16]
    # This world has no history of runs, which commands keep.
    expected = [one for one in published["schema"] if one["name"] != RUN_HISTORY]

    assert contract["schema"] == expected
    assert CONTRACTS.get(contract["version"]) == found, (
        f"columns of exports changed: raise VERSION in pipeline/export/contract.py, and"
        f" add {found!r} to CONTRACTS"
    )


@pytest.fixture(scope="module")
def written(folder: Folder, csvs: Path) -> dict[str, Path]:
    """A file of each kind by its name in the contract."""
    for form, out, *more in (
        ("focus", "of-contract", "--by", "month"),
        ("journal", "of-contract.csv"),
    ):
        assert folder.export(form, out, *more).returncode == 0
    stem = "chargeback-2026-10"
    focus = folder.path / "of-contract"
    return {
        **{f"csv.{part}": csvs / f"{stem}-{part}.csv"
           for part in ("statement", "statement_lines", "lines")},
        "journal.generic": folder.path / "of-contract.csv",
        "focus-1.2.CostAndUsage": focus / f"{stem}-CostAndUsage.csv",
    }  # fmt: skip


def test_pandas_reads_what_each_cost_centre_is_charged(
    folder: Folder, written: dict[str, Path]
) -> None:
    """It takes amounts for numbers without a schema."""
    pandas = pytest.importorskip("pandas", reason="make spark brings it")
    keys = {
        "journal.generic": ("tenant", "statement_cost_center", "net"),
        "focus-1.2.CostAndUsage": ("BillingAccountId", "x_SubAccountId", "BilledCost"),
    }
    for name, path in written.items():
        frame = pandas.read_csv(path)
        if name == "journal.generic":
            frame = frame[frame["statement_line"] > 0]
            frame = frame.assign(net=frame["debit"] - frame["credit"])
        named = keys.get(name, ("tenant", "cost_center", "amount"))
        assert frame[named[2]].dtype == "float64", name
        found = sums(frame.to_dict("records"), *named)
        assert found == folder.ask(SUMS.format("statement")), name


def test_duckdb_reads_the_types_of_the_contract_and_what_is_charged(
    folder: Folder,
    written: dict[str, Path],
    book: Workbook,
    contract: dict[str, Any],
) -> None:
    charged = folder.ask(
        "select sum(amount) from statement where month = date '2026-10-01'"
    )
    for name, path in written.items():
        columns = columns_in(contract, name)
        header = [one for one in columns if not one.startswith(SECOND)]
        types = {
            one: columns[one].replace("HUGEINT", "DECIMAL(38,0)") for one in header
        }

        with duckdb.connect() as connection:
            connection.execute(
                "create table rows as from read_csv($1, columns = $2, header = true,"
                " strict_mode = true, all_varchar = false)",
                [str(path), types],
            )
            found = connection.execute(f"select {AMOUNT_IN[name]} from rows").fetchall()
        assert found == charged, name
        with path.open(encoding="utf-8", newline="") as lines:
            assert next(csv.reader(lines)) == header, name
    for sheet, part in (("Statement", "statement"), ("Lines", "lines")):
        titles = [cell.value for cell in next(book[sheet].iter_rows())]
        expected = columns_in(contract, f"xlsx.{part}")
        assert titles == [
            one for one in expected if one.lower().replace(" ", "_") not in SECOND
        ]


def test_each_column_of_ours_means_something(contract: dict[str, Any]) -> None:
    """Those of FOCUS, and of ledgers, are explained by who publishes them."""
    said, lacking = set(), []
    for one in contract["schema"]:
        is_ours = one["name"].startswith(("csv.", "xlsx.", "journal.generic", "marts."))
        for column in one["properties"]:
            said.add(column.get("description"))
            if is_ours or column["name"].startswith("x_"):
                lacking += [] if "description" in column else [column["name"]]
    own = warehouse.load_comments(resource("sql")).tables
    written = {
        meaning
        for table, columns in own.items()
        if table.startswith("exports_")
        for meaning in columns.values()
    }

    assert lacking == []
    assert written <= said


def test_the_contract_is_of_all_exports(folder: Folder) -> None:
    done = folder.export("csv", "c.json", "--schema")

    assert done.returncode == 2
    assert "--schema and a month do not go together" in done.stderr
