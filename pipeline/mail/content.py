"""A statement → the HTML and the text of its mail, with the same figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline import formats
from pipeline.mail.due import Due
from pipeline.mail.ledger import Delivery
from pipeline.mail.statements import Row, Statement
from pipeline.mail.text import plain

# The most lines of a table; the next number is taken while the HTML is too large.
CAPS = (120, 80, 50, 25, 10)
_CHANGES = 10
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Details:
    """What stands below the totals, and what is attached."""

    cost_centers: Sequence[Row]
    lines: Sequence[Row]
    attached: Sequence[str]


class Content:
    """The templates of the mail in *folder*, and who issues what they say."""

    def __init__(self, folder: Path, locale: Locale, issuer: str) -> None:
        self._folder = folder
        self._locale = locale
        self._issuer = issuer
        self._environments: dict[tuple[str, bool], Environment] = {}

    def subject(self, due: Due, as_of: date) -> str:
        """A subject of its own for each statement and state, so that none thread."""
        return self._render("mail_subject.txt", self._words(due, as_of)).strip()

    def text(self, due: Due, as_of: date, details: Details, cap: int) -> str:
        """The plain part."""
        words = self._words(due, as_of) | _shown(details, cap)
        return self._render("mail.txt", words)

    def html(self, due: Due, as_of: date, details: Details, cap: int) -> str:
        """The part that most people see."""
        words = self._words(due, as_of) | _shown(details, cap)
        return self._render("mail.html", words)

    def totals(self, due: Due, as_of: date) -> list[str]:
        """A few lines for a chat, the first a title; no name that a person typed."""
        words = self._words(due, as_of)
        return self._render("mail_totals.txt", words).strip().splitlines()

    def _words(self, due: Due, as_of: date) -> dict[str, Any]:
        statement = due.statement
        return {
            "statement": statement.head,
            "status": statement.status,
            "is_final": statement.is_final,
            "has_ended": statement.has_ended(as_of),
            "issuer": self._issuer,
            "as_of": as_of,
            "previous": due.previous,
            **_changes(statement, due.previous),
        }

    def _render(self, template: str, words: Mapping[str, Any]) -> str:
        """A template in the terms of its kind; the words they share are of both."""
        kind = words["statement"]["currency"], template.endswith(".html")
        if kind not in self._environments:
            self._environments[kind] = self._environment(*kind)
        return self._environments[kind].get_template(template).render(words)

    def _environment(self, currency: str, is_html: bool) -> Environment:  # noqa: FBT001
        made = Environment(
            loader=FileSystemLoader(self._folder),
            autoescape=is_html,  # noqa: S701 (text is shown as it is)
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters |= {**formats.filters(currency, self._locale), "plain": plain}
        return made


def _changes(statement: Statement, previous: Delivery | None) -> dict[str, Any]:
    """Whose amounts are others than those that were mailed last, by the difference."""
    if previous is None:
        return {"changes": [], "more_changes": 0, "previous_amount": None}
    was, now = previous.amounts, statement.amounts
    changes = [
        {"cost_center": center, "was": before, "now": after}
        for center in sorted({*was, *now})
        if (before := was.get(center, _ZERO)) != (after := now.get(center, _ZERO))
    ]
    changes.sort(key=_size, reverse=True)
    return {
        "changes": changes[:_CHANGES],
        "more_changes": len(changes[_CHANGES:]),
        "previous_amount": sum(was.values(), _ZERO),
    }


def _size(change: Mapping[str, Any]) -> Decimal:
    return abs(Decimal(change["now"] - change["was"]))


def _shown(details: Details, cap: int) -> dict[str, Any]:
    """The largest rows of each table, in its own order, and what the others come to."""
    return {
        "attached": details.attached,
        "cost_centers": _table(details.cost_centers, cap),
        "lines": _table(details.lines, cap),
    }


def _table(rows: Sequence[Row], cap: int) -> dict[str, Any]:
    shown = [row for row in rows if row["rank"] <= cap]
    last = max(shown, key=lambda row: int(row["rank"]), default=None)
    return {
        "shown": shown,
        "more": len(rows) - len(shown),
        "rest_amount": last and last["rest_amount"],
    }
