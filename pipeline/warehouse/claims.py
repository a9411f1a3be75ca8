"""What a header says that its model conserves, as SQL that finds where it does not.

The grammar stands, with examples, in docs/architecture.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import PipelineError

# Hides what is in brackets or quotes, so that a pattern does not look into it.
_MASK = "\N{BULLET}"

_KEY = rf"[a-z_]\w*(?:\({_MASK}*\))?"
_KEYS = rf"{_KEY}(?:, {_KEY})*"
_SUM = rf"sum\({_MASK}+\)"
_SUMS = rf"{_SUM}(?:, {_SUM})*"
_NUMBER = r"-?\d+(?:\.\d+)?"
_TABLE = r"[a-z_]\w*(?:\.[a-z_]\w*)?"
_SOURCE = rf"(?:{_SUMS} of )?{_TABLE}(?: by {_KEYS})?(?: where [^+]+?)?"
_SUMS_CLAIM = re.compile(
    rf"(?P<sums>{_SUMS})"
    rf"(?: per (?P<keys>the grain(?: without {_KEYS})?|{_KEYS}))?"
    r"(?: where (?P<condition>.+?))?"
    rf" = (?P<right>{_NUMBER}|{_SOURCE}(?: \+ {_SOURCE})*?)"
    rf"(?: within (?P<within>{_NUMBER}))?"
)
_SOURCE_PARTS = re.compile(
    rf"(?:(?P<sums>{_SUMS}) of )?(?P<table>{_TABLE})"
    rf"(?: by (?P<keys>{_KEYS}))?(?: where (?P<condition>.+))?"
)
_EACH_CLAIM = re.compile(r"each (?P<left>.+?) = (?P<right>.+)")
_NO_CLAIM = re.compile(r"nothing: .+")
_EXPECTED = (
    "expected: sum(…) [per keys] [where …] = table [by keys] [where …] [+ table …]"
    " [within number]; or each … = …; or nothing: reason"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A promise about the rows of a model, and the select that finds exceptions.

    A row of *query* has the *keys*, then for each of *measures* what is and what should
    be. A claim that promises nothing has no query.
    """

    words: str
    query: str = ""
    keys: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Side:
    """Expressions to sum up over rows of a table, by keys."""

    table: str
    sums: tuple[str, ...]
    keys: tuple[str, ...]
    condition: str

    def select(self, columns: Sequence[str]) -> str:
        where = f" where ({self.condition})" if self.condition else ""
        return f"select {', '.join(columns)} from {self.table}{where}"


def parse_claim(words: str, model: str, grain: tuple[str, ...]) -> Claim:
    """The claim that *words* make of the rows of *model*.

    Raises:
        PipelineError: *words* are not of the grammar.
    """
    text = " ".join(words.split())
    masked = _masked(text)
    if _NO_CLAIM.fullmatch(masked):
        return Claim(text)
    if each := _EACH_CLAIM.fullmatch(masked):
        left, right = _slice(text, each, "left"), _slice(text, each, "right")
        query = (
            f"select {', '.join(grain)}, {left}, {right} from {model}"
            f" where ({left}) is distinct from ({right})"
        )
        return Claim(text, query, grain, (left,))
    if sums := _SUMS_CLAIM.fullmatch(masked):
        return _sums_claim(text, sums, model, grain)
    raise PipelineError(f"conserves cannot be read: {text}\n{_EXPECTED}")


def _sums_claim(
    text: str, claim: re.Match[str], model: str, grain: tuple[str, ...]
) -> Claim:
    keys = _keys(_slice(text, claim, "keys"), grain)
    sums = _sums(_slice(text, claim, "sums"))
    left = _Side(model, sums, keys, _slice(text, claim, "condition"))
    right = _slice(text, claim, "right")
    if re.fullmatch(_NUMBER, right):
        query = _each_group_is(left, right)
    else:
        within = _slice(text, claim, "within") or "0"
        query = _sums_differ(left, _sources(text, right, left), within)
    return Claim(text, query, keys, tuple(f"sum({one})" for one in sums))


