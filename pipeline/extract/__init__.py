"""Tenant → lake: which days and which automations are asked for, and kept."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass

from pipeline.config import Extract, TenantAccess
from pipeline.errors import PipelineError, TenantError
from pipeline.extract.progress import Listings, Outcome, Progress, Task
from pipeline.extract.runs import read_runs
from pipeline.extract.selection import is_behind
from pipeline.extract.snapshots import read_snapshots
from pipeline.extract.usage import read_usage
from pipeline.extract.work import Night, Work
from pipeline.lake import Lake
from pipeline.tenant import Tenant

__all__ = ["Extracted", "IncompleteError", "Night", "extract", "extract_all"]

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.2


class IncompleteError(TenantError):
    """Something could not be read; all else was, and coverage says what is missing."""

    def __init__(self, message: str, outcomes: list[Outcome]) -> None:
        super().__init__(message)
        self.outcomes = outcomes


@dataclass(frozen=True, slots=True)
class Extracted:
    """What became of all tenants: outcomes by listing, failures by tenant."""

    outcomes: list[Outcome]
    failures: dict[str, PipelineError]


def extract_all(
    accesses: Sequence[TenantAccess],
    limits: Extract,
    shown: Progress,
    read: Callable[[Tenant, Task], list[Outcome]],
) -> Extracted:
    """*read* every tenant, side by side; one that fails does not stop the others."""
    outcomes: list[Outcome] = []
    failures: dict[str, PipelineError] = {}
    # Tenants are closed first, so that no worker goes on asking if this is interrupted.
    with ThreadPoolExecutor(len(accesses)) as workers, ExitStack() as stack:
        tenants = [stack.enter_context(Tenant(one, limits)) for one in accesses]
        done = {
            tenant.name: workers.submit(read, tenant, shown.tenant(tenant.name))
            for tenant in tenants
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
    return Extracted(outcomes, failures)


def extract(
    tenant: Tenant,
    lake: Lake,
    limits: Extract,
    night: Night,
    shown: Listings | None = None,
) -> list[Outcome]:
    """Bring the lake up to *night*: snapshots, the usage of the days due, their runs.

    Days before `as_of` become complete; `as_of` itself is kept as partial. A day
    that is safe stays safe: after an error the next night goes on from there.

    Raises:
        IncompleteError: Runs of a few automations are missing.
        TenantError: The tenant could not be read; what had been read is kept.
    """
    work = Work(tenant, lake, limits, night, shown or Listings(tenant))
    try:
        behind = is_behind(work)
        automations = read_snapshots(work)
        changed = read_usage(work)
        read_runs(work, automations, changed, behind=behind)
    except TenantError as exc:
        work.quarantine(exc)
        raise
    outcomes = work.shown.outcomes
    if work.failures:
        raise IncompleteError(_told(tenant.name, work.failures), outcomes)
    return outcomes


def _told(tenant: str, failures: dict[str, TenantError]) -> str:
    name, first = next(iter(failures.items()))
    return (
        f"tenant {tenant}: runs of {len(failures)} automations could not be read,"
        f" {name} among them\n{str(first).splitlines()[0]}"
    )
