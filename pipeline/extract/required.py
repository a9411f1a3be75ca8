"""What every run reads of a tenant: snapshots, usage, runs."""

from pipeline.errors import TenantError
from pipeline.extract.extraction import Extraction
from pipeline.extract.progress import Outcome
from pipeline.extract.runs import read_runs
from pipeline.extract.selection import is_behind
from pipeline.extract.snapshots import read_snapshots
from pipeline.extract.usage import read_usage
from pipeline.tenant import InvalidPageError


class IncompleteError(TenantError):
    """Something could not be read; all else was, and coverage says what is missing."""

    def __init__(self, message: str, outcomes: list[Outcome]) -> None:
        super().__init__(message)
        self.outcomes = outcomes


class LeftOutError(IncompleteError):
    """Records were set aside; all else was read, so that the run goes on to its end."""


def read(extraction: Extraction) -> list[Outcome]:
    """Bring the lake up to the run's day: snapshots, usage of the days due, their runs.

    Days before `as_of` become complete; `as_of` itself is kept as partial. Each day is
    kept as it is read: after an error, the next run continues from there. A listing
    that ends early stops no other one: runs are forgotten if they wait.

    Raises:
        IncompleteError: Runs of a few automations, a page or records are missing.
        TenantError: The tenant could not be read; what had been read is kept.
    """
    behind = is_behind(extraction)
    automations = read_snapshots(extraction)
    changed = read_usage(extraction)
    read_runs(extraction, automations, changed, behind=behind)
    if error := _error(extraction):
        raise error
    return extraction.listings.outcomes


def _error(extraction: Extraction) -> TenantError | None:
    """The worst of what happened: a listing that was denied, or what is missing."""
    name, outcomes = extraction.tenant.name, extraction.listings.outcomes
    denied = [one for one in extraction.ended if not isinstance(one, InvalidPageError)]
    if denied:
        return denied[0]
    if failures := extraction.failures:
        return IncompleteError(_described(name, failures), outcomes)
    if ended := extraction.ended:
        return IncompleteError(str(ended[0]), outcomes)
    odd = extraction.odd
    return left_out_error(extraction, odd) if odd else None


def left_out_error(extraction: Extraction, odd: list[InvalidPageError]) -> LeftOutError:
    """The error that says how many records were set aside, and names the first."""
    name, outcomes = extraction.tenant.name, extraction.listings.outcomes
    count, named = sum(one.invalid.count for one in odd), odd[0].invalid.ids[0]
    first = str(odd[0]).partition("\n")[0]
    many = "1 record was" if count == 1 else f"{count:,} records were"
    message = f"tenant {name}: {many} set aside, {named} among them"
    return LeftOutError(f"{message}\n{first}", outcomes)


def _described(tenant: str, failures: dict[str, TenantError]) -> str:
    name, first = next(iter(failures.items()))
    return (
        f"tenant {tenant}: runs of {len(failures)} automations could not be read,"
        f" {name} among them\n{str(first).splitlines()[0]}"
    )
