"""Rows → CSV, as RFC 4180 has it: commas, CRLF, UTF-8 without a byte order mark."""

import csv
import io
from datetime import datetime
from decimal import Decimal

from pipeline.export.formulas import inert
from pipeline.export.scope import Scope, Table, is_money, money


def csv_files(scope: Scope) -> dict[str, bytes]:
    """The parts of the statements of a month, one file each."""
    scope.define("charged_before")
    return {
        f"{scope.stem}-{part}.csv": to_csv(scope.ask_part(part), scope.digits)
        for part in scope.parts
    }


def to_csv(table: Table, digits: int) -> bytes:
    """A header and the rows of *table*, with decimal points and without formulas."""
    content = io.BytesIO()
    # Encoded at once, since text in memory takes up to four bytes a character.
    text = io.TextIOWrapper(content, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(table.columns)
    rounded_to = [digits if is_money(column) else None for column in table.columns]
    for row in table.rows:
        writer.writerow(map(_cell, row, rounded_to))
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
