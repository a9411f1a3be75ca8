"""Rows → a workbook of numbers, dates and text, in which text is never a formula."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pipeline.errors import ConfigError
from pipeline.export.printed import printed
from pipeline.export.scope import Row, Scope, Table, is_money
from pipeline.formats.language import ENGLISH, Language, msgid

Formats = Mapping[tuple[str, bool], Format]

# Excel's limits: rows of a sheet, and UTF-16 units of a cell.
_MOST_ROWS = 1_048_576
_MOST_UNITS = 32_767

# Of a number it keeps 15 digits; a double has no more that are all right.
_MOST_DIGITS = 15
_PRICES = {"unit_price", "exchange_rate", "display_amount"}
_BEYOND = msgid(
    "Amounts of more than 15 digits are text, since Excel would round them: formulas"
    " do not count them. Totals are those of the statements, to the last digit."
)

SHEETS = {
    "statement": msgid("Statement"),
    "statement_lines": msgid("Statement lines"),
    "lines": msgid("Lines"),
    "tie_out": msgid("Tie-out"),
    "documents": msgid("Documents"),
    "notes": msgid("Notes"),
}
_OPTIONS = {
    "constant_memory": True,  # a row at a time, however many there are
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_NUMBERS = {
    "price": "#,##0.00####",
    "exact": "#,##0.000000000",
    "rate": "#,##0.00########",
    "display_0": "#,##0",
    "display_2": "#,##0.00",
    "display_3": "#,##0.000",
    "quantity_6": "#,##0.000000",
    "quantity_4": "#,##0.0000",
    "quantity_3": "#,##0.000",
    "integer": "#,##0",
    "share": "0.00%",
    "date": "yyyy-mm-dd",
    "month": "yyyy-mm",
    "text": "@",
}
_KINDS = {
    "unit_price": "price",
    "exchange_rate": "rate",
    "exact_amount": "exact",
    "rounding_difference": "exact",
    "share_ratio": "share",
    "month": "month",
    "corrects_month": "month",
    "note_month": "month",
}
_WIDTHS = {
    "center": 28,
    "name": 32,
    "item": 28,
    "id": 26,
    "number": 20,
    "query": 40,
    "text": 60,
}
_WIDTH = 15
_A4 = 9

# Characters that XML does not allow or nobody prints, except tabs and line ends.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")


def xlsx_file(scope: Scope) -> dict[str, bytes]:
    """One workbook, with a sheet for each part of the statements of a month.

    Raises:
        ConfigError: There are more lines than a sheet has rows.
    """
    scope.define("charged_before")
    content = io.BytesIO()
    with Workbook(content, _OPTIONS) as book:
        # Fixed, so that the same warehouse gives the same bytes.
        created = datetime.combine(scope.month, time())
        book.set_properties({"title": scope.stem, "created": created})
        formats = _formats(book, scope.digits)
        for part in scope.parts:
            totals = _totals(scope) if part == "statement" else []
            said = scope.language
            sheet = book.add_worksheet(said.gettext(SHEETS[part]))
            table = printed(part, scope.ask_part(part), scope.digits, said)
            write_sheet(sheet, formats, table, totals, said)
    return {f"{scope.stem}.xlsx": content.getvalue()}


def write_sheet(
    sheet: Worksheet,
    formats: Formats,
    table: Table,
    totals: list[Mapping[str, Any]],
    said: Language,
) -> None:
    """Fill *sheet*: a header that does not scroll, the rows, and *totals* below."""
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, _width(column))
        title = title_of(column, said)
        sheet.write_string(0, number, title, formats["header", True])
    write = _RowWriter(sheet, formats, table.columns)
    count = last = 0
    for count, row in enumerate(table.rows, 1):
        if count >= _MOST_ROWS:
            raise ConfigError(
                f"{sheet.name}: more than the {_MOST_ROWS - 1:,} lines that a sheet"
                " has room for\nexport the month with --format csv"
            )
        write(count, row)
    for last, total in enumerate(totals, count + 1):
        write(last, tuple(map(total.get, table.columns)), bold=True)
    if write.beyond:
        note = said.gettext(_BEYOND)
        sheet.write_string(max(count, last) + 2, 0, note, formats["text", False])
    sheet.autofilter(0, 0, count, len(table.columns) - 1)
    sheet.freeze_panes(1, 0)
    _set_up_print(sheet, said)


def title_of(column: str, language: Language = ENGLISH) -> str:
    """What a *column* is called in its sheet."""
    return language.gettext(column.replace("_", " ").capitalize())


def _set_up_print(sheet: Worksheet, said: Language) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    page = said.gettext("Page %(number)s of %(all)s") % {"number": "&P", "all": "&N"}
    sheet.set_footer(f"&L&F, &A&R{page}")


def _totals(scope: Scope) -> list[Mapping[str, Any]]:
    """The rows of sums, with a label in place of the cost centre."""
    totals = scope.ask("statement_totals")
    rows = [dict(zip(totals.columns, row, strict=True)) for row in totals.rows]
    _ = scope.language.gettext
    own, whole = _("Total"), _("Total of all tenants")
    return [row | {"cost_center": own if row["tenant"] else whole} for row in rows]


@dataclass(frozen=True, slots=True)
class _RowWriter:
    """Writes rows of *columns* into *sheet*."""

    sheet: Worksheet
    formats: Formats
    columns: tuple[str, ...]
    beyond: list[str] = field(default_factory=list)  # what is text, as Excel rounds it

    def __call__(self, number: int, row: Row, *, bold: bool = False) -> None:
        """Write *row* as the one of that *number*; empty cells are left out."""
        cells = enumerate(zip(self.columns, row, strict=True))
        for place, (column, value) in cells:
            if value is None:
                continue
            cell = number, place
            shown = self.formats[_kind(column, value), bold]
            if isinstance(value, date):
                moment = datetime.combine(value, time())
                self.sheet.write_datetime(*cell, moment, shown)
            elif isinstance(value, str):
                self.sheet.write_string(*cell, _text(value), shown)
            elif isinstance(value, bool):
                self.sheet.write_boolean(*cell, value, shown)
            elif _is_beyond(column, value):
                self.beyond.append(column)
                self.sheet.write_string(*cell, f"{value:f}", self.formats["text", bold])
            else:
                self.sheet.write_number(*cell, float(value), shown)


def _is_beyond(column: str, value: object) -> bool:
    """Whether *value* is money of more digits than Excel keeps of a number."""
    if not isinstance(value, Decimal) or not (is_money(column) or column in _PRICES):
        return False
    return len(value.normalize().as_tuple().digits) > _MOST_DIGITS


def _kind(column: str, value: object) -> str:
    """The kind of the cell's format; a quantity is shown with the decimals it has."""
    if isinstance(value, str):
        return "text"
    if kind := _KINDS.get(column):
        return kind
    if is_money(column):
        return "money"
    if isinstance(value, date):
        return "date"
    decimals = -int(value.as_tuple().exponent) if isinstance(value, Decimal) else 0
    if column == "display_amount":
        return f"display_{decimals}"
    return f"quantity_{decimals}" if decimals else "integer"


def _text(value: str) -> str:
    """*value* without what Excel cannot hold, cut to its limit."""
    text = _UNPRINTABLE.sub("", value)
    if len(text) > _MOST_UNITS // 2:
        units = text.encode("utf-16-le")[: 2 * _MOST_UNITS]
        text = units.decode("utf-16-le", errors="ignore")  # drops half a character
    # The library takes text between these tags for markup, and does not escape it.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _formats(book: Workbook, digits: int) -> Formats:
    """A format for each kind of cell, plain and bold."""
    decimals = f".{'0' * digits}" if digits else ""
    numbers = _NUMBERS | {"money": f"#,##0{decimals}"}
    formats = {
        (kind, bold): book.add_format({"num_format": shown, "bold": bold})
        for kind, shown in numbers.items()
        for bold in (False, True)
    }
    header = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
    return formats | {("header", True): book.add_format(header)}


def _width(column: str) -> int:
    return _WIDTHS.get(column.rpartition("_")[2], _WIDTH)
