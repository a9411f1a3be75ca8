"""FOCUS files and journals of one cost centre: its rows of those of the whole month."""

import csv
import io
from collections.abc import Collection, Mapping
from datetime import date

import polars as pl

from pipeline.export import stem_of
from pipeline.lake.faults import PARQUET_ERRORS

# The column that says which document a row is of. Forms that are not here are kept for
# each cost centre.
NUMBERS = {"focus": "x_StatementNumber", "journal": "document_number"}

_LONGEST_HEADER = 2**14
# What a broken file makes the libraries raise.
_BROKEN = (
    *PARQUET_ERRORS,
    csv.Error,
    OSError,
    ValueError,
    MemoryError,
)

# What is of a month as a whole: a dataset, and what the columns are.
_OF_MONTH = ("-BillingPeriod.", "-metadata.")


def derived(
    files: Mapping[str, bytes],
    form: str,
    month: date,
    center: str,
    numbers: Collection[str],
) -> dict[str, bytes]:
    """The *files* of *month*, with the rows of documents of these *numbers* alone."""
    old, new = stem_of(month), stem_of(month, center)
    return {
        name.replace(old, new, 1): content
        if any(part in name for part in _OF_MONTH)
        else _rows_of(content, NUMBERS[form], numbers)
        for name, content in files.items()
    }


def _rows_of(content: bytes, column: str, numbers: Collection[str]) -> bytes:
    """A CSV or Parquet file with those rows whose *column* is one of *numbers*."""
    if content.startswith(b"PAR1"):
        return _parquet_rows(content, column, numbers)
    csv.field_size_limit(max(len(content), csv.field_size_limit()))
    found = io.BytesIO()
    text = io.TextIOWrapper(found, encoding="utf-8", newline="")
    rows = csv.reader(io.StringIO(content.decode(), newline=""))
    writer = csv.writer(text)
    header = next(rows)
    place = header.index(column)
    writer.writerow(header)
    # A tenant's name, and thus a number, may begin like a formula: then inert() shows.
    writer.writerows(row for row in rows if row[place].removeprefix("'") in numbers)
    text.flush()
    return found.getvalue()


def _parquet_rows(content: bytes, column: str, numbers: Collection[str]) -> bytes:
    rows = pl.read_parquet(io.BytesIO(content))
    found = io.BytesIO()
    rows.filter(pl.col(column).is_in(list(numbers))).write_parquet(found)
    return found.getvalue()


def form_of(content: bytes) -> str | None:
    """The form of a file that begins with *content*, if it is one of `NUMBERS`."""
    if content.startswith(b"PAR1"):
        return "focus"
    header = content[:_LONGEST_HEADER].partition(b"\r\n")[0].decode(errors="ignore")
    columns = header.split(",")
    return next((form for form, name in NUMBERS.items() if name in columns), None)


def numbers_in(content: bytes, most_rows: int) -> set[str]:
    """What a file of one of the forms names as documents; nothing if it is broken.

    A Parquet file of more than *most_rows* is not looked through.
    """
    try:
        if content.startswith(b"PAR1"):
            return _parquet_numbers(content, most_rows)
        rows = csv.DictReader(io.StringIO(content.decode(errors="ignore"), newline=""))
        names = set(NUMBERS.values()) & set(rows.fieldnames or ())
        return {
            value.removeprefix("'")
            for row in rows
            for name in names
            if isinstance(value := row[name], str)
        }
    except _BROKEN:
        return set()


def _parquet_numbers(content: bytes, most_rows: int) -> set[str]:
    column = NUMBERS["focus"]
    rows = pl.scan_parquet(io.BytesIO(content))
    if column not in rows.collect_schema() or _height(rows) > most_rows:
        return set()
    found = rows.select(pl.col(column).cast(pl.String).unique()).collect()
    return set(found[column].drop_nulls())


def is_same_parquet(content: bytes, other: bytes) -> bool:
    """Whether two files are Parquet with the same rows and columns, however written."""
    if not content.startswith(b"PAR1") or not other.startswith(b"PAR1"):
        return False
    try:
        rows, others = (pl.scan_parquet(io.BytesIO(one)) for one in (content, other))
        if rows.collect_schema() != others.collect_schema():
            return False
        if _height(rows) != _height(others):
            return False
        return rows.collect().equals(others.collect())
    except _BROKEN:
        return False


def _height(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())
