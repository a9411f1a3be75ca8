"""The first sheet of a workbook: the statement as it is printed and signed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pipeline.export.cells import Formats, RowWriter, is_beyond, text_of
from pipeline.export.scope import Scope
from pipeline.export.summary_rows import (
    LINES,
    SUM,
    Row,
    disputable_until,
    lines_of,
    month_in,
    statements_of,
)
from pipeline.formats.language import Language, msgid
from pipeline.formats.terms import term

NAME = msgid("Summary")

_A4 = 9
_WIDTHS = (40, 14, 18, 15, 14, 14, 15)
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
    page = _Page(book, book.add_worksheet(said.gettext(NAME)), styles, said)
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
    row: int = 0

    def head(self, scope: Scope, statements: Sequence[Row]) -> None:
        """Write whose it is, the amount, and the facts beside it."""
        _ = self.said.gettext
        for column, width in enumerate(_WIDTHS):
            self.sheet.set_column(column, column, width)
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
        for label, name, value in _facts(statements, self.said):
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
            header = self.styles["header", name not in _NUMERIC]
            self.sheet.write_string(self.row, place, _(title), header)
        write = RowWriter(self.sheet, self.styles, tuple(columns))
        self.row += 1
        for one in rows:
            values = tuple(one[name] for name in columns)
            write(self.row, values, bold=SUM in one)
            self.row += 1
        total = dict.fromkeys(columns) | {
            next(iter(columns)): _("Total"),
            "amount": sum(
                (one["amount"] for one in rows if SUM not in one), Decimal(0)
            ),
        }
        write(self.row, tuple(total.values()), bold=True)
        self.row += 2

    def foot(self, scope: Scope, statements: Sequence[Row]) -> None:
        """Write how it is rounded, and set up the print: one page wide, upright."""
        _ = self.said.gettext
        self._line(_("Amounts before tax; each line of a statement is rounded once."))
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

    def _line(self, text: str, height: int = 15, **shown: Any) -> None:
        self.sheet.set_row(self.row, height)
        style = self._format(**shown)
        self.sheet.write_string(self.row, 0, text_of(text), style)
        self.row += 1

    def _amount(self, amount: Decimal, currency: str) -> None:
        number = f'"{currency}" {self.styles["money", True].num_format}'
        self.sheet.set_row(self.row, 34)
        style = self._format(bold=True, size=22, num_format=number, align="left")
        if is_beyond("amount", amount):
            self.sheet.write_string(self.row, 0, f"{amount:,f}", style)
        else:
            self.sheet.write_number(self.row, 0, float(amount), style)
        self.row += 2

    def _fact(self, label: str, name: str, value: Any) -> None:
        self.sheet.write_string(self.row, 0, label, self._format(color="#566170"))
        if isinstance(value, Decimal):
            RowWriter(self.sheet, self.styles, ("", name))(self.row, (None, value))
        else:
            shown = text_of(term(f"{value}", self.said))
            self.sheet.write_string(self.row, 1, shown, self.styles["text", False])
        self.row += 1

    def _format(self, **shown: Any) -> Format:
        names = {"size": "font_size", "color": "font_color"}
        return self.book.add_format(
            {names.get(key, key): v for key, v in shown.items()}
        )


def _facts(statements: Sequence[Row], said: Language) -> Iterator[tuple[str, str, Any]]:
    """The label, the column and the value of what stands below the amount.

    A sum says of how many cost centres it is, as a budget that not all have.
    """
    _ = said.gettext
    for name, label in _FACTS.items():
        values = [one[name] for one in statements]
        known = [value for value in values if value is not None]
        if name == "budgeted_amount" and values == [
            one["amount"] for one in statements
        ]:
            continue  # all have a budget
        if known and name in _SUMS:
            some, every = _counted(statements, name)
            of_some = {"what": _(label), "some": some, "all": every}
            words = _("%(what)s (%(some)s of %(all)s cost centres)") % of_some
            yield _(label) if some == every else words, name, sum(known, Decimal(0))
        elif known and len(set(values)) == 1:  # it is so of all
            yield _(label), name, known[0]


def _counted(statements: Sequence[Row], name: str) -> tuple[int, int]:
    """How many cost centres have a value of column *name*, and how many there are.

    A budget is of a cost centre, and stands on one of its statements.
    """
    known = {one["cost_center"] for one in statements if one[name] is not None}
    unknown = {one["cost_center"] for one in statements if one[name] is None}
    every = known | unknown
    is_of_one = name.startswith("budget")
    return len(known if is_of_one else known - unknown), len(every)


def _status(statements: Sequence[Row]) -> str:
    """What all statements are: FINAL only if each is."""
    return ", ".join(dict.fromkeys(str(one["status"]) for one in statements))


_NUMERIC = {
    *("quantity", "included_quantity", "billable_quantity", "unit_price", "amount"),
    *("budget", "comparable_change_amount"),
}
_SUMS = {
    "comparable_prior_amount",
    "comparable_change_amount",
    "budget",
    "budgeted_amount",
    "budget_remaining",
    "ytd_amount",
}
_FACTS = {
    "statement_number": msgid("Number"),
    "statement_version": msgid("Version"),
    "seal": msgid("Seal"),
    "issued_date": msgid("Issued"),
    "cost_center_code": msgid("Cost centre code"),
    "cost_center_owner": msgid("Owner"),
    "tenant": msgid("Tenant"),
    "period": msgid("Days covered"),
    "currency": msgid("Currency"),
    "comparable_prior_amount": msgid("Prior month"),
    "comparable_change_amount": msgid("Change"),
    "budget": msgid("Budget"),
    "budgeted_amount": msgid("Charged where budgeted"),
    "budget_remaining": msgid("Remaining budget"),
    "ytd_amount": msgid("Year to date"),
}
