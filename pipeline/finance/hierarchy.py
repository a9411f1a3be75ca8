"""What is above a cost centre, and who owns it: each said once, without circles."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.config.mail import address
from pipeline.finance.fields import another_name
from pipeline.finance.lines import wrong
from pipeline.finance.mentions import Names, mention
from pipeline.finance.names import is_reserved
from pipeline.finance.rules import Rule

# A line, and the cost centre that it is of.
Lines = Sequence[tuple[str, Rule]]


def paths(path: Path | None, lines: Lines, names: Names) -> dict[str, tuple[str, ...]]:
    """The way to each cost centre from the top, itself last.

    Raises:
        ConfigError: A parent is unknown, is another on another line, or is below.
    """
    parents = _once(path, "parent", _parents(path, lines, names))
    found: dict[str, tuple[str, ...]] = {}
    for center, _ in lines:
        up = [center]
        while up[-1] in parents and up[-1] not in found:
            parent, line = parents[up[-1]]
            if parent in up:
                circle = " → ".join([*up[up.index(parent) :], parent])
                below = f"a parent that is not below it, but there is {circle}"
                raise wrong(path, line, "parent", below)
            up.append(parent)
        for one in reversed(up):
            above = found[parents[one][0]] if one in parents else ()
            found[one] = (*above, one)
    return found


def owners(path: Path | None, lines: Lines) -> dict[str, str]:
    """The address of the owner of each cost centre that has one.

    Raises:
        ConfigError: It is no address, or another one on another line.
    """
    column = "cost_center_owner"
    addresses = (
        (center, _address(path, line, column), line)
        for center, line in lines
        if line.cost_center_owner
    )
    once = _once(path, column, addresses)
    return {center: written for center, (written, _) in once.items()}


def _parents(
    path: Path | None, lines: Lines, names: Names
) -> Iterable[tuple[str, str, Rule]]:
    for center, line in lines:
        if not line.parent:
            continue
        if is_reserved(line.parent):
            raise wrong(path, line, "parent", another_name())
        named = mention(path, line.line, line.parent, "parent")
        parent = names.require(named, path)
        if parent == center:
            raise wrong(path, line, "parent", "another cost centre than itself")
        yield center, parent, line


def _once(
    path: Path | None, column: str, values: Iterable[tuple[str, str, Rule]]
) -> dict[str, tuple[str, Rule]]:
    """The value of each cost centre, with the first line that has it."""
    found: dict[str, tuple[str, Rule]] = {}
    for center, value, line in values:
        first, at = found.setdefault(center, (value, line))
        if first != value:
            same = f"{first!r}, as on line {at.line} for the same cost centre"
            raise wrong(path, line, column, same)
    return found


def _address(path: Path | None, line: Rule, column: str) -> str:
    where = f"{path}, line {line.line}, column {column}"
    return address(where, line.cost_center_owner)
