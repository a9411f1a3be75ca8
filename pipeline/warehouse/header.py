"""The header of a SQL file: a sentence, and facts about the rows that it makes."""

import re
from dataclasses import dataclass

from pipeline.errors import PipelineError

_BY = re.compile(
    r"month of (.+?)(, of all tenants)?(, with the month before)?(, not kept)?"
    r"(?:, of the last (\d+) days)?"
)
_FACT = re.compile(r"([a-z_]+):(?: (.*))?")


@dataclass(frozen=True, slots=True)
class ByMonth:
    """The expression whose month a row is of; empty if a model is not made by month.

    A month may be that of all tenants together, and be made of the one before too. What
    is not kept is selected anew by all that reads it: its rows are those of the lake.
    Of a model of the last days the months that have none of them are not made.
    """

    expression: str = ""
    of_all_tenants: bool = False
    with_month_before: bool = False
    is_passed_on: bool = False
    last_days: int | None = None


NOT_BY_MONTH = ByMonth()


@dataclass(frozen=True, slots=True)
class Header:
    """What the comment lines at the top of a file say."""

    sentence: str
    grain: tuple[str, ...]
    conserves: tuple[str, ...]
    by_month: ByMonth


def parse_header(sql: str) -> Header:
    """The lines up to the first that is no comment.

    A fact goes on in the next line if that is indented, or after a comma, an equals
    sign or a plus sign.

    Raises:
        PipelineError: There is no sentence, or a fact of another name.
    """
    sentence: list[str] = []
    facts: dict[str, list[str]] = {"grain": [], "by": [], "conserves": []}
    last: list[str] = []
    for line in sql.splitlines():
        if not line.startswith("-- "):
            break
        text = line.removeprefix("-- ").strip()
        if last and (line.startswith("--  ") or last[-1].endswith((",", "=", "+"))):
            last[-1] += f" {text}"
        elif match := _FACT.fullmatch(text):
            last = _named(facts, match[1])
            last.append(match[2] or "")
        else:
            sentence.append(text)
    if not sentence:
        raise PipelineError("the header lacks a sentence")
    keys = [key.strip() for key in ",".join(facts["grain"]).split(",")]
    grain = tuple(key for key in keys if key)
    by_month = _by_month("".join(facts["by"]))
    return Header(" ".join(sentence), grain, tuple(facts["conserves"]), by_month)


def _by_month(fact: str) -> ByMonth:
    if not fact:
        return NOT_BY_MONTH
    found = _BY.fullmatch(fact)
    if found is None:
        raise PipelineError(f"the header says by: {fact}, not by: month of …")
    days = int(found[5]) if found[5] else None
    return ByMonth(found[1], bool(found[2]), bool(found[3]), bool(found[4]), days)


def _named(facts: dict[str, list[str]], name: str) -> list[str]:
    if name not in facts:
        raise PipelineError(f"the header says {name!r}, not grain, by or conserves")
    return facts[name]
