"""Tenant → lake: which days and which automations are asked for, and kept."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from pipeline.config import Extract, TenantAccess
from pipeline.errors import TenantError
from pipeline.extract.night import Night, Work
from pipeline.extract.runs import read_runs
from pipeline.extract.snapshots import read_snapshots
from pipeline.extract.usage import read_usage
from pipeline.extract.wanted import is_behind
from pipeline.lake import Lake
from pipeline.progress import Outcome, Progress, Task
from pipeline.tenant import Tenant

__all__ = ["Extracted", "IncompleteError", "Night", "extract", "extract_all"]

log = logging.getLogger(__name__)


class IncompleteError(TenantError):
    """A few automations could not be read; all else was, and coverage says which."""

    def __init__(
        self, tenant: str, failures: dict[str, TenantError], outcomes: list[Outcome]
    ) -> None:
        name, first = next(iter(failures.items()))
        super().__init__(
            f"tenant {tenant}: runs of {len(failures)} automations could not be read,"
            f" {name} among them\n{str(first).splitlines()[0]}"
        )
        self.outcomes = outcomes


@dataclass(frozen=True, slots=True)
class Extracted:
    """What became of all tenants: outcomes by listing, failures by tenant."""

    outcomes: list[Outcome]
    failures: dict[str, TenantError]


def extract_all(
    accesses: Sequence[TenantAccess],
    limits: Extract,
    shown: Progress,
    read: Callable[[Tenant, Task], list[Outcome]],
) -> Extracted:
    """*read* every tenant, side by side; one that fails does not stop the others."""
    outcomes: list[Outcome] = []
    failures: dict[str, TenantError] = {}
    # Tenants are closed first, so that no worker goes on asking if this is interrupted.
    with ThreadPoolExecutor(len(accesses)) as workers, ExitStack() as stack:
        tenants = [stack.enter_context(Tenant(one, limits)) for one in accesses]
        done = {
            tenant.name: workers.submit(read, tenant, shown.tenant(tenant.name))
            for tenant in tenants
        }
        for name, future in done.items():
            try:
                outcomes += future.result()
            except IncompleteError as exc:
                failures[name] = exc
                outcomes += exc.outcomes
            except TenantError as exc:
                failures[name] = exc
    return Extracted(outcomes, failures)


def extract(
    tenant: Tenant, lake: Lake, limits: Extract, night: Night, task: Task | None = None
) -> list[Outcome]:
    """Bring the lake up to *night*: snapshots, the usage of the days due, their runs.

    Days before `as_of` become complete; `as_of` itself is kept as partial. A day
    that is safe stays safe: after an error the next night goes on from there.

    Raises:
        IncompleteError: Runs of a few automations are missing.
        TenantError: The tenant could not be read; what had been read is kept.
    """
    work = Work(tenant, lake, limits, night, task)
    tenant.on_request = task.request if task else None
    try:
        behind = is_behind(work)
        automations = read_snapshots(work)
        changed = read_usage(work)
        read_runs(work, automations, changed, behind=behind)
    except TenantError as exc:
        work.quarantine(exc)
        raise
    if work.failures:
        raise IncompleteError(tenant.name, work.failures, work.outcomes)
    return work.outcomes
