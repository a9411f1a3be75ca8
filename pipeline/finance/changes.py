"""Which rules are others than they were, as far as it concerns a month, in words."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from pipeline.dates import days_between, last_day
from pipeline.finance.rules import Rule, matched_words, united

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What changed, from when on, and the cost centres that the rule names."""

    words: str
    cost_centers: frozenset[str]


class _Content(NamedTuple):
    """A rule, wherever it stands in the file and whenever it holds."""

    priority: int | None
    takes: str
    parts: tuple[tuple[str, Decimal | None], ...]

    @property
    def cost_centers(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.parts)

    @property
    def gives_to(self) -> str:
        return ", ".join(
            name if percent is None else f"{name} {percent.normalize():f} %"
            for name, percent in self.parts
        )

    def words(self, former: str = "") -> str:
        return f"rule {self.priority} ({self.takes} → {self.gives_to}{former})"


@dataclass(slots=True)
class _Validity:
    """The days of the month on which a rule holds, and its first day of all."""

    days: set[date]
    valid_from: date | None

    def begins(self, days: set[date]) -> date:
        """Since when it holds, where the first of *days* is its first in the month."""
        first = min(days)
        if self.valid_from and self.valid_from < first == min(self.days):
            return self.valid_from
        return first


def rule_changes(
    before: Iterable[Rule], after: Iterable[Rule], month: date
) -> list[RuleChange]:
    """What differs between two states of the rules on any day of *month*.

    Rules are compared by what they say, not by their line; a rule that takes the same
    as another did is a change of it.
    """
    was, now = _in_month(before, month), _in_month(after, month)
    ended, new = _more(was, now), _more(now, was)
    changes: list[RuleChange] = []
    for content, days in new.items():
        same = (
            one for one in ended if one.takes == content.takes and ended[one] & days
        )
        former = next(same, None)
        begins = now[content].begins(days)
        words = f"{content.words(_former(content, former))}, from {begins}"
        centers = content.cost_centers | (former.cost_centers if former else set())
        changes.append(RuleChange(words, centers))
        if former:
            del ended[former]
    for content, days in ended.items():
        words = f"no more {content.words()}, from {min(days)}"
        changes.append(RuleChange(words, content.cost_centers))
    return changes


def words_of(changes: Sequence[RuleChange], cost_center: str) -> str:
    """The changes of rules that name *cost_center*; all of them where none does."""
    own = [one for one in changes if cost_center in one.cost_centers] or changes
    if not own:
        return "the order of the rules"
    words = "; ".join(one.words for one in own[:_MOST_NAMED])
    more = len(own) - _MOST_NAMED
    return f"{words}; and {more} more" if more > 0 else words


def _in_month(rules: Iterable[Rule], month: date) -> dict[_Content, _Validity]:
    known: dict[_Content, _Validity] = {}
    for lines in united(rules):
        rule = lines[0]
        begins, ends = rule.valid_from or date.min, rule.valid_to or date.max
        days = days_between(max(begins, month), min(ends, last_day(month)))
        parts = tuple(sorted((one.cost_center, one.percent) for one in lines))
        content = _Content(rule.priority, matched_words(rule), parts)
        if content in known:
            known[content].days.update(days)
        elif days:
            known[content] = _Validity(set(days), rule.valid_from)
    return known


def _more(
    one: dict[_Content, _Validity], other: dict[_Content, _Validity]
) -> dict[_Content, set[date]]:
    """The days on which a rule of *one* holds and none of *other* says the same."""
    found: dict[_Content, set[date]] = defaultdict(set)
    for content, known in one.items():
        days = known.days - other[content].days if content in other else known.days
        if days:
            found[content] = days
    return dict(found)


def _former(content: _Content, former: _Content | None) -> str:
    """What a rule that takes the same said before."""
    if former is None:
        return ""
    if former.parts != content.parts:
        return f", before {former.gives_to}"
    return f", before of priority {former.priority}"
