"""CSV files as typed rows; errors say in which line and column they are."""

import csv
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import msgspec

from pipeline.errors import ConfigError
from pipeline.files import read_small

_EXPECTED = {
    "str": "some text",
    "int": "a whole number",
    "Decimal": "a number with a decimal point",
    "date": "a date such as 2026-10-01",
}

# Written like 2026-10, kept as the first day.
Month = Annotated[date, msgspec.Meta(description="a month such as 2026-10")]

_R = TypeVar("_R", bound="Row")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a file; a column with a default may be missing or empty."""

    line: int


def read(path: Path, kind: type[_R], *, is_frozen: bool = False) -> Iterator[_R]:
    """The lines of *path* as rows, without empty lines.

    One that was frozen may be older than the columns of today: those that it has and
    no row has any more are left out.
    """
    try:
        text = read_small(path).decode("utf-8-sig")
    except FileNotFoundError as exc:
        raise ConfigError(f"{path}: no such file; is the path right?") from exc
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path}: not UTF-8; save it as “CSV UTF-8”") from exc
    # Line ends of any kind are one, also within a cell.
    lines = csv.reader(StringIO(text, newline=None), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_header(path, kind, header, is_frozen=is_frozen)
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield _row(path, lines.line_num, kind, header, cells)
    except csv.Error as exc:
        raise ConfigError(f"{path}, line {lines.line_num}: {exc}") from exc


def _check_header(
    path: Path, kind: type[Row], header: list[str], *, is_frozen: bool
) -> None:
    fields = {f.name: f.required for f in msgspec.structs.fields(kind)}
    del fields["line"]
    place = f"{path}, line 1"
    columns = f"expected {', '.join(fields)}, separated by commas"
    if missing := [name for name in fields if fields[name] and name not in header]:
        raise ConfigError(f"{place}: column {missing[0]} is missing; {columns}")
    if is_frozen:
        return
    if unknown := [name for name in header if name not in fields]:
        raise ConfigError(f"{place}: unknown column {unknown[0]!r}; {columns}")
    if len(set(header)) < len(header):
        raise ConfigError(f"{place}: a column is there twice; {columns}")


def _row(
    path: Path, line: int, kind: type[_R], header: list[str], cells: list[str]
) -> _R:
    place = f"{path}, line {line}"
    if len(cells) != len(header):
        counts = f"expected {len(header)} columns, found {len(cells)}"
        raise ConfigError(f"{place}: {counts}")
    given = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    values: dict[str, Any] = {"line": line}
    for field in msgspec.structs.fields(kind):
        text = given.get(field.name, "")
        if field.name == "line" or (not text and not field.required):
            continue
        values[field.name] = _value(f"{place}, column {field.name}", field, text)
    return kind(**values)


def _value(place: str, field: msgspec.structs.FieldInfo, text: str) -> Any:
    types = getattr(field.type, "__args__", (field.type,))
    is_month = _is_month(field)
    expected = "a month such as 2026-10" if is_month else _EXPECTED[types[0].__name__]
    if not text:
        raise ConfigError(f"{place}: expected {expected}, found nothing")
    full = f"{text}-01" if is_month else text
    try:
        return msgspec.convert(full, types[0], strict=False)
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{place}: expected {expected}, found {text!r}") from exc


def _is_month(field: msgspec.structs.FieldInfo) -> bool:
    return Month in (field.type, *get_args(field.type))


def wrong(path: Path | None, row: Row, column: str, expected: str) -> ConfigError:
    """The error for a cell that can be read, but does not make sense."""
    place = f"{path}, line {row.line}, column {column}"
    return ConfigError(f"{place}: expected {expected}, found {_found(row, column)}")


def _found(row: Row, column: str) -> str:
    value = getattr(row, column)
    if value is None or not str(value):
        return "nothing"
    (field,) = (f for f in msgspec.structs.fields(row) if f.name == column)
    return repr(f"{value:%Y-%m}" if _is_month(field) else str(value))
