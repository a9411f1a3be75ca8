"""Several tenants side by side: one that fails does not stop the others."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass

from pipeline.config import Extract, TenantAccess
from pipeline.errors import PipelineError
from pipeline.extract.progress import Outcome, Progress, Task
from pipeline.extract.required import IncompleteError
from pipeline.tenant import Tenant

_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was read of all tenants: outcomes by listing, failures by tenant."""

    outcomes: list[Outcome]
    failures: dict[str, PipelineError]


def read_all(
    accesses: Sequence[TenantAccess],
    limits: Extract,
    shown: Progress,
    read: Callable[[Tenant, Task], list[Outcome]],
) -> Extracted:
    """*read* every tenant, side by side; one that fails does not stop the others."""
    outcomes: list[Outcome] = []
    failures: dict[str, PipelineError] = {}
    # Tenants are closed first, so that workers send no more if this is interrupted.
    with ThreadPoolExecutor(len(accesses)) as workers, ExitStack() as stack:
        tenants = [stack.enter_context(Tenant(one, limits)) for one in accesses]
        done = {
            tenant.name: workers.submit(read, tenant, shown.tenant(tenant.name))
            for tenant in tenants
        }
        # A wait without a timeout would not end by Ctrl-C, whose handler polars sets.
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
            except OSError as exc:  # a full disk
                what = f"{exc.filename or 'a file'}: {exc.strerror or exc}"
                message = f"tenant {name}: {what}\nwhat was saved before is as it was"
                failures[name] = PipelineError(message)
    return Extracted(outcomes, failures)
