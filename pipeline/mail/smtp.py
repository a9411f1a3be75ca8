"""The mail server: reached, encrypted, logged in to, and handed one mail at a time.

* DeliveryError
  - UnreachableError  no mail can be handed over: not reached, not trusted, no login
  - NotTakenError     this mail was not taken
    + LostError       nobody knows whether it was

What the server says in words is never repeated: it might echo what it was told.
"""

import logging
import smtplib
from contextlib import suppress
from typing import Self

import stamina
from stamina.instrumentation import RetryDetails

from pipeline.config import Mail
from pipeline.errors import DeliveryError
from pipeline.mail.connection import (
    connect,
    deadline,
    may_pass,
    reason,
    refused,
    remedy,
)

__all__ = [
    "LostError",
    "MailServer",
    "NotTakenError",
    "UnreachableError",
    "connect",
    "log_retry",
    "reason",
    "remedy",
]

log = logging.getLogger(__name__)

_TRIES = 3
_WAIT_SECONDS = (1.0, 15.0)
_OK = 250
_FORWARDED = 251
_CLOSING = 421
_PERMANENT = 500

_LATER = "try again later"
_MENDS = {
    "sender": "check mail.from: the server does not let it send",
    "recipient": "check the address",
    "mail": "ask the server's admin what mail it takes, or attach less",
}


class _MailError(DeliveryError):
    """What went wrong, and what to do; whether it is worth another try at once."""

    def __init__(self, reason: str, remedy: str, *, is_passing: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.is_passing = is_passing


class UnreachableError(_MailError):
    """The server takes no mail from us at all."""


class NotTakenError(_MailError):
    """The server did not take this mail, or was gone before it could say so."""


class LostError(NotTakenError):
    """Nobody knows whether the server has the mail."""


class MailServer:
    """A connection that is made when it is needed, and again when it was lost."""

    def __init__(self, configured: Mail) -> None:
        self._mail = configured
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def send(self, mail: bytes, recipient: str) -> None:
        """Hand over *mail* for *recipient*; what may pass is tried a few times.

        Raises:
            UnreachableError: No mail can be handed over, to nobody.
            NotTakenError: This one was refused, or the server left in its middle.
        """
        first, longest = _WAIT_SECONDS
        for attempt in stamina.retry_context(
            on=_is_passing,
            attempts=_TRIES,
            timeout=None,
            wait_initial=first,
            wait_max=longest,
        ):
            with attempt:
                self._try(mail, recipient)

    def _try(self, mail: bytes, recipient: str) -> None:
        smtp = self._smtp or self._open()
        try:
            with deadline(smtp, self._mail.timeout_seconds):
                _address(smtp, self._mail.sender, recipient, len(mail))
                _hand_over(smtp, mail)
        except NotTakenError:
            self._begin_anew(smtp)
            raise

    def _open(self) -> smtplib.SMTP:
        try:
            self._smtp = connect(self._mail, self._mail.timeout_seconds)
        except (smtplib.SMTPException, OSError) as exc:
            place = f"{self._mail.host}:{self._mail.port}"
            raise UnreachableError(
                f"{place}: {reason(exc)}", remedy(exc), is_passing=may_pass(exc)
            ) from exc
        return self._smtp

    def _begin_anew(self, smtp: smtplib.SMTP) -> None:
        """Forget the mail that was not taken; a server that does not is left."""
        try:
            with deadline(smtp, self._mail.timeout_seconds):
                code, _ = smtp.rset()
        except (smtplib.SMTPException, OSError):
            code = _CLOSING
        if code != _OK:
            self._close()

    def _close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with (
                suppress(smtplib.SMTPException, OSError),
                deadline(smtp, self._mail.timeout_seconds),
            ):
                smtp.quit()
            smtp.close()


def log_retry(details: RetryDetails) -> None:
    """Say in one line that the server is tried again, and why."""
    log.warning(
        "mail: retry %d in %.1fs: %s",
        details.retry_num,
        details.wait_for,
        details.caused_by,
    )


def _address(smtp: smtplib.SMTP, sender: str, recipient: str, size: int) -> None:
    """The envelope; a connection that is lost here has delivered nothing."""
    options = [f"size={size}"] if smtp.has_extn("size") else []
    try:
        _expect("sender", *smtp.mail(sender, options))
        _expect("recipient", *smtp.rcpt(recipient))
    except smtplib.SMTPException as exc:  # it is gone, or says nothing of sense
        raise NotTakenError("the connection was lost", _LATER, is_passing=True) from exc


def _hand_over(smtp: smtplib.SMTP, mail: bytes) -> None:
    """The mail; who loses the connection here does not know whether it was taken."""
    try:
        _expect("mail", *smtp.data(mail))
    except smtplib.SMTPDataError as exc:
        _expect("mail", exc.smtp_code, exc.smtp_error)
        raise NotTakenError(reason(exc), _LATER, is_passing=False) from exc
    except smtplib.SMTPException as exc:
        raise LostError(
            "the connection was lost before the server said that it has the mail",
            f"{_LATER}: it may arrive twice, under the same Message-ID",
            is_passing=False,
        ) from exc


def _expect(what: str, code: int, said: bytes | str) -> None:
    if code in {_OK, _FORWARDED}:
        return
    is_passing = 0 < code < _PERMANENT
    raise NotTakenError(
        f"{what} {refused(code, said)}",
        _LATER if is_passing else _MENDS[what],
        is_passing=is_passing,
    )


def _is_passing(exc: Exception) -> bool:
    return isinstance(exc, _MailError) and exc.is_passing
