"""Rows → CSV, as RFC 4180 has it: commas, CRLF, UTF-8 without a byte order mark."""

import csv
import io
from datetime import datetime
from decimal import Decimal

from pipeline.export.formulas import inert
from pipeline.export.scope import Scope, Table, is_money, money


def csv_files(scope: Scope) -> dict[str, bytes]:
    """The statements of a month: their heads, lines and charges, and the tie-out."""
    return {
        f"{scope.stem}-{part}.csv": to_csv(scope.ask(part), scope.digits)
        for part in scope.parts
    }


def to_csv(table: Table, digits: int) -> bytes:
    """A header and *table*'s rows: decimals have a point, and text is no formula."""
    content = io.BytesIO()
    # Encoded as it is written: as text it would take four bytes a letter.
    text = io.TextIOWrapper(content, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(table.columns)
    places = [digits if is_money(column) else None for column in table.columns]
    for row in table.rows:
        writer.writerow(map(_cell, row, places))
    text.flush()
    return content.getvalue()


def _cell(value: object, digits: int | None) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        # str() would write 0E-9, and 1E-7 for the seventh decimal.
        return f"{value if digits is None else money(value, digits):f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return inert(value)
