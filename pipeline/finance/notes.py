"""The notes: what people wrote down about statements, and what they dispute."""

from collections.abc import Iterable
from datetime import date as day
from pathlib import Path
from typing import Any

from pipeline.finance.fields import check_name, check_one_of
from pipeline.finance.lines import Month, Problems, Row, read, wrong
from pipeline.finance.names import is_one_line

NOTE_KINDS = ("note", "dispute", "settled")

_ONE_LINE = "a text in one line, without control characters"
_LONGEST_TEXT = 1000
_LONGEST_AUTHOR = 100


class Note(Row, frozen=True, kw_only=True):
    """A note on the statement of a cost centre for a month, which is its first day.

    A `dispute` is open until a later line of the same statement is `settled`.
    """

    month: Month
    cost_center: str
    text: str
    author: str
    kind: str = "note"
    date: day | None = None


def read_notes(path: Path, *, is_frozen: bool = False) -> tuple[Note, ...]:
    """The lines of the notes, in their order; checked unless frozen.

    Raises:
        ConfigError: The file cannot be read, or settles what nobody disputes.
    """

    def check(note: Note) -> None:
        check_one_of(path, note, "kind", NOTE_KINDS)
        check_name(path, note)
        _check_text(path, note, "text", _LONGEST_TEXT)
        _check_text(path, note, "author", _LONGEST_AUTHOR)

    return read(path, Note, check, is_frozen=is_frozen)


def check_settled(path: Path, notes: Iterable[Note]) -> None:
    """Refuse a line that settles what no line above it disputes.

    Raises:
        ConfigError: The message names each such line.
    """
    disputed: set[tuple[str, day]] = set()
    problems = Problems()
    for note in notes:
        key = note.cost_center, note.month
        if note.kind == "dispute":
            disputed.add(key)
        if note.kind == "settled" and key not in disputed:
            with problems.collected():
                above = "note, or a line above that is a dispute of the same statement"
                raise wrong(path, note, "kind", above)
    problems.check()


def note_rows(notes: Iterable[Note]) -> list[tuple[Any, ...]]:
    """The rows of `finance_notes`."""
    return [
        (one.line, one.month, one.cost_center, one.kind, one.date, one.author, one.text)
        for one in notes
    ]


def _check_text(path: Path, note: Note, column: str, longest: int) -> None:
    """Refuse what is not one line, or longer than there is room for."""
    if not is_one_line(getattr(note, column)):
        raise wrong(path, note, column, _ONE_LINE)
    if len(getattr(note, column)) > longest:
        raise wrong(path, note, column, f"at most {longest} characters")
