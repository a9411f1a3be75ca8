"""Tenant → lake: what every run reads, and the optional sources."""

import logging
from functools import partial

from stamina.instrumentation import set_on_retry_hooks

from pipeline.config import Run
from pipeline.errors import PipelineError, TenantError
from pipeline.extract import identity, optional, progress, required
from pipeline.extract.extraction import Extraction
from pipeline.extract.guard import guarded
from pipeline.extract.progress import Listings, Outcome, Task
from pipeline.extract.required import IncompleteError, LeftOutError
from pipeline.extract.tenants import Extracted, read_all
from pipeline.lake import losses
from pipeline.monitor import labelled
from pipeline.tenant import Tenant, log_retry

__all__ = ["Extraction", "IncompleteError", "LeftOutError", "extract"]

log = logging.getLogger(__name__)

_MOST_NAMES = 20  # of tenants, in an error that stands for all of theirs


def extract(run: Run) -> PipelineError | None:
    """Read the tenants of *run* into the lake, and print what was read.

    Where something could not be read, the error is returned: the pages are made all
    the same, they say what is missing, and then it is raised.

    Raises:
        PipelineError: No tenant could be read at all.
    """
    set_on_retry_hooks([log_retry])
    with progress.start(quiet=run.quiet, form=run.log_format) as shown:
        extracted = read_all(
            run.tenants,
            run.settings.extract,
            shown,
            lambda tenant, task: _guarded(tenant, task, run),
            partial(identity.admit, run),
        )
    shown.summary(extracted.outcomes)
    failure = _failure(extracted)
    if failure and not extracted.outcomes:
        raise failure
    return failure


def _guarded(tenant: Tenant, task: Task, run: Run) -> list[Outcome]:
    """As `_read`; what nobody expected is a failure of this tenant, and of no other.

    Raises:
        PipelineError: As `_read`.
        OSError: A file could not be written.
    """
    with guarded(tenant, run):
        return _read(tenant, task, run)


def _read(tenant: Tenant, task: Task, run: Run) -> list[Outcome]:
    """One tenant, then its optional sources, also where runs of some are missing.

    Raises:
        IncompleteError: Something is missing; the pages say what.
        TenantError: So much is missing that no page is worth making.
        CheckError: The lake lost rows that the tenant does not have any more.
    """
    tenant.on_request = task.request
    extraction = Extraction(tenant, run, Listings(tenant, task))
    try:
        return _listings(extraction)
    except PipelineError as exc:
        for one in extraction.ended:
            if str(one) != str(exc):  # which is logged where the run ends
                log.warning("%s", one)
        raise


def _listings(extraction: Extraction) -> list[Outcome]:
    """All listings of a tenant, each as far as it can be read.

    Raises:
        PipelineError: As `_read`.
    """
    outcomes = extraction.listings.outcomes
    incomplete: IncompleteError | None = None
    try:
        required.read(extraction)
    except IncompleteError as exc:
        incomplete = exc
    try:
        optional.read(extraction)
    except LeftOutError as exc:
        incomplete = incomplete or exc
    except TenantError as exc:
        if incomplete is None or isinstance(incomplete, LeftOutError):
            incomplete = IncompleteError(str(exc), outcomes)
    if extraction.lost and (lost := extraction.losses()):
        raise losses.error(lost)
    if incomplete:
        raise incomplete
    return outcomes


def _failure(extracted: Extracted) -> PipelineError | None:
    """The one failure, or one that names all tenants that failed, which are logged."""
    failures = extracted.failures
    errors = list(failures.values())
    if not errors or len(errors) == 1:
        return errors[0] if errors else None
    for name, one in failures.items():
        with labelled(tenant=name):
            log.error("%s", one)
    names = list(failures)
    more = [f"and {len(names) - _MOST_NAMES} more"] if names[_MOST_NAMES:] else []
    listed = ", ".join(names[:_MOST_NAMES] + more)
    named = f"{len(errors)} tenants could not be read whole: {listed}"
    message = f"{named}\nthe log of this run says why of each"
    if all(isinstance(one, LeftOutError) for one in errors):
        error: PipelineError = LeftOutError(message, extracted.outcomes)
    else:
        kinds = {
            TenantError if isinstance(one, TenantError) else type(one) for one in errors
        }
        worst = min(kinds - {TenantError}, key=_exit_code, default=TenantError)
        error = worst(message)
    error.each = tuple(errors)
    return error


def _exit_code(kind: type[PipelineError]) -> int:
    return kind.exit_code
