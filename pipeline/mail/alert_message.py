"""Alerts that are due → the words of a mail and of a chat, the same each time."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from pipeline.config import Look, Mail, Settings
from pipeline.formats.language import Language, language
from pipeline.formats.templates import environment
from pipeline.mail.alert_state import Alert
from pipeline.mail.headers import address_header, text_header
from pipeline.mail.plain import plain
from pipeline.resources import resource

_MOST = 40  # alerts in a message
_LONGEST_LINE = 500
_LONGEST_SUBJECT = 160
# Teams takes 28 KB of a card, and Slack cuts a text at 40,000 characters.
_LARGEST = 12_000
_POLICY = SMTP.clone(cte_type="7bit")


def title(due: Sequence[Alert], language: Language) -> str:
    """The subject of a message: the first alert, and how many more there are."""
    first = plain(due[0].lines[0], _LONGEST_LINE)
    more = language.gettext(", and %(n)s more") % {"n": len(due) - 1}
    return f"{language.gettext('Chargeback')}: {first}{more if due[1:] else ''}"


def paragraphs(due: Sequence[Alert], language: Language) -> list[list[str]]:
    """The lines for a chat: a title, then each alert; of very many, so many."""
    shown, rest = _shown(due, language)
    head = title(due, language)
    if not due[1:]:
        return [[head, *shown[0][1:]]]
    return [[head], *shown, *([line] for line in rest)]


def parts(due: Sequence[Alert], language: Language) -> list[dict[str, Any]]:
    """The alerts that `paragraphs` shows, for programs; one comes once by its `key`."""
    shown, _ = _shown(due, language)
    return [
        {
            "key": one.key,
            "subject": one.subject,
            "since": one.since,
            "cost_centers": list(one.cost_centers),
            "title": cleaned[0],
            "lines": cleaned[1:],
        }
        for one, cleaned in zip(due, shown, strict=False)
    ]


def text(due: Sequence[Alert], language: Language) -> str:
    """A paragraph for each alert: its title, and below it the rest, indented."""
    shown, rest = _shown(due, language)
    return "\n\n".join(["\n  ".join(each) for each in shown] + rest) + "\n"


def message(
    mail: Mail, settings: Settings, now: datetime, recipient: str, due: Sequence[Alert]
) -> bytes:
    """The mail about what is *due*; a repeat has the same Message-ID."""
    said = language(settings.report.language)
    keys = "\n".join([recipient, *(f"{one.key} {one.since}" for one in due)])
    digest = hashlib.sha256(keys.encode()).hexdigest()[:32]
    made = EmailMessage(policy=_POLICY)
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<alert.{digest}.chargeback@{mail.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text(due, said))
    made.add_alternative(_html(due, said, settings.look), subtype="html")
    made.set_boundary(digest)  # the library's would be random
    head = (
        text_header("Subject", plain(title(due, said), _LONGEST_SUBJECT))
        + address_header("From", mail.sender_name, mail.sender)
        + address_header("To", "", recipient)
    )
    return head + made.as_bytes()


def _html(due: Sequence[Alert], language: Language, look: Look) -> str:
    shown, rest = _shown(due, language)
    head = title(due, language)
    words: dict[str, Any] = {"title": head, "alerts": shown, "rest": rest}
    words |= {"lang": language.tag, "look": look}
    templates = environment(resource("templates"), language)
    return templates.get_template("mail_alerts.html").render(words)


def _shown(
    due: Sequence[Alert], language: Language
) -> tuple[list[list[str]], list[str]]:
    """The lines of as many alerts as there is room for, and of how many are left out.

    There is room for one, at least.
    """
    shown: list[list[str]] = []
    room = _LARGEST
    for one in due[:_MOST]:
        cleaned = [plain(line, _LONGEST_LINE) for line in one.lines]
        room -= sum(len(line.encode()) for line in cleaned)
        if shown and room < 0:
            break
        shown.append(cleaned)
    more = len(due) - len(shown)
    rest = language.gettext("And %(n)s more, which the pages show.") % {"n": more}
    return shown, [rest] if more else []
