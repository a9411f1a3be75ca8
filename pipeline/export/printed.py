"""Tables of a statement as a workbook prints them: quantities by their unit."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pipeline.export.scope import Row, Table
from pipeline.formats import quantities, split_words
from pipeline.formats.language import Language, msgid
from pipeline.formats.terms import label, term
from pipeline.formats.words import words

_ROUNDED = msgid(
    "Rounded: printed quantity times price is not the amount to the last digit"
)

# The columns that have words, and by what.
_SAID: Mapping[str, Callable[[str, Language], str]] = {
    "status": term,
    "statement_number": term,  # of a draft, a word
    "kind": term,
    "state": term,
    "unit": term,
    "meter": words,
    "cause": words,
    "driver": split_words,
    "cost_center": label,
    "space_name": label,
    "rounding": lambda text, language: language.gettext(text),
}


def printed(part: str, table: Table, digits: int, language: Language) -> Table:
    """*table*, which is a *part* of the statements of a currency of so many *digits*.

    Statuses, kinds, meters and units are words of *language*.

    The lines of a statement and the tie-out are as on pages and in mails; the charges
    behind them keep all the digits of what is not counted.
    """
    makers: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
        "statement_lines": lambda row: _line(row, digits),
        "lines": quantities.counted_line,
        "tie_out": quantities.printed_tie_out,
    }
    more = ("rounding",) if part == "statement_lines" else ()
    columns = (*table.columns, *more)
    types = (*table.types, *("VARCHAR" for _ in more))
    rows = _rows(table, columns, makers.get(part, dict), language)
    return replace(table, columns=columns, types=types, rows=rows)


def _rows(
    table: Table,
    columns: tuple[str, ...],
    make: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    language: Language,
) -> Iterator[Row]:
    said = [_SAID.get(column) for column in columns]
    for row in table.rows:
        made = make(dict(zip(table.columns, row, strict=True)))
        yield tuple(
            say(made[column], language) if say and made[column] else made[column]
            for column, say in zip(columns, said, strict=True)
        )


def _line(row: Mapping[str, Any], digits: int) -> dict[str, Any]:
    line = quantities.printed_line(row, digits)
    return line | {"rounding": _ROUNDED if line["is_rounded"] else None}
