"""Endpoints that list automations, their runs, connectors, users and spaces."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from pipeline.sandbox.api import pages, records, run_records
from pipeline.sandbox.api.context import Scene
from pipeline.sandbox.api.filters import Clause, clauses
from pipeline.sandbox.api.options import RefusedError
from pipeline.sandbox.world.automations import Automation
from pipeline.sandbox.world.population import Space, User
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
_AUTOMATION_SORTS = (
    "id",
    "name",
    "runMode",
    "state",
    "createdAt",
    "updatedAt",
    "lastRunAt",
    "lastRunStatus",
    "maxConcurrentRuns",
)
_USER_SORTS = {
    "name": "name",
    "_id": "id",
    "id": "id",
    "status": "status",
    "subject": "subject",
    "email": "email",
    "createdAt": "created_at",
}
_SPACE_SORTS = {"type": "type", "name": "name", "createdAt": "created_at"}


def automations(scene: Scene) -> dict[str, Any]:
    """GET /api/workflows/automations."""
    count = pages.limit(scene.query, 100, 200)
    field, downwards = pages.order(scene.query, _AUTOMATION_SORTS, "id")
    every = pages.flag(scene.query, "listAll", default=True) and scene.is_admin
    there = scene.world.listed_automations()
    chosen = [_record(scene, one) for one in there if every or scene.owns(one)]
    if "filter" in scene.query:
        fields = ("name", "runMode", "lastRunStatus", "ownerId", "spaceId")
        wanted = clauses(scene.query["filter"], fields)
        chosen = [one for one in chosen if _fits(one, wanted)]
    listing = pages.Listing.of(
        chosen,
        lambda record: record[field],
        lambda record: str(record["id"]),
        downwards=downwards,
    )
    return scene.page(listing, count, lambda record: record)


def automation(scene: Scene, identity: str) -> dict[str, Any]:
    """GET /api/workflows/automations/{id}."""
    return _record(scene, scene.automation(identity))


def _record(scene: Scene, one: Automation) -> dict[str, Any]:
    latest, ended = scene.world.last_runs(one)
    return records.automation_record(one, latest, ended, scene.now)


def _fits(record: Mapping[str, Any], wanted: list[Clause]) -> bool:
    return all((record.get(one.field) or "") == one.value for one in wanted)


def runs(scene: Scene, identity: str) -> dict[str, Any]:
    """GET /api/workflows/automations/{id}/runs."""
    one = scene.automation(identity)
    count = pages.limit(scene.query, 10, 200)
    field, downwards = pages.order(scene.query, ("id", "status", "startTime"), "id")
    expression = scene.query.get("filter")
    wanted = [] if expression is None else _run_clauses(scene, expression)
    now, shape = scene.now, scene.options.shape
    listing = scene.shelf.get(
        (one.index, now, field, downwards, expression),
        lambda: pages.Listing.of(
            [
                run
                for run in scene.world.listed_runs(one)
                if all(_matches(run, clause, now) for clause in wanted)
            ],
            lambda run: _rank(run, field, now),
            lambda run: run.id,
            downwards=downwards,
            nulls_high=not scene.options.queued_last,
        ),
    )
    return scene.page(
        listing, count, lambda run: run_records.run_record(run, shape, now)
    )


def _rank(run: Run, field: str, now: int) -> pages.Value:
    """What a run is sorted by."""
    if field == "id":
        return run.id
    known = run_records.seen(run, now)
    return known.status if field == "status" else known.started_at


def _run_clauses(scene: Scene, expression: str) -> list[Clause]:
    ranges = _COMPARISONS if scene.options.accepts_ge else ()
    wanted = clauses(expression, _RUN_FILTERS, ("eq", *ranges))
    for clause in wanted:
        if clause.operator != "eq" and clause.field != "startTime":
            raise pages.bad(f"{clause.field} supports eq only")
        if (clause.field == "billable") != isinstance(clause.value, bool):
            raise pages.bad(f"wrong type of value for {clause.field}")
        if clause.field == "startTime":
            _second(str(clause.value))
    return wanted


def _matches(run: Run, clause: Clause, now: int) -> bool:
    known = run_records.seen(run, now)
    if clause.field == "startTime":
        limit, start = _second(str(clause.value)), known.started_at
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
        "status": known.status,
        "context": run.context,
        "title": "",
        "spaceId": run.space_id,
        "ownerId": run.owner_id,
        "executedById": run.executed_by_id,
        "billable": known.billable,
    }
    return values[clause.field] == clause.value


def _second(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise pages.bad(f"not a UTC time: {text}")
        return moment.timestamp()
    except ValueError:
        raise pages.bad(f"not a time: {text}") from None


def run(scene: Scene, identity: str, run_id: str) -> dict[str, Any]:
    """GET /api/workflows/automations/{id}/runs/{runId}: for its owner alone."""
    one = scene.automation(identity)
    if not (scene.options.run_detail or scene.owns(one)):
        raise RefusedError(HTTPStatus.FORBIDDEN, "a run's detail is for its owner")
    for listed in scene.world.listed_runs(one):
        if listed.id == run_id:
            return run_records.run_detail(listed, scene.now)
    raise RefusedError(HTTPStatus.NOT_FOUND, f"no such run: {run_id}")


def connectors(scene: Scene) -> dict[str, Any]:
    """GET /api/workflows/automation-connectors."""
    count = pages.limit(scene.query, 100, 200)
    field, downwards = pages.order(scene.query, ("id", "name"), "id")
    there = list(scene.world.population.connectors)
    if "filter" in scene.query:
        wanted = clauses(scene.query["filter"], ("name",))
        there = [one for one in there if all(one.name == it.value for it in wanted)]
    listing = pages.Listing.of(
        there,
        lambda one: str(getattr(one, field)),
        lambda one: one.id,
        downwards=downwards,
    )
    return scene.page(listing, count, lambda one: one._asdict() | {"logoSmall": None})


def users(scene: Scene) -> dict[str, Any]:
    """GET /api/v1/users; who was deleted is not there."""
    count = pages.limit(scene.query, 20, 100)
    field, downwards = pages.order(scene.query, _USER_SORTS, "name")
    total = pages.flag(scene.query, "totalResults", default=False)
    there = scene.world.listed_users()
    if "filter" in scene.query:
        fields = ("id", "subject", "name", "email", "status")
        wanted = clauses(scene.query["filter"], fields)
        there = [one for one in there if _fits(one._asdict(), wanted)]

    def value(user: User) -> str | int:
        found: str | int = getattr(user, _USER_SORTS[field])
        return found

    listing = pages.Listing.of(there, value, lambda one: one.id, downwards=downwards)
    answer = scene.turning_page(listing, count, lambda one: user(scene, one))
    return answer | {"totalResults": len(there)} if total else answer


def user(scene: Scene, one: User) -> dict[str, Any]:
    """The record of a user; the bot's subject names the OAuth client."""
    if one is scene.world.population.bot:
        one = one._replace(subject=f"qlikbot\\{scene.options.client_id}")
    return records.user_record(one, scene.base)


def spaces(scene: Scene) -> dict[str, Any]:
    """GET /api/v1/spaces; a caller who is no admin sees a part of them."""
    count = pages.limit(scene.query, 10, 100)
    field, downwards = pages.order(scene.query, _SPACE_SORTS, "name")
    there = [one for one in scene.world.listed_spaces() if _asked(scene, one)]
    if not scene.is_admin:
        there = there[::2]

    def value(space: Space) -> str | int:
        found: str | int = getattr(space, _SPACE_SORTS[field])
        return found

    listing = pages.Listing.of(there, value, lambda one: one.id, downwards=downwards)
    answer = scene.turning_page(
        listing, count, lambda one: records.space_record(one, scene.base)
    )
    return answer | {"meta": {"count": len(there)}}


def _asked(scene: Scene, space: Space) -> bool:
    query = scene.query
    return (
        query.get("name", "").lower() in space.name.lower()
        and query.get("ownerId", space.owner_id) == space.owner_id
        and space.type in query.get("type", space.type).split(",")
    )
