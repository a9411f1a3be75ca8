"""What every run reads of a tenant: snapshots, usage, runs."""

from pipeline.errors import TenantError
from pipeline.extract.extraction import Extraction
from pipeline.extract.progress import Outcome
from pipeline.extract.runs import read_runs
from pipeline.extract.selection import is_behind
from pipeline.extract.snapshots import read_snapshots
from pipeline.extract.usage import read_usage


class IncompleteError(TenantError):
    """Something could not be read; all else was, and coverage says what is missing."""

    def __init__(self, message: str, outcomes: list[Outcome]) -> None:
        super().__init__(message)
        self.outcomes = outcomes


def read(extraction: Extraction) -> list[Outcome]:
    """Bring the lake up to the run's day: snapshots, usage of the days due, their runs.

    Days before `as_of` become complete; `as_of` itself is kept as partial. A day
    that is safe stays safe: after an error the next run goes on from there.

    Raises:
        IncompleteError: Runs of a few automations are missing.
        TenantError: The tenant could not be read; what had been read is kept.
    """
    try:
        behind = is_behind(extraction)
        automations = read_snapshots(extraction)
        changed = read_usage(extraction)
        read_runs(extraction, automations, changed, behind=behind)
    except TenantError as exc:
        extraction.quarantine(exc)
        raise
    outcomes = extraction.listings.outcomes
    if failures := extraction.failures:
        raise IncompleteError(_described(extraction.tenant.name, failures), outcomes)
    return outcomes


def _described(tenant: str, failures: dict[str, TenantError]) -> str:
    name, first = next(iter(failures.items()))
    return (
        f"tenant {tenant}: runs of {len(failures)} automations could not be read,"
        f" {name} among them\n{str(first).splitlines()[0]}"
    )
