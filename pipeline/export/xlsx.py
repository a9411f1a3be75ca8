"""Rows → a workbook of numbers, dates and text, in which text is never a formula."""

import io
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pipeline.errors import ConfigError
from pipeline.export.cells import LINE, Formats, RowWriter, formats_of, wrapped
from pipeline.export.printed import printed
from pipeline.export.scope import Scope, Table
from pipeline.export.sheets import SHEETS, head_height, in_order, title_of, width
from pipeline.export.summary import add_summary
from pipeline.formats.language import Language, msgid

# Excel's limit: rows of a sheet.
_MOST_ROWS = 1_048_576
_BEYOND = msgid(
    "Amounts of more than 15 digits are text, since Excel would round them: formulas"
    " do not count them. Totals are those of the statements, to the last digit."
)

_OPTIONS = {
    "constant_memory": True,  # a row at a time, however many there are
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
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
            write_sheet(sheet, formats, in_order(part, table), totals, said)
    return {f"{scope.stem}.xlsx": content.getvalue()}


def write_sheet(
    sheet: Worksheet,
    formats: Formats,
    ordered: tuple[Table, int],
    totals: list[Mapping[str, Any]],
    said: Language,
) -> None:
    """Fill *sheet*: a header that does not scroll, the rows, and *totals* below.

    Of the table in order as many columns are printed as is said beside it.
    """
    table, shown = ordered
    titles = [title_of(column, said) for column in table.columns]
    sheet.set_default_row(LINE)
    sheet.set_row(0, head_height(table.columns[:shown], titles))
    for number, (column, title) in enumerate(zip(table.columns, titles, strict=True)):
        # What to ask is for who works with the file, and nothing to print.
        hidden = {"hidden": column == "trace_query"}
        sheet.set_column(number, number, width(column), None, hidden)
        is_text = table.types[number] == "VARCHAR"
        sheet.write_string(0, number, title, formats["header", is_text])
    widths = wrapped(table.columns, width)
    write = RowWriter(sheet, formats, table.columns, widths)
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
    last = max(count, last)
    if write.beyond:
        last += 2
        sheet.write_string(last, 0, said.gettext(_BEYOND), formats["text", False])
    sheet.autofilter(0, 0, count, len(table.columns) - 1)
    sheet.freeze_panes(1, 0)
    _set_up_print(sheet, last, shown, said)


def _set_up_print(sheet: Worksheet, last: int, columns: int, said: Language) -> None:
    """Print so many *columns* on the width of a page, down to the *last* row."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.print_area(0, 0, last, columns - 1)
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
