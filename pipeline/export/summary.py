"""The first sheet of a workbook: the statement as it is printed and signed."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

from xlsxwriter.exceptions import UnsupportedImageFormat
from xlsxwriter.format import Format
from xlsxwriter.image import Image
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pipeline.config import Look
from pipeline.export.cells import HEADER, Formats, RowWriter, is_beyond, text_of
from pipeline.export.scope import Scope
from pipeline.export.summary_facts import facts
from pipeline.export.summary_rows import (
    LINES,
    SUM,
    Row,
    disputable_until,
    lines_of,
    month_in,
    rounding_in,
    statements_of,
)
from pipeline.formats.language import Language, msgid
from pipeline.formats.terms import term

NAME = msgid("Summary")

_A4 = 9
_WIDTHS = (40, 14, 18, 15, 14, 14, 15)
# In pixels, the width of the last columns and the height of the first rows.
_LOGO_COLUMNS = 2
_LOGO = (213, 52)
_DPI = 96
_CENTERS = {
    "cost_center": msgid("Cost centre"),
    "cost_center_code": msgid("Code"),
    "statement_number": msgid("Number"),
    "status": msgid("Status"),
    "budget": msgid("Budget"),
    "comparable_change_amount": msgid("Change"),
    "amount": msgid("Amount"),
}


def add_summary(book: Workbook, styles: Formats, scope: Scope) -> None:
    """Add the sheet to *book*: who is charged what, for what, and by whose seal.

    Of one cost centre it has the lines of its statement, of a month its cost centres.
    """
    said = scope.language
    statements = statements_of(scope)
    sheet = book.add_worksheet(said.gettext(NAME))
    page = _Page(book, sheet, styles, said, scope.look)
    page.head(scope, statements)
    if scope.cost_center is None and not scope.document:
        page.table(_CENTERS, statements)
    else:
        page.table(LINES, lines_of(scope))
    page.foot(scope, statements)


@dataclass(slots=True)
class _Page:
    """Writes the sheet from above to below; *row* is the next one."""

    book: Workbook
    sheet: Worksheet
    styles: Formats
    said: Language
    look: Look
    row: int = 0

    def head(self, scope: Scope, statements: Sequence[Row]) -> None:
        """Write whose it is, the amount, and the facts beside it."""
        _ = self.said.gettext
        for column, width in enumerate(_WIDTHS):
            self.sheet.set_column(column, column, width)
        if self.look.mailed_logo:
            self._logo(self.look.mailed_logo.content)
        first = statements[0] if statements else {}
        issuer, contact = scope.connection.execute(
            "select cast(getvariable('export_issuer') as varchar),"
            " cast(getvariable('export_contact') as varchar)"
        ).fetchone() or ("", None)
        center = first.get("cost_center") if scope.cost_center else None
        self._line(scope.language.gettext(issuer), color="#566170")
        self._line(center or _("All cost centres"), height=24, size=16, bold=True)
        month = month_in(scope.month, self.said)
        title = _("Qlik Automate in %(month)s") % {"month": month}
        self._line(f"{title} · {_status(statements)}")
        total = sum((one["amount"] for one in statements), Decimal(0))
        self._amount(total, first.get("currency") or "")
        for label, name, value in facts(statements, self.said):
            self._fact(label, name, value)
        if contact:
            self._fact(_("Contact"), "contact", contact)
        if until := disputable_until(scope, statements):
            self._fact(_("Disputes until"), "dispute_until_date", until)
        self.row += 1

    def table(self, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        """Write *rows* below a head that each printed page repeats, and their sum."""
        _ = self.said.gettext
        self.sheet.repeat_rows(self.row)
        for place, (name, title) in enumerate(columns.items()):
            is_text = name not in _NUMERIC
            header = self._format(
                **HEADER[is_text], bottom=2, bottom_color=self.look.accent
            )
            self.sheet.write_string(self.row, place, _(title), header)
        first = next(iter(columns))
        widths = {first: _WIDTHS[0]}
        write = RowWriter(self.sheet, self.styles, tuple(columns), widths)
        self.row += 1
        for one in rows:
            values = tuple(one[name] for name in columns)
            write(self.row, values, bold=SUM in one)
            self.row += 1
        parts = [one for one in rows if SUM not in one]
        total = dict.fromkeys(columns) | {first: _("Total")}
        for name in _TOTALS & columns.keys():
            known = [one[name] for one in parts if one[name] is not None]
            if len(known) == len(parts):
                total[name] = sum(known, Decimal(0))
        write(self.row, tuple(total.values()), bold=True)
        self.row += 2

    def foot(self, scope: Scope, statements: Sequence[Row]) -> None:
        """Write how it is rounded, and set up the print: one page wide, upright."""
        _ = self.said.gettext
        self._line(_("Amounts before tax; each line of a statement is rounded once."))
        if rounding := rounding_in(scope, statements):
            self._line(rounding)
        number = statements[0]["statement_number"] if len(statements) == 1 else ""
        page = _("Page %(number)s of %(all)s") % {"number": "&P", "all": "&N"}
        sheet = self.sheet
        sheet.set_portrait()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        shown = (number or scope.stem).replace("&", "&&")
        sheet.set_footer(f"&L{shown}&R{page}")
        sheet.print_area(0, 0, self.row, len(_WIDTHS) - 1)

    def _logo(self, content: bytes) -> None:
        """Place the logo in the upper right, as large as there is room for."""
        try:
            picture = Image(BytesIO(content))
        except (UnsupportedImageFormat, struct.error):
            return  # a kind of JPEG, say, that browsers show all the same
        # It has so many pixels of the sheet, by the resolution that its file says.
        width = picture.width * _DPI / picture.x_dpi
        size = min(_LOGO[0] / width, _LOGO[1] / (picture.height * _DPI / picture.y_dpi))
        shown = {
            "x_offset": _LOGO[0] - width * size,
            "x_scale": size,
            "y_scale": size,
            "decorative": True,
        }
        place = len(_WIDTHS) - _LOGO_COLUMNS
        self.sheet.insert_image(0, place, picture, shown)

    def _line(self, text: str, height: int = 15, **shown: Any) -> None:
        self.sheet.set_row(self.row, height)
        style = self._format(**shown)
        self.sheet.write_string(self.row, 0, text_of(text), style)
        self.row += 1

    def _amount(self, amount: Decimal, currency: str) -> None:
        number = f'"{currency}" {self.styles["money", True].num_format}'
        self.sheet.set_row(self.row, 34)
        style = self._format(
            bold=True,
            size=22,
            num_format=number,
            align="left",
            color=self.look.accent,
        )
        if is_beyond("amount", amount):
            self.sheet.write_string(self.row, 0, f"{amount:,f}", style)
        else:
            self.sheet.write_number(self.row, 0, float(amount), style)
        self.row += 2

    def _fact(self, label: str, name: str, value: Any) -> None:
        self.sheet.write_string(self.row, 0, label, self._format(color="#566170"))
        if isinstance(value, Decimal) and not is_beyond(name, value):
            number = self.styles["money", False].num_format
            style = self._format(num_format=number, align="left", indent=1)
            self.sheet.write_number(self.row, 1, float(value), style)
        else:
            shown = text_of(term(f"{value}", self.said))
            self.sheet.write_string(self.row, 1, shown, self.styles["text", False])
        self.row += 1

    def _format(self, **shown: Any) -> Format:
        names = {"size": "font_size", "color": "font_color"}
        return self.book.add_format(
            {names.get(key, key): v for key, v in shown.items()}
        )


def _status(statements: Sequence[Row]) -> str:
    """What all statements are: FINAL only if each is."""
    return ", ".join(dict.fromkeys(str(one["status"]) for one in statements))


_NUMERIC = {
    *("quantity", "included_quantity", "billable_quantity", "unit_price", "amount"),
    *("budget", "comparable_change_amount"),
}
_TOTALS = {"comparable_change_amount", "amount"}
