"""Everything that goes to people: what is due, its words, its files, the way there."""

import logging
from pathlib import Path

from stamina.instrumentation import set_on_retry_hooks

from pipeline.config import Run
from pipeline.mail import smtp
from pipeline.mail.attachments import Attachments
from pipeline.mail.deliver import deliver

__all__ = ["send"]

log = logging.getLogger(__name__)


def send(run: Run, dry_run: Path | None = None) -> None:
    """Statements to people, if mail is configured; with *dry_run* into that folder.

    Raises:
        DeliveryError: Somebody was not reached; the next time just they are tried.
    """
    mail = run.settings.mail
    if mail is None:
        log.info("no [mail] is configured: nothing is sent")
        return
    set_on_retry_hooks([smtp.log_retry])
    deliver(run, mail, Attachments(run.settings, mail.attach), dry_run)
