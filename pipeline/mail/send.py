"""Mail and webhook: one after the other, noted when taken; who was not reached."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pipeline.config import Mail
from pipeline.errors import DeliveryError
from pipeline.mail import webhook
from pipeline.mail.due import Due
from pipeline.mail.smtp import LostError, MailServer, NotTakenError, UnreachableError
from pipeline.mail.text import plain

log = logging.getLogger(__name__)

# After so many mails in a row that were lost on the way, the server is in trouble.
_LOST = 3
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """Who was not reached, why, and what to do."""

    recipient: str
    reason: str
    remedy: str


def send_mails(
    pending: Sequence[Due],
    mail: Mail,
    write: Callable[[Due], bytes],
    note: Callable[[Due], None],
) -> list[Failure]:
    """Send what is *pending*; one that is refused does not stop the others."""
    failures: list[Failure] = []
    lost = 0
    with MailServer(mail) as server:
        for place, due in enumerate(pending):
            try:
                server.send(write(due), due.recipient)
            except UnreachableError as exc:
                return failures + _all(pending[place:], exc.reason, exc.remedy)
            except NotTakenError as exc:
                failures.append(Failure(due.recipient, exc.reason, exc.remedy))
                log.warning("mail %s: %s", described(due), exc.reason)
                lost = lost + 1 if isinstance(exc, LostError) else 0
                if lost == _LOST:
                    return failures + _all(pending[place + 1 :], exc.reason, exc.remedy)
                continue
            lost = 0
            note(due)
            log.info("mail %s: delivered", described(due))
    return failures


def send_totals(
    pending: Iterable[Due],
    mail: Mail,
    lines: Callable[[Due], list[str]],
    note: Callable[[Due], None],
) -> list[Failure]:
    """Post the totals that are *pending* to the webhook."""
    for due in pending:
        content = webhook.payload(mail.webhook_format, lines(due))
        try:
            webhook.post(
                mail.webhook or "", content, mail.timeout_seconds, mail.webhook_proxy
            )
        except webhook.WebhookError as exc:
            return [Failure(due.recipient, exc.reason, exc.remedy)]
        note(due)
        log.info("mail %s: posted", described(due))
    return []


def described(due: Due) -> str:
    """A statement and its recipient in a line of the log."""
    center = due.statement.cost_center
    whose = "all cost centres" if center is None else plain(center)
    status = due.statement.status
    return f"{due.statement.month:%Y-%m} {whose}, {status}, to {due.recipient}"


def error(failures: Sequence[Failure], pending: int) -> DeliveryError:
    """Who was not reached and why in a line, and in the next what to do about it."""
    by_reason: dict[str, dict[str, None]] = {}
    for failure in failures:
        by_reason.setdefault(failure.reason, {})[failure.recipient] = None
    told = "; ".join(
        f"{_names(list(names))}: {reason}" for reason, names in by_reason.items()
    )
    remedies = "; ".join(dict.fromkeys(failure.remedy for failure in failures))
    return DeliveryError(
        f"{len(failures)} of {pending} not delivered: {told}\n"
        f"{remedies}; then chargeback deliver sends just what is missing"
    )


def _names(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    named = ", ".join(names[:_NAMED])
    return f"{named} and {more} more" if more > 0 else named


def _all(pending: Iterable[Due], reason: str, remedy: str) -> list[Failure]:
    return [Failure(due.recipient, reason, remedy) for due in pending]
