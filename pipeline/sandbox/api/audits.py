"""Audit events of the sandbox tenant: listed for 90 days, then in the archive."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from pipeline.sandbox.api import pages
from pipeline.sandbox.api.context import Scene
from pipeline.sandbox.api.records import TENANT_ID
from pipeline.sandbox.api.run_records import HOSTILE, metrics, run_record
from pipeline.sandbox.world.population import DAY, midnight, moment
from pipeline.sandbox.world.runs import Run
from pipeline.sandbox.world.stamps import short
from pipeline.sandbox.world.world import World

RUN_ENDED = "com.qlik.v1.automation.run.ended"
SOURCE = "com.qlik/automations"
KNOWN = ("eventType", "eventTime", "source", "limit", "next", "prev", "sort")
LISTED_DAYS = 90

# A run may wait for this long before it ends.
_LONGEST_DAYS = 14
_SORTS = ("source", "eventType", "eventTime")


def audits(scene: Scene) -> dict[str, Any]:
    """GET /api/v1/audits, for admins; of the events, runs that ended are known here."""
    scene.refuse_others()
    count = pages.limit(scene.query, 10, 100)
    _, downwards = pages.order(scene.query, _SORTS, "-eventTime")
    now, first = scene.now, _listed_since(scene)
    since, until = _interval(scene.query.get("eventTime"))
    wanted = scene.query.get("eventType", RUN_ENDED) == RUN_ENDED
    wanted = wanted and scene.query.get("source", SOURCE) == SOURCE
    span = (max(since, first), min(until, now)) if wanted else (0, -1)
    listing = scene.shelf.get(
        ("audits", now, span, downwards),
        lambda: pages.Listing.of(
            _ended(scene.world, *span),
            lambda run: run.stopped_at,
            lambda run: run.id,
            downwards=downwards,
        ),
    )
    return scene.turning_page(listing, count, lambda run: _listed(scene, run))


def archive(scene: Scene) -> dict[str, Any]:
    """GET /api/v1/audits/archive: what a day's listing held, of every type."""
    scene.refuse_others()
    try:
        day = date.fromisoformat(scene.query["date"])
    except (KeyError, ValueError):
        raise pages.bad("date is required, as YYYY-MM-DD") from None
    begin = midnight(day)
    end = min(begin + DAY - 1, _listed_since(scene) - 1)
    runs = sorted(_ended(scene.world, begin, end), key=lambda run: run.stopped_at)
    events = [run_event(run) for run in runs]
    return {"data": [_other_event(begin), *events]}


def _listed_since(scene: Scene) -> int:
    return scene.now - LISTED_DAYS * DAY


def _interval(text: str | None) -> tuple[int, int]:
    """First and last second of an interval, both in it; all times without one."""
    if text is None:
        return 0, 2**40
    try:
        first, last = (datetime.fromisoformat(time) for time in text.split("/"))
        return int(first.timestamp()), int(last.timestamp())
    except ValueError:
        raise pages.bad("eventTime must be two times with a / between them") from None


def _ended(world: World, since: int, until: int) -> Iterator[Run]:
    """All runs that ended in these seconds, also of what is deleted or forgotten."""
    start = midnight(world.start) // DAY
    first = max(since // DAY - _LONGEST_DAYS, start)
    for automation in world.everything:
        for ordinal in range(first, until // DAY + 1):
            for run in world.runs_created(automation, ordinal):
                if since <= run.stopped_at <= until:
                    yield run


def _listed(scene: Scene, run: Run) -> dict[str, Any]:
    event = run_event(run)
    here = f"{scene.base}/api/v1/audits/{event['eventId']}"
    return event | {"id": event["eventId"], "links": {"self": {"href": here}}}


def run_event(run: Run) -> dict[str, Any]:
    """The event of a run's end; its metrics in a part of their own, or in the run."""
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
    """An event of another type, with the same names for other things."""
    return {
        "eventId": f"o{second}",
        "eventTime": f"{moment(second) + timedelta(hours=9):%Y-%m-%dT%H:%M:%SZ}",
        "eventType": "com.qlik.v1.app.updated",
        "source": "com.qlik/apps",
        "tenantId": TENANT_ID,
        "userId": "nobody",
        "data": {"id": 7, "status": {"from": HOSTILE}, "duration": "long"},
    }
