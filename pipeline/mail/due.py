"""Which statement is due to whom: each version once, and never every night."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.config import Mail
from pipeline.dates import month_before
from pipeline.mail.ledger import Delivery, DeliveryLedger, Reader
from pipeline.mail.statements import Statement

WEBHOOK = "webhook"

# An open month whose amounts move night by night is mailed again this late.
_PATIENCE = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A statement for a recipient, and what they were told of it last."""

    statement: Statement
    recipient: str
    previous: Delivery | None


def readers(mail: Mail) -> list[Reader]:
    """Who is written to: of everything, of a cost centre, and the webhook."""
    whole: list[Reader] = [(recipient, None) for recipient in mail.recipients]
    own: list[Reader] = [
        (recipient, center)
        for center, recipients in mail.cost_centers.items()
        for recipient in recipients
    ]
    return [*whole, *own, *([(WEBHOOK, None)] if mail.webhook else [])]


def due(
    statements: Sequence[Statement], ledger: DeliveryLedger, mail: Mail, as_of: date
) -> Iterator[Due]:
    """What is to be sent on *as_of*, statement by statement."""
    waiting = readers(mail)
    for statement in statements:
        if not _is_ready(statement, mail.open_month, as_of):
            continue
        for reader in waiting:
            recipient, center = reader
            first = ledger.first_month(reader) or month_before(as_of)
            if center != statement.cost_center or statement.month < first:
                continue
            previous = ledger.last(reader, statement.month)
            if previous is None or _is_news(statement, previous, as_of):
                yield Due(statement, recipient, previous)


def _is_ready(statement: Statement, open_month: str, as_of: date) -> bool:
    """What is closed was found good; what is open needs all its days."""
    if statement.is_final:
        return True
    if open_month == "never" or not statement.is_whole(as_of):
        return False
    return open_month == "weekly" or statement.has_ended(as_of)


def _is_news(statement: Statement, previous: Delivery, as_of: date) -> bool:
    """Another version, at once; other amounts of an open month, when it is time."""
    is_same = (
        statement.versions == previous.versions
        and statement.is_final == previous.is_final
    )
    if not is_same:
        return True
    if statement.is_final or statement.fingerprint == previous.fingerprint:
        return False
    has_just_ended = statement.has_ended(as_of) > statement.has_ended(previous.as_of)
    return has_just_ended or as_of - previous.as_of >= _PATIENCE
