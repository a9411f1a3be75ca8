"""Rows of text → CSV, as RFC 4180 has it, for ledgers that import it."""

import csv
import io
from collections.abc import Iterable, Sequence


def to_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A header of *columns*, and *rows*, in UTF-8 without a byte order mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
