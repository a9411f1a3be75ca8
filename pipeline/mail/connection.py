"""A connection to the mail server: encrypted, logged in to, bounded in time."""

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pipeline.config import Mail
from pipeline.mail.plain import plain
from pipeline.mail.sign_in import SignIn

# A whole connection or mail may take so many timeouts; the timeout is that of a step.
# It ends a server that answers without end.
_TIMEOUTS_IN_ALL = 5
_PERMANENT = 500
_PASSWORD = "check mail.user and mail.password"  # noqa: S105 (what to do)
_LONGEST_WORDS = 200
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")


def connect(configured: Mail, timeout: float, sign_in: SignIn) -> smtplib.SMTP:
    """A connection, encrypted and logged in to as it is configured.

    A step of it may take *timeout* seconds. It raises what smtplib raises.

    Raises:
        TokenError: There is no token to sign in with.
    """
    sign_in.prepare(timeout)
    context = ssl.create_default_context()
    place = configured.host, configured.port
    if configured.security == "tls":
        smtp: _Bounded = _BoundedTls(*place, timeout=timeout, context=context)
    else:
        smtp = _Bounded(*place, timeout=timeout)
    try:
        with deadline(smtp, timeout):
            if configured.security == "starttls":
                smtp.starttls(context=context)
            sign_in.sign_in(smtp)
            smtp.ehlo_or_helo_if_needed()
    except BaseException:
        smtp.close()
        raise
    return smtp


@contextmanager
def deadline(smtp: smtplib.SMTP, timeout: float) -> Iterator[None]:
    """Close the connection if the block takes several times *timeout*, in seconds."""

    def cut() -> None:
        with suppress(OSError, AttributeError):  # closed, or not connected yet
            socket.socket.shutdown(smtp.sock, socket.SHUT_RDWR)  # type: ignore[arg-type]

    timer = threading.Timer(timeout * _TIMEOUTS_IN_ALL, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def reason(exc: Exception) -> str:
    """The error in our words: a server's own text might repeat what was sent."""
    if isinstance(exc, smtplib.SMTPResponseException):
        return status(exc.smtp_code, exc.smtp_error)
    if isinstance(exc, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {exc.verify_message}"
    if isinstance(exc, OSError) and not isinstance(exc, smtplib.SMTPException):
        return str(exc.strerror or exc or type(exc).__name__)
    return str(exc)


def remedy(exc: Exception, configured: Mail) -> str:
    """What to do about a connection that could not be made."""
    is_by_token = configured.oauth is not None
    if isinstance(exc, smtplib.SMTPAuthenticationError):
        return _token_remedy(configured) if is_by_token else _PASSWORD
    if isinstance(exc, smtplib.SMTPNotSupportedError):
        if is_by_token and "XOAUTH2" in str(exc):
            return 'check mail.host, or write auth = "password"'
        return 'check mail.security: "tls" for port 465, "starttls" for 587'
    if isinstance(exc, ssl.SSLCertVerificationError):
        return "set mail.host to the name in the certificate, or trust its issuer"
    if isinstance(exc, ssl.SSLError | TimeoutError | smtplib.SMTPServerDisconnected):
        return 'check mail.port and mail.security: "tls" for 465, "starttls" for 587'
    return "check mail.host and mail.port, and whether a firewall is between"


def _token_remedy(configured: Mail) -> str:
    """A token that was issued and not taken: the mailbox is not open to the app."""
    if configured.oauth is not None and configured.oauth.private_key is not None:
        return "check mail.user: an account with Gmail, in the domain that delegates"
    return (
        "let the app send as mail.user: permission SMTP.SendAsApp with an admin's"
        " consent, a service principal in Exchange with full access to the mailbox,"
        " and SMTP AUTH switched on for it"
    )


def may_pass(exc: Exception) -> bool:
    """Whether another try may succeed."""
    if isinstance(exc, smtplib.SMTPResponseException):
        return exc.smtp_code < _PERMANENT
    if isinstance(exc, ssl.SSLError | smtplib.SMTPNotSupportedError):
        return False
    return isinstance(exc, OSError)


def status(code: int, text: bytes | str) -> str:
    """The code, and the enhanced code with which most servers begin their text."""
    enhanced = _ENHANCED.match(_bytes(text))
    return f"refused with {code}{' ' + enhanced[0].decode() if enhanced else ''}"


def said(text: bytes | str, redact: Callable[[str], str]) -> str:
    """What the server said after a code, in one short line; *redact* hides secrets."""
    whole = _bytes(text)
    enhanced = _ENHANCED.match(whole)
    text = whole[enhanced.end() if enhanced else 0 :].decode(errors="replace")
    words = redact(text)
    line = plain(words, _LONGEST_WORDS).replace('"', "'") if words.strip() else ""
    return f', and said "{line}"' if line else ""


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode(errors="replace")


class _Bounded(smtplib.SMTP):
    """A client whose connection ends in time, also if a greeting never ends."""

    def connect(
        self, host: str = "localhost", port: int = 0, source_address: Any = None
    ) -> tuple[int, bytes]:
        with deadline(self, self.timeout):
            return super().connect(host, port, source_address)


class _BoundedTls(_Bounded, smtplib.SMTP_SSL):
    """The same, encrypted from the start."""
