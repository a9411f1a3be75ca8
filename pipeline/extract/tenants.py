"""Several tenants side by side: one that fails does not stop the others.

Of a thousand tenants some are read at a time, so that threads, memory and connections
are those of these few. Each keeps its own pace.
"""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

from pipeline.config import Extract, TenantAccess
from pipeline.errors import PipelineError
from pipeline.extract.progress import Outcome, Progress, Task
from pipeline.extract.required import IncompleteError
from pipeline.extract.workers import submitted
from pipeline.files import disk
from pipeline.monitor import current, labelled
from pipeline.tenant import Tenant, tenants_of

# Tenants that are read at a time, each by a few threads of its own.
MOST_AT_ONCE = 32

_LOOK_SECONDS = 0.2

_T = TypeVar("_T")


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
    admit: Callable[[Sequence[Tenant]], dict[str, PipelineError]] = lambda _: {},
) -> Extracted:
    """*read* every tenant, some at a time; one that fails does not stop the others.

    *admit* sees all of them before, and says which are not read, and why.
    """
    outcomes: list[Outcome] = []
    # Tenants are closed first, so that workers send no more if this is interrupted.
    at_once = min(len(accesses), MOST_AT_ONCE)
    with ThreadPoolExecutor(at_once) as workers, ExitStack() as stack:
        tenants = tenants_of(accesses, limits)
        for tenant in tenants:
            stack.enter_context(tenant)
        failures = _awaited(submitted(workers, admit, tenants))
        done = {
            tenant.name: submitted(workers, _labelled, read, tenant, shown)
            for tenant in tenants
            if tenant.name not in failures
        }
        _await(done.values())
        for name, future in done.items():
            try:
                outcomes += future.result()
            except IncompleteError as exc:
                failures[name] = exc
                outcomes += exc.outcomes
            except PipelineError as exc:
                failures[name] = exc
            except OSError as exc:  # a full disk
                failures[name] = PipelineError(f"tenant {name}: {disk.described(exc)}")
        for tenant in tenants:
            _record(tenant, failures.get(tenant.name))
    return Extracted(outcomes, failures)


def _labelled(
    read: Callable[[Tenant, Task], list[Outcome]], tenant: Tenant, shown: Progress
) -> list[Outcome]:
    """As *read*; log lines of it name the tenant, and its requests are counted."""
    task = shown.tenant(tenant.name)
    with labelled(tenant=tenant.name):
        try:
            return read(tenant, task)
        finally:  # also where the run is ended meanwhile
            task.hide()
            tenant.transport.close()
            _record(tenant, None)


def _record(tenant: Tenant, failure: PipelineError | None) -> None:
    reason = None if failure is None else str(failure)
    current().tenant(tenant.name, tenant.requests_sent, reason)
    for endpoint, text in tenant.deprecations.found.copy().items():
        current().notice("endpoints", tenant.name, endpoint, text)


def _await(done: Collection[Future[Any]]) -> None:
    # A wait without a timeout would not end by Ctrl-C, whose handler polars sets.
    while wait(done, _LOOK_SECONDS).not_done:
        pass


def _awaited(one: Future[_T]) -> _T:
    _await([one])
    return one.result()
