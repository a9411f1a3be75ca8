"""A statement → the HTML and the text of its mail, with the same figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from babel import Locale
from jinja2 import Environment

from pipeline import formats
from pipeline.config import Settings
from pipeline.dates import month_of, same_days
from pipeline.formats.language import Language
from pipeline.formats.templates import environment
from pipeline.mail.changes import changes, line_changes
from pipeline.mail.pending import Pending
from pipeline.mail.plain import plain
from pipeline.mail.statements import Statement
from pipeline.mail.why import why
from pipeline.report.paths import consolidated_page, month_page, statement_page
from pipeline.warehouse import Row

# The most lines of a table: the next lower cap is tried while the HTML is too large.
CAPS = (120, 80, 50, 25, 10)
_LONGEST_TITLE = 160


@dataclass(frozen=True, slots=True)
class Details:
    """The tables below the totals, the kinds of the attachments, notes, and causes."""

    cost_centers: Sequence[Row]
    lines: Sequence[Row]
    attached: Sequence[str]
    notes: Sequence[Row] = ()
    causes: Sequence[Row] = ()


class Content:
    """Renders the templates of messages in *folder*, in a language.

    Of *settings* are the issuer, the look, and where people open the pages, to which a
    message links.
    """

    def __init__(
        self,
        folder: Path,
        locale: Locale,
        language: Language,
        settings: Settings,
    ) -> None:
        self._folder = folder
        self._locale = locale
        self._language = language
        self._issuer = language.gettext(settings.charge.issuer)
        self._contact = settings.charge.contact
        self._url = settings.report.url
        self.look = settings.look
        self._environments: dict[tuple[str, bool], Environment] = {}

    def subject(self, pending: Pending, as_of: date) -> str:
        """The subject, unique for each statement and status: threads stay apart."""
        return self._render("mail_subject.txt", self._words(pending, as_of)).strip()

    def text(self, pending: Pending, as_of: date, details: Details, cap: int) -> str:
        """The plain part."""
        words = self._words(pending, as_of) | self._shown(pending, details, cap)
        return self._render("mail.txt", words)

    def html(self, pending: Pending, as_of: date, details: Details, cap: int) -> str:
        """The HTML part."""
        words = self._words(pending, as_of) | self._shown(pending, details, cap)
        title = plain(self.subject(pending, as_of), _LONGEST_TITLE)
        return self._render("mail.html", words | {"subject": title})

    def totals(self, pending: Pending, as_of: date) -> list[str]:
        """Some lines for a chat, the first a title, without names that people typed."""
        words = self._words(pending, as_of)
        return self._render("mail_totals.txt", words).strip().splitlines()

    def _words(self, pending: Pending, as_of: date) -> dict[str, Any]:
        statement = pending.statement
        return {
            "statement": statement.head,
            "is_rolled_up": statement.is_rolled_up,
            "status": statement.status,
            "is_final": statement.is_final,
            "has_ended": statement.has_ended(as_of),
            "issuer": self._issuer,
            "contact": self._contact,
            "as_of": as_of,
            "same_days": _same_days(statement, as_of),
            "previous": pending.previous,
            "lang": self._language.tag,
            "look": self.look,
            "link": _link(statement, self._url),
            **changes(statement, pending.previous),
        }

    def _shown(self, pending: Pending, details: Details, cap: int) -> dict[str, Any]:
        """The largest rows of each table in its own order, and why it changed."""
        statement = pending.statement
        filters = self._filters(statement.head["currency"])
        return {
            "attached": details.attached,
            "cost_centers": _table(details.cost_centers, cap),
            "lines": _table(details.lines, cap),
            "line_changes": line_changes(details.lines, pending.previous),
            "noted": details.notes[:cap],
            "more_noted": len(details.notes[cap:]),
            "why": why(statement, details.causes, filters) if details.causes else [],
        }

    def _filters(self, currency: str) -> Mapping[str, formats.Filter]:
        return formats.filters(currency, self._locale, self._language)

    def _render(self, template: str, words: Mapping[str, Any]) -> str:
        """A template with the filters of a currency; escaped if it is HTML."""
        kind = words["statement"]["currency"], template.endswith(".html")
        if kind not in self._environments:
            self._environments[kind] = self._environment(*kind)
        return self._environments[kind].get_template(template).render(words)

    def _environment(self, currency: str, is_html: bool) -> Environment:  # noqa: FBT001
        made = environment(self._folder, self._language, is_html)
        filters = self._filters(currency)
        rows = formats.row_filters(currency)
        made.filters |= {**filters, **rows, "plain": plain}
        return made


def _same_days(statement: Statement, as_of: date) -> tuple[date, date] | None:
    """To which days a running month and the one before are compared, if it runs."""
    ranges = same_days(as_of)
    return ranges if ranges and statement.month == month_of(ranges[0]) else None


def _link(statement: Statement, url: str | None) -> str | None:
    """Where people open the page of *statement*, if that is known and there is one."""
    if not url or statement.is_rolled_up:
        return None
    key = {"month": statement.month, "cost_center": statement.cost_center}
    tenants = statement.head["tenants"]
    if statement.cost_center is None:
        page = month_page(statement.month)
    elif len(tenants) == 1:
        page = statement_page({**key, "tenant": tenants[0]})
    else:
        page = consolidated_page(key)
    return f"{url.rstrip('/')}/{page}"


def _table(rows: Sequence[Row], cap: int) -> dict[str, Any]:
    shown = [row for row in rows if row["rank"] <= cap]
    last = max(shown, key=lambda row: int(row["rank"]), default=None)
    return {
        "shown": shown,
        "more": len(rows) - len(shown),
        "rest_amount": last and last["rest_amount"],
        "rest_display": last and last.get("rest_display_amount"),
    }
