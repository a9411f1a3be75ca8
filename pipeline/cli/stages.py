"""`chargeback run`: every stage of the nightly job, each as far as it can go."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from pipeline import mail, nightly
from pipeline.cli.marts import deliver_marts
from pipeline.cli.outcome import outcome
from pipeline.config import Run
from pipeline.errors import CheckError, PipelineError, TenantError
from pipeline.extract import extract
from pipeline.monitor import current
from pipeline.upkeep import compact

log = logging.getLogger(__name__)


def all_stages(run: Run, *, deliver: bool) -> None:
    """Extract, build, check, report and, if asked for, *deliver*; say which page.

    A tenant or a source that fails stops no page and no mail that does without it: a
    month whose days were not all read waits by itself. Pages that cannot be written
    stop no mail. If no tenant can be read, the earlier pages stand, and what is due by
    the earlier warehouse is delivered. The first failure is raised at last, or the one
    of the lake; the others are logged.

    Raises:
        PipelineError: Something could not be read, or not be delivered.
        OSError: Pages could not be written.
    """
    stage = current().stage
    mail.check(run)
    failure = _extract(run, deliver=deliver)
    with _after(failure), stage("build"):
        lost = nightly.build(run, goes_on=True)
    if lost:
        failure = _with_lost(failure, lost)
    try:
        with stage("report"):
            page = nightly.report(run)
        if not run.quiet:
            outcome().page = page
    except (PipelineError, OSError) as exc:
        failure = _first(failure, exc)
    if deliver:
        failure = _deliver(run, failure)
    _compact(run)
    if failure:
        raise failure


def _compact(run: Run) -> None:
    """Put days of closed months into a file each; if that fails, the next run does."""
    try:
        for line in compact(run, is_closed_only=True):
            log.info("%s", line)
    except (PipelineError, OSError) as exc:
        log.warning("closed months of the lake stay in files of days: %s", exc)


def _extract(run: Run, *, deliver: bool) -> Exception | None:
    """Read the tenants; what of them could not be read.

    Raises:
        TenantError: None could be read. What is due by the earlier warehouse, which
            is of a good build, is delivered before.
    """
    try:
        with current().stage("extract"):
            failure = extract(run)
    except TenantError as exc:
        delivers = run.settings.mail or run.settings.marts
        if deliver and delivers and run.settings.warehouse.exists():
            _deliver(run, exc)
        raise
    if failure:
        current().fail_stage()
    return failure


def deliver_all(run: Run) -> None:
    """Deliver what is due.

    Raises:
        DeliveryError: Something did not reach its place; the rest did.
    """
    if failure := _deliver(run, None):
        raise failure


def _deliver(run: Run, failure: Exception | None) -> Exception | None:
    """Deliver what is due; the first failure, *failure* or one of the delivery."""
    for deliver in _deliveries(run):
        try:
            deliver()
        except PipelineError as exc:
            failure = _first(failure, exc)
    return failure


def _deliveries(run: Run) -> Iterator[Callable[[], None]]:
    """What is delivered: mail, and marts if they are configured; each fails alone."""

    def in_stage(name: str, deliver: Callable[[Run], None]) -> None:
        with current().stage(name):
            deliver(run)

    yield partial(in_stage, "deliver", mail.send)
    if run.settings.marts:
        yield partial(in_stage, "marts", deliver_marts)


def _with_lost(failure: Exception | None, lost: CheckError) -> Exception:
    """The error of *lost* days, unless the extraction ended with it; *failure* else."""
    current().fail(outcome().causes_of(lost))
    if isinstance(failure, CheckError):
        return failure
    if failure is not None:
        log.error("%s", outcome().line_of(failure))
    return lost


@contextmanager
def _after(failure: Exception | None) -> Iterator[None]:
    """What fails in the block is what the run ends with; a *failure* before is logged.

    Nothing can go on after it.
    """
    try:
        yield
    except Exception as exc:
        if failure is not None and str(failure) != str(exc):
            log.error("%s", outcome().line_of(failure))  # noqa: TRY400
        raise


def _first(failure: Exception | None, exc: Exception) -> Exception:
    """The one to end with: *failure*, if there was one before *exc*, which is logged.

    A trace is shown only if it is asked for.
    """
    current().fail(outcome().causes_of(exc))
    if failure is None:
        return exc
    log.error("%s", outcome().line_of(exc))
    return failure
