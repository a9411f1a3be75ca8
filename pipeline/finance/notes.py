"""The notes: what people wrote down about statements, and what they dispute."""

from collections.abc import Iterable
from datetime import date as day
from pathlib import Path
from typing import Any

from pipeline.finance.fields import check_name, check_one_of
from pipeline.finance.lines import Month, Problems, Row, read, wrong
from pipeline.finance.names import is_one_line, names_in

NOTE_KINDS = ("note", "dispute", "settled")

_ONE_LINE = "a text in one line, without control characters"
_LONGEST_TEXT = 1000
_LONGEST_AUTHOR = 100


class Note(Row, frozen=True, kw_only=True):
    """A note on the statement of a cost centre for a month, which is its first day.

    A `dispute` is open until a later line of the same statement is `settled`. Without
    a *tenant* it is of the statements of all tenants.
    """

    month: Month
    cost_center: str
    text: str
    author: str
    kind: str = "note"
    date: day | None = None
    tenant: str = ""

    @property
    def of_tenants(self) -> tuple[str, ...]:
        """The names in *tenant*, in order; none: of all tenants."""
        return names_in(self.tenant)

    def is_beside(self, other: "Note") -> bool:
        """Whether a tenant can have both on one statement."""
        mine, theirs = {*self.of_tenants}, {*other.of_tenants}
        is_same = (self.cost_center, self.month) == (other.cost_center, other.month)
        return is_same and not (mine and theirs and mine.isdisjoint(theirs))


def read_notes(
    path: Path, tenants: tuple[str, ...] = (), *, is_frozen: bool = False
) -> tuple[Note, ...]:
    """The lines of the notes, in their order; checked unless frozen.

    They may be of none but *tenants*, if these are named.

    Raises:
        ConfigError: The file cannot be read, or settles what nobody disputes.
    """

    def check(note: Note) -> None:
        check_one_of(path, note, "kind", NOTE_KINDS)
        check_name(path, note)
        _check_tenants(path, note, tenants)
        _check_text(path, note, "text", _LONGEST_TEXT)
        _check_text(path, note, "author", _LONGEST_AUTHOR)

    return read(path, Note, check, is_frozen=is_frozen)


def check_settled(path: Path, notes: Iterable[Note]) -> None:
    """Refuse a line that settles what no line above it disputes.

    Raises:
        ConfigError: The message names each such line.
    """
    disputed: list[Note] = []
    problems = Problems()
    for note in notes:
        if note.kind == "dispute":
            disputed.append(note)
        if note.kind == "settled" and not any(map(note.is_beside, disputed)):
            with problems.collected():
                above = "note, or a line above that is a dispute of the same statement"
                raise wrong(path, note, "kind", above)
    problems.check()


def note_rows(notes: Iterable[Note]) -> list[tuple[Any, ...]]:
    """The rows of `finance_notes`."""
    return [
        (
            *(one.line, one.month, one.cost_center, one.kind, one.date, one.author),
            *(one.text, list(one.of_tenants) or None),
        )
        for one in notes
    ]


def _check_tenants(path: Path, note: Note, tenants: tuple[str, ...]) -> None:
    names = note.of_tenants
    if note.tenant and (not names or (tenants and {*names} - {*tenants})):
        named = f"nothing, or one of {', '.join(tenants)}, as configured"
        raise wrong(path, note, "tenant", named)


def _check_text(path: Path, note: Note, column: str, longest: int) -> None:
    """Refuse what is not one line, or longer than there is room for."""
    if not is_one_line(getattr(note, column)):
        raise wrong(path, note, column, _ONE_LINE)
    if len(getattr(note, column)) > longest:
        raise wrong(path, note, column, f"at most {longest} characters")
