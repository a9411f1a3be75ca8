"""Pages, mails and workbooks added up again, from the text that a reader sees."""

import io
from collections.abc import Iterator
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import openpyxl

from tools.printed import page_of, rounded, wrong, wrong_lines
from worlds.mail_office import body

Rows = list[dict[str, Any]]


def workbook(content: bytes) -> dict[str, Rows]:
    """The sheets of a workbook, as they are shown."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    sheets: dict[str, Rows] = {}
    for sheet in book.worksheets:
        names, *rows = sheet.iter_rows()
        heads = [cell.value for cell in names]
        sheets[sheet.title] = [
            dict(zip(heads, map(shown, row), strict=True)) for row in rows
        ]
    return sheets


def shown(cell: Any) -> Any:
    """What a spreadsheet shows of a cell: a number with the decimals of its format."""
    if not isinstance(cell.value, int | float) or isinstance(cell.value, bool):
        return cell.value
    decimals = len(cell.number_format.partition(".")[2].rstrip("%"))
    return rounded(Decimal(str(cell.value)), decimals)


def wrong_statements(rows: Rows) -> Iterator[str]:
    """Differences in a row, and sums below the rows: of tenants, then of all."""
    for row in rows:
        for result, whole, part in (
            ("Change to it", "Amount", "Whole prior month"),
            ("Change, like for like", "Amount", "Prior month, like for like"),
            ("Remaining budget", "Budget", "Charged where budgeted"),
        ):
            values = [row[name] for name in (result, whole, part)]
            if None not in values and values[1] - values[2] != values[0]:
                yield f"{row['Cost centre']}: {whole} - {part} is not {values[0]}"
    own = [row for row in rows if not str(row["Cost centre"]).startswith("Total")]
    for total in rows[len(own) :]:
        of = [row for row in own if total["Tenant"] in (None, row["Tenant"])]
        for name in total:
            if isinstance(total[name], Decimal):
                made = sum((row[name] for row in of if row[name]), Decimal(0))
                if made != total[name]:
                    yield f"{total['Cost centre']}: {name} is {made}"


def wrong_pages(pages: Path, digits: int) -> list[str]:
    """What does not add up on pages."""
    return [
        f"{page.name}: {said}"
        for page in sorted(pages.glob("*.html"))
        for said in wrong(page_of(page.read_text(encoding="utf-8")), digits)
    ]


def wrong_mails(sent: list[EmailMessage], digits: int) -> list[str]:
    """What does not add up in mails, as HTML or as text."""
    return [
        f"{message['Subject']}: {said}"
        for message in sent
        for said in (
            *wrong(page_of(body(message, "html")), digits),
            *wrong_lines(body(message, "plain"), digits),
        )
    ]


def wrong_products(rows: Rows, digits: int) -> Iterator[str]:
    """Lines of a sheet whose quantities or amounts are not what their parts give."""
    for row in rows:
        if row["Kind"] != "usage":
            continue
        quantity, included = row["Used"], row["Included"]
        if quantity - included != row["Charged for"]:
            yield f"{row['Meter']}: {quantity} - {included}"
        product = rounded(row["Charged for"] * row["Price"], digits)
        if (product == row["Amount"]) is (row["Rounding"] is not None):
            yield f"{row['Meter']}: {product} is {row['Amount']}, {row['Rounding']}"
