"""Everything that goes to people: what is due, its words, its files, the way there."""

import logging
from pathlib import Path

from stamina.instrumentation import set_on_retry_hooks

from pipeline.config import Run, proxies
from pipeline.mail import smtp
from pipeline.mail.attachments import Attachments
from pipeline.mail.deliver import deliver

__all__ = ["check", "send"]

log = logging.getLogger(__name__)


def check(run: Run) -> None:
    """Accept the proxy on the way to the webhook, if there is one.

    Raises:
        ConfigError: This installation cannot speak to it.
    """
    if run.settings.mail is not None:
        proxies.check(run.settings.mail.webhook_proxy)


def send(run: Run, dry_run: Path | None = None) -> None:
    """Statements to people, if mail is configured; with *dry_run* into that folder.

    Raises:
        ConfigError: The proxy on the way to the webhook cannot be spoken to.
        DeliveryError: Somebody was not reached; the next time just they are tried.
    """
    mail = run.settings.mail
    if mail is None:
        log.info("no [mail] is configured: nothing is sent")
        return
    if dry_run is None:
        check(run)
    set_on_retry_hooks([smtp.log_retry])
    deliver(run, mail, Attachments(run.settings, mail.attach), dry_run)
