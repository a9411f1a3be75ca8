"""Cost centres: code, name, parent and owner, as the lines of the rules say."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from pipeline.errors import ConfigError
from pipeline.finance.hierarchy import owners, paths
from pipeline.finance.lines import wrong
from pipeline.finance.mentions import Names, mention
from pipeline.finance.names import name_key
from pipeline.finance.rules import Rule

# What is a code in front of a name: 1100, CC-100, DE.01.
_CODE = re.compile(r"(?:[A-Z]+[-_./]?)?[0-9]+(?:[-_./][0-9]+)*")
_SHORTEST_CODE = 3
_BETWEEN = " -–—:|"  # noqa: RUF001 (the dashes of names)


@dataclass(frozen=True, slots=True)
class CostCenter:
    """A cost centre, which is called *label* today; *path* leads to it from the top."""

    cost_center: str
    code: str
    name: str
    label: str
    path: tuple[str, ...]
    owner_email: str = ""

    def renamed(self, new: Callable[[str], str]) -> "CostCenter":
        """The same with other names for it and for those above it."""
        path = tuple(new(name) for name in self.path)
        return replace(self, cost_center=new(self.cost_center), path=path)


def code_and_name(text: str) -> tuple[str, str]:
    """The code in front of a name, which may be empty, and the name."""
    first, _, rest = text.partition(" ")
    if len(first) < _SHORTEST_CODE or not _CODE.fullmatch(first):
        return "", text
    return first, rest.strip(_BETWEEN)


def read_cost_centers(
    path: Path | None, lines: Sequence[Rule]
) -> tuple[tuple[CostCenter, ...], Names]:
    """The cost centres in the *lines* of the rules, and all that they are called.

    Raises:
        ConfigError: Lines contradict each other, a parent is unknown or is below
            itself, or an owner has no address.
    """
    names = Names()
    centers = _named(path, lines, names)
    of_lines = [(names.resolve(whole_name(line)), line) for line in lines]
    above = paths(path, of_lines, names)
    addresses = owners(path, of_lines)
    placed = (
        replace(
            one,
            path=above[one.cost_center],
            owner_email=addresses.get(one.cost_center, ""),
        )
        for one in centers
    )
    return tuple(sorted(placed, key=lambda one: one.path)), names


def frozen_cost_centers(
    path: Path | None, lines: Sequence[Rule]
) -> tuple[tuple[CostCenter, ...], Names]:
    """The same of frozen lines; where they are rejected today, the cells as written."""
    try:
        return read_cost_centers(path, lines)
    except ConfigError:
        written = dict.fromkeys(whole_name(line) for line in lines)
        return tuple(_center(text, *code_and_name(text)) for text in written), Names()


def whole_name(line: Rule) -> str:
    """Code and name as one text, also if they stand in two columns."""
    code, name = _code_and_name(line)
    return f"{code} {name}" if line.cost_center_name and code else line.cost_center


def named_by(rules: Iterable[Rule], new: Callable[[str], str]) -> tuple[Rule, ...]:
    """*rules* with *new* names of cost centres, and no more of these than the name."""
    return tuple(
        msgspec.structs.replace(
            rule,
            cost_center=new(whole_name(rule)),
            cost_center_name="",
            parent="",
            cost_center_owner="",
        )
        for rule in rules
    )


def _named(path: Path | None, lines: Sequence[Rule], names: Names) -> list[CostCenter]:
    """The cost centres, each with the first name of its code; *names* has all."""
    named: dict[str, Rule] = {}
    for line in lines:
        code, name = _code_and_name(line)
        if code and name:
            first = named.setdefault(name_key(code), line)
            _check_name(path, first, line)
    centers: dict[str, CostCenter] = {}
    # Those with a code first: a text without one may be what they are called.
    for line in sorted(lines, key=lambda line: not _code_and_name(line)[0]):
        code, name = _code_and_name(line)
        first = named.get(name_key(code), line) if code else line
        column = "cost_center"
        whole = mention(path, line.line, whole_name(line), column)
        center = names.find(whole) or whole_name(first)
        names.add(whole, center)
        if code:
            names.add(mention(path, line.line, code, column), center)
            name = _code_and_name(first)[1]
        centers.setdefault(center, _center(center, code, name))
    return list(centers.values())


def _check_name(path: Path | None, first: Rule, line: Rule) -> None:
    """Refuse a code that has two names."""
    (code, name), (_, other) = _code_and_name(first), _code_and_name(line)
    if name_key(name) == name_key(other):
        return  # whether they are spelled alike is for all names to say
    column = "cost_center_name" if line.cost_center_name else "cost_center"
    same = f"the name {name!r} for code {code}, as on line {first.line}"
    raise wrong(path, line, column, same)


def _code_and_name(line: Rule) -> tuple[str, str]:
    code, name = code_and_name(line.cost_center)
    if not line.cost_center_name or line.cost_center_name == name:
        return code, name
    return line.cost_center, line.cost_center_name


def _center(text: str, code: str, name: str) -> CostCenter:
    return CostCenter(text, code, name, text, (text,))
