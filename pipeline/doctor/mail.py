"""The mail server: reached, encrypted and logged in to; nothing is sent."""

import smtplib
from collections.abc import Iterator
from urllib.parse import urlsplit

from pipeline import finance
from pipeline.config import Mail, Settings, proxies
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.errors import ConfigError, DeliveryError
from pipeline.mail import smtp

_TIMEOUT_SECONDS = 10


def mail(configured: Mail | None, timeout: float = _TIMEOUT_SECONDS) -> Finding:
    """Whether the server would take mail from us; *timeout* is in seconds."""
    if configured is None:
        return ok("mail", "not configured: pages stay in the reports folder")
    place = f"{configured.host}:{configured.port}"
    try:
        with smtp.connect(configured, timeout):
            pass
    except (smtplib.SMTPException, OSError) as exc:
        found = f"{place}, {configured.security}: {smtp.reason(exc)}"
        return fail("mail", found, smtp.remedy(exc), DeliveryError.exit_code)
    as_user = f", logged in as {configured.user}" if configured.user else ""
    return ok("mail", f"{place} answers, {configured.security}{as_user}")


def recipients(settings: Settings) -> Iterator[Finding]:
    """Who is written to, and whether the cost centres that are named exist."""
    configured = settings.mail
    if configured is None:
        return
    all_of_it = f"{len(configured.recipients)} get everything"
    own = f"{len(configured.cost_centers)} cost centres their own"
    yield ok("mail: recipients", f"{all_of_it}, {own}")
    for name in sorted(set(configured.cost_centers) - _known(settings)):
        yield warn(
            "mail: recipients",
            f"mail.cost_centers: no finance file names {name!r}",
            "write it as in the rules, the shares or the budgets",
        )
    if configured.webhook:
        yield _webhook(configured, urlsplit(configured.webhook).hostname)


def _webhook(configured: Mail, host: str | None) -> Finding:
    try:
        proxies.check(configured.webhook_proxy)
    except ConfigError as exc:
        return fail("mail: webhook", exc, "", exc.exit_code)
    return ok("mail: webhook", f"totals to {host}; nothing was sent there now")


def _known(settings: Settings) -> frozenset[str]:
    try:
        return finance.load(settings.charge, settings.currency).cost_centers
    except ConfigError:  # told where the files are examined
        return frozenset(settings.mail.cost_centers if settings.mail else ())
