"""Tenant → lake: which days and which automations are asked for, and kept."""

import logging

from pipeline.config import Extract
from pipeline.errors import TenantError
from pipeline.extract.night import Night, Outcome, Work
from pipeline.extract.runs import read_runs
from pipeline.extract.snapshots import read_snapshots
from pipeline.extract.usage import read_usage
from pipeline.extract.wanted import is_behind
from pipeline.lake import Lake
from pipeline.tenant import Tenant

__all__ = ["IncompleteError", "Night", "Outcome", "extract"]

log = logging.getLogger(__name__)


class IncompleteError(TenantError):
    """A few automations could not be read; all else was, and coverage says which."""


def extract(tenant: Tenant, lake: Lake, limits: Extract, night: Night) -> list[Outcome]:
    """Bring the lake up to *night*: snapshots, the usage of the days due, their runs.

    Days before `as_of` become complete; `as_of` itself is kept as partial. A day
    that is safe stays safe: after an error the next night goes on from there.

    Raises:
        IncompleteError: Runs of a few automations are missing.
        TenantError: The tenant could not be read; what had been read is kept.
    """
    work = Work(tenant, lake, limits, night)
    behind = is_behind(work)
    automations = read_snapshots(work)
    changed = read_usage(work)
    read_runs(work, automations, changed, behind=behind)
    if work.failures:
        name, first = next(iter(work.failures.items()))
        raise IncompleteError(
            f"tenant {tenant.name}: runs of {len(work.failures)} automations could not"
            f" be read, {name} among them\n{str(first).splitlines()[0]}"
        )
    return work.outcomes
