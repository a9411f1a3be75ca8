"""Endpoints of an automation's runs: the listing with its filters, and one run."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from pipeline.sandbox.api import pagination, run_records
from pipeline.sandbox.api.errors import StatusError, bad_request
from pipeline.sandbox.api.filters import Clause, clauses
from pipeline.sandbox.api.request_context import RequestContext
from pipeline.sandbox.world.runs import Run

_RUN_FILTERS = (
    "status",
    "context",
    "startTime",
    "title",
    "spaceId",
    "ownerId",
    "executedById",
    "billable",
)
_COMPARISONS = ("gt", "ge", "lt", "le")


def runs(request: RequestContext, identity: str) -> dict[str, Any]:
    """GET /api/workflows/automations/{id}/runs."""
    one = request.automation(identity)
    count = pagination.limit(request.query, 10, 200)
    field, descending = pagination.order(
        request.query, ("id", "status", "startTime"), "id"
    )
    expression = request.query.get("filter")
    conditions = [] if expression is None else _run_clauses(request, expression)
    now, shape = request.now, request.options.shape
    listing = request.cache.get(
        (one.index, now, field, descending, expression),
        lambda: pagination.Listing.of(
            [
                run
                for run in request.world.listed_runs(one)
                if all(_matches(run, clause, now) for clause in conditions)
            ],
            lambda run: _sort_value(run, field, now),
            lambda run: run.id,
            descending=descending,
            nulls_high=not request.options.queued_last,
        ),
    )
    return request.page(
        listing, count, lambda run: run_records.run_record(run, shape, now)
    )


def _sort_value(run: Run, field: str, now: int) -> pagination.Value:
    """The value of *field*, by which a run is sorted."""
    if field == "id":
        return run.id
    state = run_records.state_at(run, now)
    return state.status if field == "status" else state.started_at


def _run_clauses(request: RequestContext, expression: str) -> list[Clause]:
    ranges = _COMPARISONS if request.options.accepts_ge else ()
    conditions = clauses(expression, _RUN_FILTERS, ("eq", *ranges))
    for clause in conditions:
        if clause.operator != "eq" and clause.field != "startTime":
            raise bad_request(f"{clause.field} supports eq only")
        if (clause.field == "billable") != isinstance(clause.value, bool):
            raise bad_request(f"wrong type of value for {clause.field}")
        if clause.field == "startTime":
            _second(str(clause.value))
    return conditions


def _matches(run: Run, clause: Clause, now: int) -> bool:
    state = run_records.state_at(run, now)
    if clause.field == "startTime":
        limit, start = _second(str(clause.value)), state.started_at
        if start is None:
            return False
        return {
            "eq": start == limit,
            "ge": start >= limit,
            "gt": start > limit,
            "le": start <= limit,
            "lt": start < limit,
        }[clause.operator]
    values = {
        "status": state.status,
        "context": run.context,
        "title": "",
        "spaceId": run.space_id,
        "ownerId": run.owner_id,
        "executedById": run.executed_by_id,
        "billable": state.billable,
    }
    return values[clause.field] == clause.value


def _second(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise bad_request(f"not a UTC time: {text}")
        return moment.timestamp()
    except ValueError:
        raise bad_request(f"not a time: {text}") from None


def run(request: RequestContext, identity: str, run_id: str) -> dict[str, Any]:
    """GET /api/workflows/automations/{id}/runs/{runId}, for the owner only."""
    one = request.automation(identity)
    if not (request.options.run_detail or request.owns(one)):
        raise StatusError(HTTPStatus.FORBIDDEN, "a run's detail is for its owner")
    for listed in request.world.listed_runs(one):
        if listed.id == run_id:
            return run_records.run_detail(listed, request.now)
    raise StatusError(HTTPStatus.NOT_FOUND, f"no such run: {run_id}")
