"""Tenant → lake: which days and which automations are asked for, and kept."""

import logging
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass

from stamina.instrumentation import set_on_retry_hooks

from pipeline.config import Run
from pipeline.errors import PipelineError, TenantError
from pipeline.extract import optional, progress, required
from pipeline.extract.extraction import Extraction
from pipeline.extract.progress import Listings, Outcome, Progress
from pipeline.extract.required import IncompleteError
from pipeline.tenant import Tenant, log_retry

__all__ = ["Extraction", "IncompleteError", "extract"]

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Extracted:
    """What became of all tenants: outcomes by listing, failures by tenant."""

    outcomes: list[Outcome]
    failures: dict[str, PipelineError]


def extract(run: Run) -> PipelineError | None:
    """Read the tenants of *run* into the lake, and print what was read.

    Where something could not be read, the error is returned: the pages are made all
    the same, they say what is missing, and then it is raised.

    Raises:
        PipelineError: No tenant could be read at all.
    """
    set_on_retry_hooks([log_retry])
    with progress.start(quiet=run.quiet, form=run.log_format) as shown:
        extracted = _read_all(run, shown)
    shown.summary(extracted.outcomes)
    failure = _failure(extracted.failures)
    if failure and not extracted.outcomes:
        raise failure
    return failure


def _read_all(run: Run, shown: Progress) -> _Extracted:
    """Every tenant, side by side; one that fails does not stop the others."""
    outcomes: list[Outcome] = []
    failures: dict[str, PipelineError] = {}
    limits = run.settings.extract
    # Tenants are closed first, so that no worker goes on asking if this is interrupted.
    with ThreadPoolExecutor(len(run.tenants)) as workers, ExitStack() as stack:
        tenants = [stack.enter_context(Tenant(one, limits)) for one in run.tenants]
        done = {
            tenant.name: workers.submit(_read, tenant, run, shown) for tenant in tenants
        }
        # A wait without end is not woken by Ctrl-C where polars has its own handler.
        while wait(done.values(), _LOOK_SECONDS).not_done:
            pass
        for name, future in done.items():
            try:
                outcomes += future.result()
            except IncompleteError as exc:
                failures[name] = exc
                outcomes += exc.outcomes
            except PipelineError as exc:
                failures[name] = exc
    return _Extracted(outcomes, failures)


def _read(tenant: Tenant, run: Run, shown: Progress) -> list[Outcome]:
    """One tenant, then its optional sources, also where runs of some are missing.

    Raises:
        IncompleteError: Something is missing; the pages say what.
        TenantError: So much is missing that no page is worth making.
    """
    task = shown.tenant(tenant.name)
    tenant.on_request = task.request
    extraction = Extraction(tenant, run, Listings(tenant, task))
    outcomes = extraction.listings.outcomes
    incomplete: IncompleteError | None = None
    try:
        required.read(extraction)
    except IncompleteError as exc:
        incomplete = exc
    try:
        optional.read(extraction)
    except TenantError as exc:
        log.warning("%s", exc)
        incomplete = incomplete or IncompleteError(str(exc), outcomes)
    if incomplete:
        raise incomplete
    return outcomes


def _failure(failures: dict[str, PipelineError]) -> PipelineError | None:
    """The one failure, or one that names all tenants that failed."""
    errors = list(failures.values())
    if not errors or len(errors) == 1:
        return errors[0] if errors else None
    first = str(errors[0]).splitlines()[0]
    named = f"{len(errors)} tenants could not be read whole: {', '.join(failures)}"
    by_tenant = all(isinstance(one, TenantError) for one in errors)
    return (TenantError if by_tenant else PipelineError)(f"{named}\n{first}")
