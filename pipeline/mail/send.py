"""Send messages and post totals, record each, and say who was not reached."""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Self

from pipeline.config import Mail
from pipeline.errors import DeliveryError
from pipeline.mail import webhook
from pipeline.mail.ledger import NotNotedError
from pipeline.mail.pending import Pending
from pipeline.mail.plain import plain
from pipeline.mail.smtp import (
    LostError,
    MailServer,
    NotAcceptedError,
    UnreachableError,
)
from pipeline.monitor import Message, current

log = logging.getLogger(__name__)

# Within it a message is sent, which is noted if that does not fail.
Noted = Callable[[Pending], AbstractContextManager[None]]

# After so many messages in a row that were lost, no more are sent.
_MOST_LOST = 3
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """Who was not reached, why, and what to do."""

    recipient: str
    reason: str
    remedy: str

    @classmethod
    def of(cls, recipient: str, error: DeliveryError) -> Self:
        """The failure that *error* describes in two lines."""
        reason, _, remedy = str(error).partition("\n")
        return cls(recipient, reason, remedy)


def send_mails(
    pending: Sequence[Pending],
    mail: Mail,
    write: Callable[[Pending], bytes],
    noted: Noted,
) -> list[Failure]:
    """Send what is *pending*; one that is refused does not stop the others."""
    failures: list[Failure] = []
    lost = 0
    with MailServer(mail) as server:
        for index, one in enumerate(pending):
            try:
                content = write(one)
                with noted(one):
                    server.send(content, one.recipient)
            except UnreachableError as exc:
                return failures + _all(pending[index:], exc.reason, exc.remedy)
            except NotNotedError as exc:
                failures.append(Failure(one.recipient, exc.reason, exc.remedy))
                continue
            except NotAcceptedError as exc:
                failures.append(Failure(one.recipient, exc.reason, exc.remedy))
                log.warning("mail %s: %s", described(one), exc.reason)
                lost = lost + 1 if isinstance(exc, LostError) else 0
                if lost == _MOST_LOST:
                    others = pending[index + 1 :]
                    return failures + _all(others, exc.reason, exc.remedy)
                continue
            lost = 0
            _record("mail", one)
            log.info("mail %s: delivered", described(one))
    return failures


def send_totals(
    pending: Iterable[Pending],
    mail: Mail,
    lines: Callable[[Pending], list[str]],
    noted: Noted,
) -> list[Failure]:
    """Post the totals that are *pending* to the webhook."""
    failures: list[Failure] = []
    for one in pending:
        content = webhook.payload(mail.webhook_format, [lines(one)])
        try:
            with noted(one):
                webhook.post(
                    mail.webhook or "",
                    content,
                    mail.timeout_seconds,
                    mail.webhook_proxy,
                )
        except webhook.WebhookError as exc:
            return [*failures, Failure(one.recipient, exc.reason, exc.remedy)]
        except NotNotedError as exc:
            failures.append(Failure(one.recipient, exc.reason, exc.remedy))
            continue
        _record("webhook", one)
        log.info("mail %s: posted", described(one))
    return failures


def _record(channel: str, one: Pending) -> None:
    statement = one.statement
    is_final = statement.is_final
    message = Message(channel, statement.month, statement.cost_center, is_final)
    current().message(message)


def described(pending: Pending) -> str:
    """A statement and its recipient, for a line of the log."""
    statement = pending.statement
    center = statement.cost_center
    whose = "all cost centres" if center is None else plain(center)
    month = f"{statement.month:%Y-%m}"
    return f"{month} {whose}, {statement.status}, to {pending.recipient}"


def error(failures: Sequence[Failure], pending: int) -> DeliveryError:
    """The error of a delivery: who was not reached and why; then what to do."""
    by_reason: dict[str, dict[str, None]] = {}
    for failure in failures:
        by_reason.setdefault(failure.reason, {})[failure.recipient] = None
    reasons = "; ".join(
        f"{_names(list(names))}: {reason}" for reason, names in by_reason.items()
    )
    remedies = "; ".join(dict.fromkeys(failure.remedy for failure in failures))
    return DeliveryError(
        f"{len(failures)} of {pending} not delivered: {reasons}\n"
        f"{remedies}; then chargeback deliver sends just what is missing"
    )


def _names(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    named = ", ".join(names[:_MOST_NAMED])
    return f"{named} and {more} more" if more > 0 else named


def _all(pending: Iterable[Pending], reason: str, remedy: str) -> list[Failure]:
    return [Failure(one.recipient, reason, remedy) for one in pending]
