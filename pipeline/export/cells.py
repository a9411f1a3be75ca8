"""The cells of a workbook: numbers, dates, and text that is never a formula."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from math import ceil

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pipeline.export.scope import Row, is_money

Formats = Mapping[tuple[str, bool], Format]

# Excel's limit of a cell, in UTF-16 units.
_MOST_UNITS = 32_767

# Of a number it keeps 15 digits; a double has no more that are all right.
_MOST_DIGITS = 15
_PRICES = {"unit_price", "exchange_rate", "display_amount"}
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
    "names": "@",
}
# In points; a name has so many lines at most.
LINE = 16
_MOST_LINES = 8

# Names are wrapped, so that all of one can be read.
_NAMES = {
    *("cost_center", "automation_name", "owner_name", "space_name", "item"),
    *("reason", "author", "note_text", "driver", "cause"),
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

# Text stands apart from the number beside it.
_TEXT = {"align": "left", "indent": 1}

_HEADER = {"bold": True, "text_wrap": True, "valign": "top"}
# Heads of columns of text, and of others.
HEADER = {True: {**_HEADER, **_TEXT}, False: {**_HEADER, "align": "right"}}

# Characters that XML does not allow or nobody prints, except tabs and line ends.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class RowWriter:
    """Writes rows of *columns* into *sheet*."""

    sheet: Worksheet
    formats: Formats
    columns: tuple[str, ...]
    widths: Mapping[str, int] = field(default_factory=dict)  # of what is wrapped
    beyond: list[str] = field(default_factory=list)  # what is text, as Excel rounds it

    def __call__(self, number: int, row: Row, *, bold: bool = False) -> None:
        """Write *row* as the one of that *number*; empty cells are left out."""
        if (lines := self._lines(row)) > 1:
            self.sheet.set_row(number, LINE * lines)
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
                self.sheet.write_string(*cell, text_of(value), shown)
            elif isinstance(value, bool):
                self.sheet.write_boolean(*cell, value, shown)
            elif is_beyond(column, value):
                self.beyond.append(column)
                self.sheet.write_string(*cell, f"{value:f}", self.formats["text", bold])
            else:
                self.sheet.write_number(*cell, float(value), shown)

    def _lines(self, row: Row) -> int:
        """How many lines the longest name takes: no program finds out by itself."""
        named = zip(self.columns, row, strict=True)
        lengths = (
            len(value) / self.widths[column]
            for column, value in named
            if column in self.widths and isinstance(value, str)
        )
        return min(ceil(max(lengths, default=1)), _MOST_LINES)


def wrapped(columns: Iterable[str], width: Callable[[str], int]) -> Mapping[str, int]:
    """Those of *columns* whose text is wrapped, each with its *width*."""
    return {name: width(name) for name in columns if name in _NAMES}


def is_beyond(column: str, value: object) -> bool:
    """Whether *value* is money of more digits than Excel keeps of a number."""
    if not isinstance(value, Decimal) or not (is_money(column) or column in _PRICES):
        return False
    return len(value.normalize().as_tuple().digits) > _MOST_DIGITS


def _kind(column: str, value: object) -> str:
    """The kind of the cell's format; a quantity is shown with the decimals it has."""
    if isinstance(value, str):
        return "names" if column in _NAMES else "text"
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


def text_of(value: str) -> str:
    """*value* without what Excel cannot hold, cut to its limit."""
    text = _UNPRINTABLE.sub("", value)
    if len(text) > _MOST_UNITS // 2:
        units = text.encode("utf-16-le")[: 2 * _MOST_UNITS]
        text = units.decode("utf-16-le", errors="ignore")  # drops half a character
    # The library takes text between these tags for markup, and does not escape it.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def formats_of(book: Workbook, digits: int) -> Formats:
    """A format for each kind of cell, plain and bold."""
    decimals = f".{'0' * digits}" if digits else ""
    numbers = _NUMBERS | {"money": f"#,##0{decimals}"}
    formats = {
        (kind, bold): book.add_format(
            {
                "num_format": shown,
                "bold": bold,
                "valign": "top",
                **(_TEXT if kind in ("text", "names") else {}),
                "text_wrap": kind == "names",
            }
        )
        for kind, shown in numbers.items()
        for bold in (False, True)
    }
    return formats | {
        ("header", is_text): book.add_format({**header, "bottom": 1})
        for is_text, header in HEADER.items()
    }
