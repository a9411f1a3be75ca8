"""Pending deliveries: which statement is still to be sent to whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.config import Mail
from pipeline.dates import month_before
from pipeline.mail.ledger import Delivery, DeliveryLedger, Reader
from pipeline.mail.statements import Statement

WEBHOOK = "webhook"

# An open month whose amounts change is sent again after so long.
_RESEND_AFTER = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Pending:
    """A statement to send to a recipient, and the last delivery of its month."""

    statement: Statement
    recipient: str
    previous: Delivery | None


def readers(mail: Mail) -> list[Reader]:
    """The recipients of everything, those of a cost centre, and the webhook."""
    whole: list[Reader] = [(recipient, None) for recipient in mail.recipients]
    own: list[Reader] = [
        (recipient, center)
        for center, recipients in mail.cost_centers.items()
        for recipient in recipients
    ]
    return [*whole, *own, *([(WEBHOOK, None)] if mail.webhook else [])]


def pending(
    statements: Sequence[Statement], ledger: DeliveryLedger, mail: Mail, as_of: date
) -> Iterator[Pending]:
    """What is to be sent on *as_of*, statement by statement."""
    every_reader = readers(mail)
    for statement in statements:
        is_ready = _is_ready(statement, mail.open_month, as_of)
        for reader in every_reader:
            recipient, center = reader
            first = ledger.first_month(reader) or month_before(as_of)
            if center != statement.cost_center or statement.month < first:
                continue
            previous = ledger.last(reader, statement.month)
            if previous and as_of < previous.as_of:
                continue  # the clock was set back: more is known already
            if statement.is_taken_back:
                # Who got what was reversed gets the credit note, once.
                is_due = previous is not None and previous.is_final
            else:
                is_due = is_ready and (
                    previous is None or _is_news(statement, previous, as_of)
                )
            if is_due:
                yield Pending(statement, recipient, previous)


def _is_ready(statement: Statement, open_month: str, as_of: date) -> bool:
    """Whether it may be sent: it is closed, or read whole at the time to send it."""
    if statement.is_final:
        return True
    if open_month == "never" or not statement.is_whole(as_of):
        return False
    return open_month == "weekly" or statement.has_ended(as_of)


def _is_news(statement: Statement, previous: Delivery, as_of: date) -> bool:
    """Whether it differs from what was sent: at once if it is another version.

    Other amounts of an open month are sent when the month ends, and then weekly.
    """
    is_same = (
        statement.versions == previous.versions
        and statement.is_final == previous.is_final
    )
    if not is_same:
        return True
    if statement.is_final or statement.fingerprint == previous.fingerprint:
        return False
    has_just_ended = statement.has_ended(as_of) > statement.has_ended(previous.as_of)
    return has_just_ended or as_of - previous.as_of >= _RESEND_AFTER
