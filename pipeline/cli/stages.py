"""`chargeback run`: every stage of the nightly job, each as far as it can go."""

import logging

from pipeline import mail, nightly
from pipeline.cli import logs
from pipeline.config import Run
from pipeline.errors import DeliveryError, PipelineError
from pipeline.extract import extract
from pipeline.monitor import current

log = logging.getLogger(__name__)


def all_stages(run: Run, *, deliver: bool) -> None:
    """Extract, build, check, report and, if asked for, *deliver*; say which page.

    A tenant or a source that fails stops no page and no mail that does without it: a
    month whose days were not all read waits by itself. The failure is raised at last.

    Raises:
        PipelineError: Something could not be read, or not be delivered.
    """
    stage = current().stage
    mail.check(run)
    with stage("extract"):
        failure = extract(run)
    if failure:
        current().fail_stage()
    with stage("build"):
        nightly.build(run)
    with stage("report"):
        page = nightly.report(run)
    if not run.quiet:
        logs.say(page)
    if deliver:
        _deliver(run, failure)
    if failure:
        raise failure


def _deliver(run: Run, failure: PipelineError | None) -> None:
    """Send what is due; after a *failure*, which is the one to end with, just log."""
    try:
        with current().stage("deliver"):
            mail.send(run)
    except DeliveryError as exc:
        if failure is None:
            raise
        log.error("%s", exc)  # noqa: TRY400 (a trace is shown only if asked for)
