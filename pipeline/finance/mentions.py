"""Where cost centres are named: the same everywhere, and known to the rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.finance.names import UNALLOCATED, differing, name_key


@dataclass(frozen=True, slots=True)
class Mention:
    """The name of a cost centre, and the place where it is written."""

    name: str
    place: str


def mention(
    path: Path | None, line: int, name: str, column: str = "cost_center"
) -> Mention:
    """The name in a *column* of a *line* of a finance file."""
    return Mention(name, f"{path}, line {line}, column {column}")


def check_same(mentions: Iterable[Mention]) -> None:
    """Refuse two names that a reader would take for one.

    Raises:
        ConfigError: The message names both places.
    """
    first = {
        name_key(UNALLOCATED): Mention(
            UNALLOCATED, "the statement of what no rule takes"
        )
    }
    for one in mentions:
        other = first.setdefault(name_key(one.name), one)
        if other.name == one.name:
            continue
        expected, found = differing(other.name, one.name)
        raise ConfigError(
            f"{one.place}: expected {expected}, as in {other.place}, found {found}\n"
            "the two differ in case, spaces or unseen signs only, and would be two"
            " statements: write both the same"
        )


def check_known(
    mentions: Iterable[Mention], known: Iterable[str], file: Path | None
) -> None:
    """Refuse a cost centre that is not *known*; *file* is that of the rules.

    Raises:
        ConfigError: The message names the place.
    """
    names = {UNALLOCATED, *known}
    for one in mentions:
        if one.name not in names:
            where = file or "the rules, but no charge.cost_centers is configured"
            raise ConfigError(
                f"{one.place}: expected a cost centre of {where}, found {one.name!r}\n"
                "correct the name, or give it a line there: one without a priority says"
                " that there is such a cost centre"
            )
