"""Tables of a statement as a workbook prints them: quantities by their unit."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pipeline.export.scope import Row, Table
from pipeline.formats import quantities

_ROUNDED = "Rounded: printed quantity times price is not the amount to the last digit"


def printed(part: str, table: Table, digits: int) -> Table:
    """*table*, which is a *part* of the statements of a currency of so many *digits*.

    The lines of a statement and the tie-out are as on pages and in mails; the charges
    behind them keep all the digits of what is not counted.
    """
    makers: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
        "statement_lines": lambda row: _line(row, digits),
        "lines": quantities.counted_line,
        "tie_out": quantities.printed_tie_out,
    }
    if part not in makers:
        return table
    more = ("rounding",) if part == "statement_lines" else ()
    columns = (*table.columns, *more)
    types = (*table.types, *("VARCHAR" for _ in more))
    rows = _rows(table, columns, makers[part])
    return replace(table, columns=columns, types=types, rows=rows)


def _rows(
    table: Table,
    columns: tuple[str, ...],
    make: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> Iterator[Row]:
    for row in table.rows:
        made = make(dict(zip(table.columns, row, strict=True)))
        yield tuple(made[column] for column in columns)


def _line(row: Mapping[str, Any], digits: int) -> dict[str, Any]:
    line = quantities.printed_line(row, digits)
    return line | {"rounding": _ROUNDED if line["is_rounded"] else None}
