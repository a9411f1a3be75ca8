"""The cost centre rules: which cost centre pays for what, alone or in shares."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any

from pipeline.finance.fields import (
    PERCENT,
    WHOLE,
    basis_points,
    check_cost_center,
    check_id,
    check_name,
    check_validity,
    is_percent,
    summed,
)
from pipeline.finance.lines import Problems, Row, read, wrong

# The columns that say whose usage a rule takes, and what people call them.
_MATCHED = {
    "tenant": "tenant",
    "space": "space",
    "space_id": "space id",
    "owner": "owner",
    "owner_email": "owner e-mail",
    "owner_id": "owner id",
    "automation": "automation",
    "automation_id": "automation id",
}

_conditions = attrgetter("priority", *_MATCHED, "valid_from", "valid_to")
_matched = attrgetter(*_MATCHED)


class Rule(Row, frozen=True, kw_only=True):
    """One line: a cost centre, and columns that must all match; an empty one does.

    A column of names is a pattern for the names in force on the day of use, and one of
    addresses for these; ids are exact.

    Lines of the same conditions, each with a percent, are one rule. A line without a
    priority is no rule: it says that there is such a cost centre. If it has a name of
    its own, `cost_center` is its code.
    """

    priority: int | None = None
    cost_center: str
    tenant: str = ""
    space: str = ""
    space_id: str = ""
    owner: str = ""
    owner_email: str = ""
    owner_id: str = ""
    automation: str = ""
    automation_id: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    percent: Decimal | None = None
    cost_center_name: str = ""
    parent: str = ""
    cost_center_owner: str = ""


def read_rules(path: Path, *, is_frozen: bool = False) -> tuple[Rule, ...]:
    """The lines of the rules; the percents of a split sum to 100.

    What was frozen is not checked again.

    Raises:
        ConfigError: The file cannot be read, or contradicts itself.
    """

    def check(rule: Rule) -> None:
        _check_line(path, rule)

    rules = read(path, Rule, check, is_frozen=is_frozen)
    if is_frozen:
        return rules
    splits = [lines for lines in united(rules) if lines[0].percent is not None]
    problems = Problems()
    first_lines = {_conditions(lines[0]): lines[0].line for lines in splits}
    for rule in rules:
        if rule.percent is None and (first := first_lines.get(_conditions(rule))):
            share = f"a percent, as on line {first}, which has the same conditions"
            with problems.collected():
                raise wrong(path, rule, "percent", share)
    problems.check()
    check_splits(path, rules)
    return rules


def check_splits(path: Path, rules: Iterable[Rule]) -> None:
    """Refuse a split whose percents do not sum to 100, or that names somebody twice.

    Raises:
        ConfigError: The message names the line.
    """
    problems = Problems()
    for lines in united(rules):
        if lines[0].percent is not None:
            with problems.collected():
                _check_split(path, lines)
    problems.check()


def united(rules: Iterable[Rule]) -> list[list[Rule]]:
    """The lines of each rule: one without a percent, or all of the same conditions."""
    found: list[list[Rule]] = []
    splits: dict[Any, list[Rule]] = {}
    for rule in rules:
        if rule.priority is None:
            continue
        lines = [] if rule.percent is None else splits.setdefault(_conditions(rule), [])
        if not lines:
            found.append(lines)
        lines.append(rule)
    return found


def rule_rows(rules: Iterable[Rule]) -> list[tuple[Any, ...]]:
    """The rows of `finance_cost_centers`; the number of a rule is its first line."""
    return [
        (
            lines[0].line,
            rule.line,
            rule.priority,
            rule.cost_center,
            basis_points(WHOLE if rule.percent is None else rule.percent),
            *_matched(rule),
            matched_words(rule),
            rule.valid_from,
            rule.valid_to,
        )
        for lines in united(rules)
        for rule in lines
    ]


def matched_rows(rules: Iterable[Rule]) -> list[tuple[Any, ...]]:
    """Their rows of `finance_rules`: one of each rule, however many share."""
    return [
        (
            first.line,
            first.priority,
            *_matched(first),
            first.valid_from,
            first.valid_to,
        )
        for first, *_ in united(rules)
    ]


def matched_words(rule: Rule) -> str:
    """Whose usage *rule* takes, in words: `space Finance, owner e-mail *@acme.com`."""
    named = zip(_MATCHED.values(), _matched(rule), strict=True)
    return ", ".join(f"{word} {text}" for word, text in named if text) or "everything"


def _check_line(path: Path, rule: Rule) -> None:
    check_cost_center(path, rule)
    if rule.cost_center_name:
        check_name(path, rule, "cost_center_name")
    if rule.priority is None:
        if any(_conditions(rule)) or rule.percent is not None:
            raise wrong(path, rule, "priority", "a whole number")
        return
    if abs(rule.priority) > 2**31 - 1:
        raise wrong(path, rule, "priority", "a smaller number")
    if rule.percent is not None and not is_percent(rule.percent):
        raise wrong(path, rule, "percent", PERCENT)
    check_id(path, rule, "space_id", "owner_id", "automation_id")
    check_validity(path, rule)


def _check_split(path: Path, lines: list[Rule]) -> None:
    first_lines: dict[str, int] = {}
    for rule in lines:
        first = first_lines.setdefault(rule.cost_center, rule.line)
        if first != rule.line:
            other = f"another cost centre than on line {first} of the same split"
            raise wrong(path, rule, "cost_center", other)
    total = sum(rule.percent for rule in lines if rule.percent is not None)
    if total != WHOLE:
        whole = f"percents that sum to 100, but {summed(lines, total)}"
        raise wrong(path, lines[-1], "percent", whole)
