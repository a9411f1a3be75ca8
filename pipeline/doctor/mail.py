"""The mail server and its recipients; nothing is sent."""

import smtplib
from collections.abc import Iterator
from urllib.parse import urlsplit

from pipeline import finance
from pipeline.config import Mail, Settings, proxies
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.errors import ConfigError, DeliveryError
from pipeline.finance import FinanceFiles
from pipeline.formats.plurals import counted
from pipeline.mail import smtp
from pipeline.report import pdf

_TIMEOUT_SECONDS = 10


def mail(configured: Mail | None, timeout: float = _TIMEOUT_SECONDS) -> Finding:
    """Whether the server accepts a login; *timeout* is in seconds."""
    if configured is None:
        return ok("mail", "not configured: pages stay in the reports folder")
    place = f"{configured.host}:{configured.port}"
    try:
        with smtp.connect(configured, timeout, smtp.SignIn(configured)):
            pass
    except smtp.TokenError as exc:
        return fail("mail", exc.reason, exc.remedy, DeliveryError.exit_code)
    except (smtplib.SMTPException, OSError) as exc:
        found = f"{place}, {configured.security}: {smtp.reason(exc)}"
        return fail(
            "mail", found, smtp.remedy(exc, configured), DeliveryError.exit_code
        )
    how = ", with a token" if configured.oauth else ""
    as_user = f", logged in as {configured.user}{how}" if configured.user else ""
    return ok("mail", f"{place} answers, security: {configured.security}{as_user}")


def recipients(settings: Settings) -> Iterator[Finding]:
    """How many recipients there are, and whether their cost centres exist."""
    configured = settings.mail
    if configured is None:
        return
    files, named = _files(settings), set(configured.cost_centers)
    centers = files.centers if files else ()
    owned = {one.cost_center for one in centers if one.owner_email}
    all_of_it = f"{len(configured.recipients)} get everything"
    own = f"{counted(len(owned | named), 'cost centre')} their own"
    yield ok("mail: recipients", f"{all_of_it}, {own}")
    known = files.cost_centers | {one.code for one in centers} if files else named
    for name in sorted(named - known):
        yield warn(
            "mail: recipients",
            f"mail.cost_centers: no finance file names {name!r}",
            "write it as in the rules, the shares or the budgets",
        )
    if "pdf" in configured.attach:
        yield _pdf()
    if configured.webhook:
        yield _webhook(configured, urlsplit(configured.webhook).hostname)


def _pdf() -> Finding:
    try:
        pdf.check()
    except ConfigError as exc:
        return fail("mail: pdf", exc, "", exc.exit_code)
    return ok("mail: pdf", "PDFs can be made")


def _webhook(configured: Mail, host: str | None) -> Finding:
    try:
        proxies.check(configured.webhook_proxy)
    except ConfigError as exc:
        return fail("mail: webhook", exc, "", exc.exit_code)
    return ok("mail: webhook", f"totals to {host}; nothing was sent there now")


def _files(settings: Settings) -> FinanceFiles | None:
    """The finance files; None if they cannot be read, which is reported of them."""
    try:
        return finance.load(settings.charge, settings.currency)
    except ConfigError:
        return None
