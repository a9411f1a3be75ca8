"""The mail server: a connection, and one message after the other.

* SendError
  - UnreachableError  no message can be sent: no connection, no trust, no login
  - NotAcceptedError  this message was not accepted
    + LostError       it is unknown whether it was

What the server says of a message is repeated, cleaned and cut; what it says of a login
is not: it might contain what was sent.
"""

import logging
import smtplib
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from stamina.instrumentation import RetryDetails

from pipeline.config import Mail
from pipeline.mail.connection import (
    connect,
    deadline,
    may_pass,
    reason,
    remedy,
    said,
    status,
)
from pipeline.mail.failures import SendError, attempts
from pipeline.mail.oauth import TokenError
from pipeline.mail.sign_in import SignIn

__all__ = [
    "LostError",
    "MailServer",
    "NotAcceptedError",
    "SignIn",
    "TokenError",
    "UnreachableError",
    "connect",
    "log_retry",
    "reason",
    "remedy",
]

log = logging.getLogger(__name__)

# What a step was given, the code and the text of the server's answer.
_Expect = Callable[[str, int, bytes | str], None]

_OK = 250
_FORWARDED = 251
_CLOSING = 421
_PERMANENT = 500

_NO_SPACE = 552
_NO_LOGIN = {530, 535}
_TOO_LARGE = {"5.2.3", "5.3.4"}

_LATER = "try again later"
_REMEDIES = {
    "sender": "check mail.from: the server does not let it send",
    "recipient": "check the address",
    "mail": "ask the server's admin what mail it takes, or attach less",
}


class UnreachableError(SendError):
    """The server accepts no message from us."""


class NotAcceptedError(SendError):
    """The server did not accept this message, or closed the connection before."""


class LostError(NotAcceptedError):
    """It is unknown whether the server has the message."""


class MailServer:
    """A connection that is opened when it is needed, and again after it was lost."""

    def __init__(self, configured: Mail) -> None:
        self._mail = configured
        self._sign_in = SignIn(configured)
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def send(self, mail: bytes, recipient: str) -> None:
        """Send *mail* to *recipient*, with a few tries after transient failures.

        Raises:
            UnreachableError: No message can be sent to anybody.
            NotAcceptedError: This one was refused, or the connection was lost.
        """
        for attempt in attempts():
            with attempt:
                self._try(mail, recipient)

    def _try(self, mail: bytes, recipient: str) -> None:
        smtp = self._smtp or self._open()
        try:
            with deadline(smtp, self._mail.timeout_seconds):
                _address(smtp, self._mail.sender, recipient, len(mail), self._expect)
                _transmit(smtp, mail, self._expect)
        except NotAcceptedError:
            self._reset(smtp)
            raise

    def _open(self) -> smtplib.SMTP:
        try:
            timeout = self._mail.timeout_seconds
            self._smtp = connect(self._mail, timeout, self._sign_in)
        except TokenError as exc:
            raise UnreachableError(
                exc.reason, exc.remedy, is_transient=exc.is_transient
            ) from None
        except (smtplib.SMTPException, OSError) as exc:
            place = f"{self._mail.host}:{self._mail.port}"
            raise UnreachableError(
                f"{place}: {reason(exc)}",
                remedy(exc, self._mail),
                is_transient=may_pass(exc),
            ) from None  # a trace would repeat the server's own text
        return self._smtp

    def _expect(self, what: str, code: int, text: bytes | str) -> None:
        """Go on if the server accepted *what* it was given; else it is an error."""
        if code in {_OK, _FORWARDED}:
            return
        is_transient = 0 < code < _PERMANENT
        raise NotAcceptedError(
            f"{what} {status(code, text)}{said(text, self._sign_in.redact)}",
            _LATER if is_transient else _remedy(what, code, text),
            is_transient=is_transient,
        )

    def _reset(self, smtp: smtplib.SMTP) -> None:
        """Reset the transaction, or close the connection if the server does not."""
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


def _address(
    smtp: smtplib.SMTP, sender: str, recipient: str, size: int, expect: _Expect
) -> None:
    """Send the envelope; if the connection is lost here, nothing was delivered."""
    options = [f"size={size}"] if smtp.has_extn("size") else []
    try:
        answer = smtp.mail(sender, options)
        expect("sender", *answer)
        expect("recipient", *smtp.rcpt(recipient))
    except smtplib.SMTPException as exc:  # closed, or no valid answer
        lost = "the connection was lost"
        raise NotAcceptedError(lost, _LATER, is_transient=True) from exc


def _transmit(smtp: smtplib.SMTP, mail: bytes, expect: _Expect) -> None:
    """Send the message; if the connection is lost here, its fate is unknown."""
    try:
        expect("mail", *smtp.data(mail))
    except smtplib.SMTPDataError as exc:
        expect("mail", exc.smtp_code, exc.smtp_error)
        raise NotAcceptedError(reason(exc), _LATER, is_transient=False) from exc
    except smtplib.SMTPException as exc:
        raise LostError(
            "the connection was lost before the server said that it has the mail",
            f"{_LATER}: it may arrive twice, under the same Message-ID",
            is_transient=False,
        ) from exc


def _remedy(what: str, code: int, text: bytes | str) -> str:
    """What to do about a refusal; the size of a mail is announced with its sender."""
    enhanced = status(code, text).rpartition(" ")[2]
    if enhanced in _TOO_LARGE or (what == "sender" and code == _NO_SPACE):
        return _REMEDIES["mail"]
    if what == "recipient" and code == _NO_SPACE:
        return "the recipient's mailbox is full"
    if code in _NO_LOGIN:
        return "set mail.user and mail.password, or mail.auth"
    return _REMEDIES[what]
