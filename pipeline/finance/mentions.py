"""Where cost centres are named: the same everywhere, and known to the rules."""

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.finance.names import UNALLOCATED, differing, name_key


@dataclass(frozen=True, slots=True)
class Mention:
    """What a cost centre is called, and the place where that is written."""

    name: str
    place: str


def mention(
    path: Path | None, line: int, name: str, column: str = "cost_center"
) -> Mention:
    """The name in a *column* of a *line* of a finance file."""
    return Mention(name, f"{path}, line {line}, column {column}")


def _reserved() -> dict[str, tuple[Mention, str]]:
    place = "the statement of what no rule takes"
    return {name_key(UNALLOCATED): (Mention(UNALLOCATED, place), UNALLOCATED)}


@dataclass(slots=True)
class Names:
    """The cost centres that there are, by all that they are called: names and codes."""

    _known: dict[str, tuple[Mention, str]] = field(default_factory=_reserved)

    def add(self, one: Mention, cost_center: str) -> None:
        """Let *one* be a name of *cost_center*.

        Raises:
            ConfigError: It was written otherwise before.
        """
        if self.find(one) is None:
            self._known[name_key(one.name)] = one, cost_center

    def find(self, one: Mention) -> str | None:
        """The cost centre that *one* names; None if there is none.

        Raises:
            ConfigError: It differs from a name in nothing that is seen; the message
                names both places.
        """
        if (known := self._known.get(name_key(one.name))) is None:
            return None
        other, cost_center = known
        if other.name == one.name:
            return cost_center
        expected, found = differing(other.name, one.name)
        raise ConfigError(
            f"{one.place}: expected {expected}, as in {other.place}, found {found}\n"
            "the two differ in case, spaces or unseen signs only, and would be two"
            " statements: write both the same"
        )

    def require(self, one: Mention, file: Path | None) -> str:
        """The cost centre that *one* names; *file* is where those that exist stand.

        Raises:
            ConfigError: There is none, or it is written otherwise.
        """
        if (cost_center := self.find(one)) is not None:
            return cost_center
        where = file or "the rules, but no charge.cost_centers is configured"
        raise ConfigError(
            f"{one.place}: expected a cost centre of {where}, found {one.name!r}\n"
            "correct the name, or give it a line there: one without a priority says"
            " that there is such a cost centre"
        )

    def resolve(self, name: str) -> str:
        """The cost centre that *name* is written for; *name* itself if none is."""
        known = self._known.get(name_key(name))
        return known[1] if known and known[0].name == name else name
