"""Endpoints that list automations, connectors, users and spaces."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from pipeline.sandbox.api import pagination, records
from pipeline.sandbox.api.filters import Clause, clauses
from pipeline.sandbox.api.request_context import RequestContext
from pipeline.sandbox.world.automations import Automation
from pipeline.sandbox.world.population import Space, User

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


def automations(request: RequestContext) -> dict[str, Any]:
    """GET /api/workflows/automations."""
    count = pagination.limit(request.query, 100, 200)
    field, descending = pagination.order(request.query, _AUTOMATION_SORTS, "id")
    list_all = (
        pagination.flag(request.query, "listAll", default=True) and request.is_admin
    )
    found = [
        _record(request, one)
        for one in request.world.listed_automations()
        if list_all or request.owns(one)
    ]
    if "filter" in request.query:
        fields = ("name", "runMode", "lastRunStatus", "ownerId", "spaceId")
        conditions = clauses(request.query["filter"], fields)
        found = [one for one in found if _meets(one, conditions)]
    listing = pagination.Listing.of(
        found,
        lambda record: record[field],
        lambda record: str(record["id"]),
        descending=descending,
    )
    return request.page(listing, count, lambda record: record)


def automation(request: RequestContext, identity: str) -> dict[str, Any]:
    """GET /api/workflows/automations/{id}."""
    return _record(request, request.automation(identity))


def _record(request: RequestContext, one: Automation) -> dict[str, Any]:
    latest, ended = request.world.last_runs(one)
    return records.automation_record(one, latest, ended, request.now)


def _meets(record: Mapping[str, Any], conditions: list[Clause]) -> bool:
    return all((record.get(one.field) or "") == one.value for one in conditions)


def connectors(request: RequestContext) -> dict[str, Any]:
    """GET /api/workflows/automation-connectors."""
    count = pagination.limit(request.query, 100, 200)
    field, descending = pagination.order(request.query, ("id", "name"), "id")
    found = list(request.world.population.connectors)
    if "filter" in request.query:
        conditions = clauses(request.query["filter"], ("name",))
        found = [one for one in found if all(one.name == it.value for it in conditions)]
    listing = pagination.Listing.of(
        found,
        lambda one: str(getattr(one, field)),
        lambda one: one.id,
        descending=descending,
    )
    return request.page(listing, count, lambda one: one._asdict() | {"logoSmall": None})


def users(request: RequestContext) -> dict[str, Any]:
    """GET /api/v1/users, without those who were deleted."""
    count = pagination.limit(request.query, 20, 100)
    field, descending = pagination.order(request.query, _USER_SORTS, "name")
    total = pagination.flag(request.query, "totalResults", default=False)
    found = request.world.listed_users()
    if "filter" in request.query:
        fields = ("id", "subject", "name", "email", "status")
        conditions = clauses(request.query["filter"], fields)
        found = [one for one in found if _meets(one._asdict(), conditions)]
    listing = pagination.Listing.of(
        found,
        attrgetter(_USER_SORTS[field]),
        attrgetter("id"),
        descending=descending,
    )
    answer = request.token_page(listing, count, lambda one: user(request, one))
    return answer | {"totalResults": len(found)} if total else answer


def user(request: RequestContext, one: User) -> dict[str, Any]:
    """A user's record; the subject of the bot names the OAuth client."""
    if one is request.world.population.bot:
        one = one._replace(subject=f"qlikbot\\{request.options.client_id}")
    return records.user_record(one, request.base)


def spaces(request: RequestContext) -> dict[str, Any]:
    """GET /api/v1/spaces; a caller who is not an admin sees every other one."""
    count = pagination.limit(request.query, 10, 100)
    field, descending = pagination.order(request.query, _SPACE_SORTS, "name")
    listed = request.world.listed_spaces()
    found = [space for space in listed if _is_asked_for(request, space)]
    if not request.is_admin:
        found = found[::2]
    listing = pagination.Listing.of(
        found,
        attrgetter(_SPACE_SORTS[field]),
        attrgetter("id"),
        descending=descending,
    )
    answer = request.token_page(
        listing, count, lambda one: records.space_record(one, request.base)
    )
    return answer | {"meta": {"count": len(found)}}


def _is_asked_for(request: RequestContext, space: Space) -> bool:
    query = request.query
    return (
        query.get("name", "").lower() in space.name.lower()
        and query.get("ownerId", space.owner_id) == space.owner_id
        and space.type in query.get("type", space.type).split(",")
    )
