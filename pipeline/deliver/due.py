"""Which statement is due to whom: each version once, and never every night."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.config import Mail
from pipeline.deliver.notes import Note, Notes, Reader
from pipeline.deliver.statements import Statement

WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Due:
    """A statement for a recipient, and what they were told of it last."""

    statement: Statement
    recipient: str
    previous: Note | None


def readers(mail: Mail) -> list[Reader]:
    """Who is written to: of everything, of a cost centre, and the webhook."""
    whole: list[Reader] = [(recipient, None) for recipient in mail.recipients]
    own: list[Reader] = [
        (recipient, center)
        for center, recipients in mail.cost_centers.items()
        for recipient in recipients
    ]
    return [*whole, *own, *([(WEBHOOK, None)] if mail.webhook else [])]


def last_ended(as_of: date) -> date:
    """The month before the one of *as_of*: where a new reader's mail begins."""
    return (as_of.replace(day=1) - timedelta(days=1)).replace(day=1)


def due(
    statements: Sequence[Statement], notes: Notes, mail: Mail, as_of: date
) -> Iterator[Due]:
    """What is to be sent on *as_of*, statement by statement."""
    waiting = readers(mail)
    for statement in statements:
        if not _is_ready(statement, mail.open_month, as_of):
            continue
        for reader in waiting:
            recipient, center = reader
            first = notes.first_month(reader) or last_ended(as_of)
            if center != statement.cost_center or statement.month < first:
                continue
            previous = notes.last(reader, statement.month)
            if previous is None or _is_news(
                statement, previous, mail.open_month, as_of
            ):
                yield Due(statement, recipient, previous)


def _is_ready(statement: Statement, open_month: str, as_of: date) -> bool:
    """What is closed was found good; what is open needs all its days."""
    if statement.is_final:
        return True
    if open_month == "never" or not statement.is_whole(as_of):
        return False
    return open_month == "weekly" or statement.has_ended(as_of)


def _is_news(
    statement: Statement, previous: Note, open_month: str, as_of: date
) -> bool:
    """Another version, at once; other amounts of an open month, when it is time."""
    is_same = (
        statement.versions == previous.versions
        and statement.is_final == previous.is_final
    )
    if not is_same:
        return True
    has_changed = statement.fingerprint != previous.fingerprint
    is_time = _period(as_of, open_month) != _period(previous.as_of, open_month)
    return not statement.is_final and has_changed and is_time


def _period(day: date, open_month: str) -> tuple[int, int]:
    """The week or the month that *day* is in."""
    if open_month == "weekly":
        year, week, _ = day.isocalendar()
        return year, week
    return day.year, day.month
