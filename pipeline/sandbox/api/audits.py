"""Audit events of the sandbox tenant: listed for 90 days, then in the archive."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from pipeline.sandbox.api import pagination
from pipeline.sandbox.api.errors import bad_request
from pipeline.sandbox.api.records import TENANT_ID
from pipeline.sandbox.api.request_context import RequestContext
from pipeline.sandbox.api.run_records import HOSTILE, metrics, run_record
from pipeline.sandbox.api.timestamps import short
from pipeline.sandbox.world.population import DAY, midnight, moment
from pipeline.sandbox.world.runs import Run
from pipeline.sandbox.world.world import World

RUN_ENDED = "com.qlik.v1.automation.run.ended"
SOURCE = "com.qlik/automations"
KNOWN = ("eventType", "eventTime", "source", "limit", "next", "prev", "sort")
LISTED_DAYS = 90

# The most days that a run waits before it ends.
_LONGEST_DAYS = 14
_SORTS = ("source", "eventType", "eventTime")


def audits(request: RequestContext) -> dict[str, Any]:
    """GET /api/v1/audits, for admins; the only events are those of runs that ended."""
    request.require_admin()
    count = pagination.limit(request.query, 10, 100)
    _, descending = pagination.order(request.query, _SORTS, "-eventTime")
    now, first = request.now, _listed_since(request)
    since, until = _interval(request.query.get("eventTime"))
    includes_runs = (
        request.query.get("eventType", RUN_ENDED) == RUN_ENDED
        and request.query.get("source", SOURCE) == SOURCE
    )
    span = (max(since, first), min(until, now)) if includes_runs else (0, -1)
    listing = request.cache.get(
        ("audits", now, span, descending),
        lambda: pagination.Listing.of(
            _ended(request.world, *span),
            lambda run: run.stopped_at,
            lambda run: run.id,
            descending=descending,
        ),
    )
    return request.token_page(listing, count, lambda run: _listed(request, run))


def archive(request: RequestContext) -> dict[str, Any]:
    """GET /api/v1/audits/archive: the events of a day, of every type."""
    request.require_admin()
    try:
        day = date.fromisoformat(request.query["date"])
    except (KeyError, ValueError):
        raise bad_request("date is required, as YYYY-MM-DD") from None
    begin = midnight(day)
    end = min(begin + DAY - 1, _listed_since(request) - 1)
    runs = sorted(_ended(request.world, begin, end), key=lambda run: run.stopped_at)
    events = [run_event(run) for run in runs]
    return {"data": [_other_event(begin), *events]}


def _listed_since(request: RequestContext) -> int:
    return request.now - LISTED_DAYS * DAY


def _interval(text: str | None) -> tuple[int, int]:
    """The first and the last second of an interval; all times if there is none."""
    if text is None:
        return 0, 2**40
    try:
        first, last = (datetime.fromisoformat(time) for time in text.split("/"))
        return int(first.timestamp()), int(last.timestamp())
    except ValueError:
        raise bad_request("eventTime must be two times with a / between them") from None


def _ended(world: World, since: int, until: int) -> Iterator[Run]:
    """All runs that ended in these seconds, also those that are not listed any more."""
    start = midnight(world.start) // DAY
    first = max(since // DAY - _LONGEST_DAYS, start)
    for automation in world.all_automations:
        for ordinal in range(first, until // DAY + 1):
            for run in world.runs_created(automation, ordinal):
                if since <= run.stopped_at <= until:
                    yield run


def _listed(request: RequestContext, run: Run) -> dict[str, Any]:
    event = run_event(run)
    here = f"{request.base}/api/v1/audits/{event['eventId']}"
    return event | {"id": event["eventId"], "links": {"self": {"href": here}}}


def run_event(run: Run) -> dict[str, Any]:
    """The event of a run's end; its metrics are nested or among the run's fields."""
    ended = run.stopped_at
    record = msgspec.to_builtins(run_record(run, "live", ended))
    record |= {"spaceId": run.space_id, "inputs": {"password": HOSTILE}}
    measured = metrics(run)
    return {
        "eventId": f"e{run.id[1:]}",
        "eventTime": short(ended),
        "eventType": RUN_ENDED,
        "eventTypeVersion": "1.1.0",
        "source": SOURCE,
        "contentType": "application/json",
        "tenantId": TENANT_ID,
        "userId": run.executed_by_id,
        "extensions": {
            "ownerId": run.owner_id,
            "spaceId": run.space_id,
            "topLevelResourceId": run.automation.id,
            "actor": {"sub": HOSTILE},
        },
        "data": record
        | ({"metrics": measured} if run.id[-1] in "02468ace" else measured),
    }


def _other_event(second: int) -> dict[str, Any]:
    """An event of another type, whose fields of the same names have other types."""
    return {
        "eventId": f"o{second}",
        "eventTime": f"{moment(second) + timedelta(hours=9):%Y-%m-%dT%H:%M:%SZ}",
        "eventType": "com.qlik.v1.app.updated",
        "source": "com.qlik/apps",
        "tenantId": TENANT_ID,
        "userId": "nobody",
        "data": {"id": 7, "status": {"from": HOSTILE}, "duration": "long"},
    }
