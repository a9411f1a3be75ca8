"""The mail server: reached, encrypted and logged in to; nothing is sent."""

import smtplib
import ssl

from pipeline.config import Mail
from pipeline.doctor.finding import Finding, fail, ok
from pipeline.errors import DeliveryError

_TIMEOUT_SECONDS = 10


def mail(configured: Mail | None, timeout: float = _TIMEOUT_SECONDS) -> Finding:
    """Whether the server would take mail from us; *timeout* is in seconds."""
    if configured is None:
        return ok("mail", "not configured: pages stay in the reports folder")
    place = f"{configured.host}:{configured.port}"
    try:
        _log_in(configured, timeout)
    except (smtplib.SMTPException, OSError) as exc:
        found = f"{place}, {configured.security}: {_reason(exc)}"
        return fail("mail", found, _mend(exc), DeliveryError.exit_code)
    as_user = f", logged in as {configured.user}" if configured.user else ""
    return ok("mail", f"{place} answers, {configured.security}{as_user}")


def _log_in(configured: Mail, timeout: float) -> None:
    context = ssl.create_default_context()
    place = configured.host, configured.port
    if configured.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            *place, timeout=timeout, context=context
        )
    else:
        server = smtplib.SMTP(*place, timeout=timeout)
    with server:
        if configured.security == "starttls":
            server.starttls(context=context)
        if configured.user and configured.password:
            server.login(configured.user, configured.password)
        else:
            server.ehlo_or_helo_if_needed()


def _reason(exc: Exception) -> str:
    """The error's name and code; a server's own words might repeat what was sent."""
    if isinstance(exc, smtplib.SMTPResponseException):
        return f"refused with {exc.smtp_code}"
    if isinstance(exc, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {exc.verify_message}"
    if isinstance(exc, OSError) and not isinstance(exc, smtplib.SMTPException):
        return str(exc.strerror or exc or type(exc).__name__)
    return str(exc)


def _mend(exc: Exception) -> str:
    if isinstance(exc, smtplib.SMTPAuthenticationError):
        return "check mail.user and mail.password"
    if isinstance(exc, smtplib.SMTPNotSupportedError):
        return 'check mail.security: "tls" for port 465, "starttls" for 587'
    if isinstance(exc, ssl.SSLCertVerificationError):
        return "set mail.host to the name in the certificate, or trust its issuer"
    if isinstance(exc, ssl.SSLError | TimeoutError | smtplib.SMTPServerDisconnected):
        return 'check mail.port and mail.security: "tls" for 465, "starttls" for 587'
    return "check mail.host and mail.port, and whether a firewall is between"