def _sources(text: str, right: str, left: _Side) -> list[_Side]:
    """What *right* adds up; what a source does not say is as on the *left*."""
    sources = []
    for part in _parts(right, " + "):
        match = _SOURCE_PARTS.fullmatch(_masked(part))
        if match is None:
            raise PipelineError(f"conserves cannot be read at {part!r}: {text}")
        source = _Side(
            match["table"],
            _sums(_slice(part, match, "sums")) or left.sums,
            _keys(_slice(part, match, "keys"), ()) or left.keys,
            _slice(part, match, "condition"),
        )
        if len(source.sums) != len(left.sums) or len(source.keys) != len(left.keys):
            raise PipelineError(
                f"conserves: {part!r} has another number of sums or keys: {text}"
            )
        sources.append(source)
    return sources


def _each_group_is(left: _Side, number: str) -> str:
    """Groups of the *left* side whose sums are not *number*."""
    sums = [f"coalesce(sum({one}), 0)" for one in left.sums]
    pairs = [column for one in sums for column in (one, number)]
    groups = f" group by {', '.join(left.keys)}" if left.keys else ""
    return (
        left.select([*left.keys, *pairs])
        + groups
        + " having count(*) > 0 and ("
        + " or ".join(f"{one} != {number}" for one in sums)
        + ")"
    )


def _sums_differ(left: _Side, sources: list[_Side], within: str) -> str:
    """Groups of both sides whose sums differ; a group that is not there has 0.

    The rows of both sides are summed up at once: no join, and null is a key too.
    """
    count = len(left.sums)
    nulls = ["null"] * count
    keys = [f"key_{number}" for number in range(len(left.keys))]
    names = [f"{side}_{n}" for side in ("is", "should") for n in range(count)]
    named = [
        f"{value} as {name}"
        for value, name in zip(
            (*left.keys, *left.sums, *nulls), (*keys, *names), strict=True
        )
    ]
    selects = [left.select(named)]
    selects += [one.select([*one.keys, *nulls, *one.sums]) for one in sources]
    values = {name: f"coalesce(sum({name}), 0)" for name in names}
    pairs = [(values[f"is_{n}"], values[f"should_{n}"]) for n in range(count)]
    shown = ", ".join([*keys, *(value for pair in pairs for value in pair)])
    groups = f" group by {', '.join(keys)}" if keys else ""
    differ = " or ".join(f"abs({one} - {other}) > {within}" for one, other in pairs)
    rows = " union all ".join(selects)
    return f"select {shown} from ({rows}){groups} having {differ}"


def _keys(text: str, grain: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that *text* names, or those of the grain that it leaves."""
    if not text.startswith("the grain"):
        return tuple(_parts(text, ", "))
    without = _parts(text.removeprefix("the grain").removeprefix(" without "), ", ")
    if unknown := sorted(set(without) - set(grain)):
        raise PipelineError(f"conserves: the grain is without {unknown[0]!r} anyway")
    return tuple(key for key in grain if key not in without)


def _sums(text: str) -> tuple[str, ...]:
    """The expressions that *text* sums up."""
    return tuple(
        part.removeprefix("sum(").removesuffix(")") for part in _parts(text, ", ")
    )


def _parts(text: str, separator: str) -> list[str]:
    """*text* apart at each *separator* that is in no brackets or quotes."""
    parts, start = [], 0
    for match in re.finditer(re.escape(separator), _masked(text)):
        parts.append(text[start : match.start()])
        start = match.end()
    return [*parts, text[start:]] if text else []


def _slice(text: str, match: re.Match[str], group: str) -> str:
    """Of *text* what *group* has of its mask; '' if it has nothing."""
    start, end = match.span(group)
    return text[start:end] if start >= 0 else ""


def _masked(text: str) -> str:
    """*text* with a mask over each sign within brackets or quotes.

    Raises:
        PipelineError: A bracket or a quote is not closed.
    """
    masked, depth, is_quoted = [], 0, False
    for sign in text:
        if sign == "'":
            is_quoted = not is_quoted
        elif sign == ")" and not is_quoted:
            depth -= 1
        masked.append(_MASK if depth > 0 or is_quoted or sign == "'" else sign)
        if sign == "(" and not is_quoted:
            depth += 1
    if depth or is_quoted:
        raise PipelineError(
            f"conserves has a bracket or quote that is not closed: {text}"
        )
    return "".join(masked)
