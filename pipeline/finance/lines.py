"""Finance files as typed rows; errors say in which line and column they are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import msgspec

from pipeline.config.wording import nearest
from pipeline.errors import ConfigError, FinanceFilesError
from pipeline.finance.cells import Cells, read_cells
from pipeline.finance.numerals import decimal_sign, with_point

_EXPECTED = {
    "str": "some text",
    "int": "a whole number",
    "Decimal": "a number with a decimal point",
    "date": "a date such as 2026-10-01",
}
_SAFE = ", without a sign between thousands"

# Written like 2026-10, kept as the first day.
Month = Annotated[date, msgspec.Meta(description="a month such as 2026-10")]

_R = TypeVar("_R", bound="Row")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a file; a column with a default may be missing or empty."""

    line: int


@dataclass(slots=True)
class Problems:
    """All that is wrong with files, so that it can be said at once."""

    found: list[ConfigError] = field(default_factory=list)

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Within it, an error is kept for later; what comes after it is left out."""
        try:
            yield
        except FinanceFilesError as exc:
            self.found.extend(exc.each)
        except ConfigError as exc:
            self.found.append(exc)

    def check(self) -> None:
        """Go on if there are none.

        Raises:
            ConfigError: The only one, or all of them.
        """
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            raise FinanceFilesError(self.found)


def read(
    path: Path,
    kind: type[_R],
    check: Callable[[_R], None] | None = None,
    *,
    is_frozen: bool = False,
) -> tuple[_R, ...]:
    """The lines of *path* as rows, without empty lines, each of which is checked.

    One that was frozen may be older than the columns of today: those that it has and
    no row has any more are left out, and nothing is checked again.

    Raises:
        ConfigError: The file cannot be read, or lines are wrong: all that are.
    """
    columns = [one.name for one in msgspec.structs.fields(kind) if one.name != "line"]
    cells = read_cells(path, columns)
    _check_header(path, kind, cells, is_frozen=is_frozen)
    table = _Table(path, cells, _sign(kind, cells))
    problems, rows = Problems(), []
    for line, values in cells.lines:
        with problems.collected():
            row = table.row(line, kind, values)
            rows.append(row)
            if check and not is_frozen:
                check(row)
    problems.check()
    return tuple(rows)


def _check_header(
    path: Path, kind: type[Row], cells: Cells, *, is_frozen: bool
) -> None:
    fields = {f.name: f.required for f in msgspec.structs.fields(kind)}
    del fields["line"]
    header = cells.header
    place = f"{path}, line {cells.first}"
    columns = f"expected {', '.join(fields)}, separated by commas or semicolons"
    missing = [name for name in fields if fields[name] and name not in header]
    unknown = [name for name in header if name not in fields]
    if unknown and not is_frozen:
        meant = nearest(unknown[0], missing or fields)
        asked = f"; did you mean {meant}?" if meant else f"; {columns}"
        raise ConfigError(f"{place}: unknown column {unknown[0]!r}{asked}")
    if missing:
        raise ConfigError(f"{place}: column {missing[0]} is missing; {columns}")
    if len(set(header)) < len(header) and not is_frozen:
        raise ConfigError(f"{place}: a column is there twice; {columns}")


def _sign(kind: type[Row], cells: Cells) -> str:
    """The decimal sign of the file, as `decimal_sign` says it."""
    numeric = {f.name for f in msgspec.structs.fields(kind) if _type(f) is Decimal}
    at = [n for n, name in enumerate(cells.header) if name in numeric]
    return decimal_sign(row[n] for _, row in cells.lines for n in at if n < len(row))


@dataclass(frozen=True, slots=True)
class _Table:
    """The file at *path*: what its lines have in common."""

    path: Path
    cells: Cells
    sign: str

    def row(self, line: int, kind: type[_R], cells: tuple[str, ...]) -> _R:
        """One line; all of its cells that are wrong are named.

        Raises:
            ConfigError: It has more or fewer cells than columns, or one is wrong.
        """
        header = self.cells.header
        if len(cells) != len(header):
            counts = f"expected {len(header)} columns, found {len(cells)}"
            raise ConfigError(f"{self.path}, line {line}: {counts}")
        given = dict(zip(header, cells, strict=True))
        values: dict[str, Any] = {"line": line}
        problems = Problems()
        for one in msgspec.structs.fields(kind):
            text = given.get(one.name, "")
            if one.name == "line" or (not text and not one.required):
                continue
            with problems.collected():
                place = f"{self.path}, line {line}, column {one.name}"
                values[one.name] = self._value(place, one, text)
        problems.check()
        return kind(**values)

    def _value(self, place: str, one: msgspec.structs.FieldInfo, text: str) -> Any:
        is_month, kind = _is_month(one), _type(one)
        expected = "a month such as 2026-10" if is_month else _EXPECTED[kind.__name__]
        if not text:
            raise ConfigError(f"{place}: expected {expected}, found nothing")
        full: str | None = f"{text}-01" if is_month else text
        if kind is Decimal:
            full = with_point(text, self.sign, self.cells.separator)
        try:
            return msgspec.convert(full, kind, strict=False)
        except msgspec.ValidationError as exc:
            if full is None:
                raise ConfigError(_ambiguous(place, text)) from exc
            safe = _SAFE if kind is Decimal and full == text else ""
            safe = safe if {",", "."} & {*text} else ""
            raise ConfigError(
                f"{place}: expected {expected}{safe}, found {text!r}"
            ) from exc


def _ambiguous(place: str, text: str) -> str:
    """What is said of a number whose only sign may mean thousands or decimals."""
    thousands = text.replace(",", "").replace(".", "")
    decimal = text.replace(",", ".")
    return (
        f"{place}: expected a number that means one thing, found {text!r}, which may be"
        f" {thousands} or {decimal}\nwrite it without a sign between thousands:"
        f" {thousands}; or, if decimals are meant, with one more of them: {text}0"
    )


def _type(one: msgspec.structs.FieldInfo) -> Any:
    """The type of a column's cells, without None."""
    return getattr(one.type, "__args__", (one.type,))[0]


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
