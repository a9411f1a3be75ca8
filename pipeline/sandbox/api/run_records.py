"""Runs as the tenant lists them at a moment: the live and the documented shape."""

from typing import Any, NamedTuple

import msgspec

from pipeline.sandbox.api.tenant_options import Shape
from pipeline.sandbox.api.timestamps import at, optional_at
from pipeline.sandbox.world import names
from pipeline.sandbox.world.runs import Run

# In every value that must never be stored; tests of the client look for this word.
HOSTILE = "do-not-store"
_STARTING = 2


class LiveRun(msgspec.Struct, rename="camel"):
    """A run as real tenants list it."""

    id: str
    space_id: str | msgspec.UnsetType | None
    owner_id: str
    executed_by_id: str
    context: str
    status: str
    title: str | None
    test_run: bool
    is_test_run: bool
    archived: bool
    is_archived: bool
    error: list[Any] | None
    start_time: str | None
    stop_time: str | None
    scheduled_start_time: str | None
    created_at: str
    updated_at: str
    billable: bool


class DocumentedRun(msgspec.Struct, rename="camel"):
    """A run as the documents have it."""

    id: str
    error: list[Any]
    title: str | None
    status: str
    context: str
    owner_id: str
    space_id: str | msgspec.UnsetType | None
    test_run: bool
    archived: bool
    duration: int | str | None
    stop_time: str | None
    created_at: str
    is_test_run: bool
    start_time: str | None
    updated_at: str
    is_archived: bool
    executed_by_id: str
    scheduled_start_time: str | None


class RunState(NamedTuple):
    """What a tenant knows of a run at a moment."""

    status: str
    started_at: int | None
    stopped_at: int | None
    updated_at: int
    billable: bool


def state_at(run: Run, now: int) -> RunState:
    """What the tenant knows of *run* at the second *now*."""
    if run.stopped_at <= now:
        return RunState(
            run.status, run.started_at, run.stopped_at, run.stopped_at, run.billable
        )
    if run.started_at is None or run.started_at > now:
        waiting = "queued" if run.id[0] in "01234567abc" else "not started"
        return RunState(waiting, None, None, run.created_at, billable=False)
    status = "starting" if now - run.started_at < _STARTING else "running"
    return RunState(status, run.started_at, None, run.started_at, billable=False)


def space_of(space_id: str, index: int) -> str | msgspec.UnsetType | None:
    """The id of a space as records have it; a personal one is null, empty or absent."""
    if space_id:
        return space_id
    return (None, "", msgspec.UNSET)[index % 3]


def run_record(run: Run, shape: Shape, now: int) -> LiveRun | DocumentedRun:
    """A run as listed; in `mixed`, every other run has the live shape."""
    state = state_at(run, now)
    if shape == "live" or (shape == "mixed" and run.id[-1] in "02468ace"):
        return LiveRun(
            run.id,
            space_of(run.space_id, run.automation.index),
            run.owner_id,
            run.executed_by_id,
            run.context,
            state.status,
            None,
            run.is_test,
            run.is_test,
            True,  # noqa: FBT003
            True,  # noqa: FBT003
            _errors(run) if state.status == "failed" else None,
            optional_at(state.started_at),
            optional_at(state.stopped_at),
            optional_at(run.scheduled_at),
            at(run.created_at),
            at(state.updated_at),
            state.billable,
        )
    return _documented(run, state)


def _documented(run: Run, state: RunState) -> DocumentedRun:
    seconds = run.seconds if state.stopped_at is not None else None
    text = run.id[1] in "02468ace" and seconds is not None
    return DocumentedRun(
        id=run.id,
        error=_errors(run) if state.status == "failed" else [],
        title=None,
        status=state.status,
        context=run.context,
        owner_id=run.owner_id,
        space_id=space_of(run.space_id, run.automation.index),
        test_run=run.is_test,
        archived=True,
        duration=str(seconds) if text else seconds,
        stop_time=optional_at(state.stopped_at),
        created_at=at(run.created_at),
        is_test_run=run.is_test,
        start_time=optional_at(state.started_at),
        updated_at=at(state.updated_at),
        is_archived=True,
        executed_by_id=run.executed_by_id,
        scheduled_start_time=optional_at(run.scheduled_at),
    )


def _errors(run: Run) -> list[Any]:
    """Texts, or objects of no documented shape, which quote requests and secrets."""
    template = names.ERRORS[int(run.id[2], 16) % len(names.ERRORS)]
    message = template.format(secret=HOSTILE)
    quoted = {
        "blockName": HOSTILE,
        "code": HOSTILE,
        "detail": f"{HOSTILE} was not found",
        "request": {
            "url": f"https://api.example.com/items?key={HOSTILE}",
            "headers": {"Authorization": f"Basic {HOSTILE}"},
            "body": {"password": HOSTILE},
        },
        "response": {"message": HOSTILE, "body": f"<p>{HOSTILE}</p>"},
    }
    if run.id[3] in "01":
        return [message]
    if run.id[3] == "2":
        return [quoted]
    return [quoted, {"error" if run.id[3] in "345" else "message": message} | quoted]


def run_detail(run: Run, now: int) -> dict[str, Any]:
    """One run with its metrics."""
    record: dict[str, Any] = msgspec.to_builtins(run_record(run, "live", now))
    return record | {"metrics": metrics(run), "inputs": {"password": HOSTILE}}


def metrics(run: Run) -> dict[str, Any]:
    """Bytes by block, and those of the network, which are not their sum."""
    blocks = [
        {
            "type": "endpointBlock",
            "rxBytes": run.bytes_in // 26 // len(run.automation.connectors),
            "txBytes": run.bytes_out // 26 // len(run.automation.connectors),
            "apiCalls": 1 + run.seconds // 10,
            "duration": run.seconds * 900,
            "connectorId": connector.id,
        }
        for connector in run.automation.connectors
        if run.billable or not connector.billable
    ]
    base = {"type": "baseBlock", "rxBytes": 0, "txBytes": 0, "duration": 12}
    return {
        "blocks": [base, *blocks],
        "network": {"rxBytes": run.bytes_in, "txBytes": run.bytes_out},
        "totalApiCalls": len(blocks) * (1 + run.seconds // 10),
    }
