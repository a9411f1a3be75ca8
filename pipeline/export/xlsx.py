"""Rows → a workbook of numbers, dates and text, in which text is never a formula."""

import io
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pipeline.errors import ConfigError
from pipeline.export.cells import Formats, RowWriter, formats_of
from pipeline.export.printed import printed
from pipeline.export.scope import Scope, Table
from pipeline.export.summary import add_summary
from pipeline.formats.language import ENGLISH, Language, msgid

# Excel's limit: rows of a sheet.
_MOST_ROWS = 1_048_576
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
_HEAD = 30  # points: two lines
_READABLE = 16  # columns of a printed page
_A4 = 9


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
        formats = formats_of(book, scope.digits)
        add_summary(book, formats, scope)
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
    sheet.set_row(0, _HEAD)
    for number, column in enumerate(table.columns):
        # What to ask is for who works with the file, and nothing to print.
        hidden = {"hidden": column == "trace_query"}
        sheet.set_column(number, number, _width(column), None, hidden)
        title = title_of(column, said)
        sheet.write_string(0, number, title, formats["header", True])
    write = RowWriter(sheet, formats, table.columns)
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
    _set_up_print(sheet, len(table.columns), said)


def title_of(column: str, language: Language = ENGLISH) -> str:
    """What a *column* is called in its sheet."""
    return language.gettext(column.replace("_", " ").capitalize())


def _set_up_print(sheet: Worksheet, columns: int, said: Language) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    is_wide = columns > _READABLE  # on one page nobody could read it
    sheet.fit_to_pages(2 if is_wide else 1, 0)
    sheet.repeat_columns(0, 2 if is_wide else 0)
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


def _width(column: str) -> int:
    return _WIDTHS.get(column.rpartition("_")[2], _WIDTH)
