"""The usage endpoint: what was metered, by day and metric, and by automation."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import msgspec

from pipeline.sandbox.api import pages
from pipeline.sandbox.api.context import Scene
from pipeline.sandbox.api.filters import Clause, clauses
from pipeline.sandbox.world.runs import Run

# Metric as asked for → as answered.
_METRICS = {
    "runs": "runs",
    "scheduledRuns": "scheduledRun",
    "triggeredRuns": "triggeredRun",
    "webhookRuns": "webhookRuns",
    "duration": "duration",
    "bandwidthIn": "bandwidthIn",
    "bandwidthOut": "bandwidthOut",
}
_COUNTED_AS = {
    "scheduler": "scheduledRuns",
    "api_async": "triggeredRuns",
    "api_sync": "triggeredRuns",
    "webhook": "webhookRuns",
}
# Just what is documented: a range, a name, a name with a range, a name with a day.
_FORMS = (
    [("date", "ge"), ("date", "le")],
    [("name", "eq")],
    [("name", "eq"), ("date", "ge"), ("date", "le")],
    [("name", "eq"), ("date", "eq")],
)
_NAME_LENGTH = 50


class UsageAutomation(msgspec.Struct, rename="camel"):
    """The automation of an item, as it is now."""

    guid: str
    name: str
    owner_id: str


class UsageItem(msgspec.Struct, omit_defaults=True):
    """One metric on one day."""

    date: date
    name: str
    value: int
    automation: UsageAutomation | None = None


def usage(scene: Scene) -> dict[str, Any]:
    """GET /api/workflows/automations/usage: for admins; values of 0 are left out."""
    scene.refuse_others()
    by_automation = "breakdownBy" in scene.query
    if by_automation and scene.query["breakdownBy"] != "automation":
        raise pages.bad("breakdownBy must be automation")
    if "filter" not in scene.query:
        raise pages.bad("filter is required")
    metrics, days = _asked(scene, scene.query["filter"])
    chosen = _by_automation if by_automation else _by_day
    items = [item for day in days for item in chosen(scene, day, metrics)]
    size = scene.options.usage_page
    if size is None:
        if "cursor" in scene.query:
            raise pages.bad("unknown query parameter: cursor")
        return {"data": items}
    listing = pages.Listing.of(
        range(len(items)), lambda place: place, lambda _: "", downwards=False
    )
    return scene.page(listing, size, lambda place: items[place])


def _asked(scene: Scene, expression: str) -> tuple[list[str], list[date]]:
    """Metrics and days that a filter of a documented form asks for."""
    found = clauses(expression, ("name", "date"), ("eq", "ge", "le"))
    if [(one.field, one.operator) for one in found] not in _FORMS:
        raise pages.bad(f"unsupported filter: {expression}")
    metrics = [_metric(one) for one in found if one.field == "name"] or list(_METRICS)
    limits = [_day(one) for one in found if one.field == "date"]
    world = scene.world
    first = max(limits[0] if limits else world.start, world.start)
    last = min(limits[-1] if limits else world.today, world.today)
    count = max((last - first).days + 1, 0)
    return metrics, [first + timedelta(days=number) for number in range(count)]


def _metric(clause: Clause) -> str:
    if clause.value not in _METRICS:
        raise pages.bad(f"unknown metric: {clause.value}")
    return str(clause.value)


def _day(clause: Clause) -> date:
    text = str(clause.value)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise pages.bad(f"not a date: {text}") from None
    if day.isoformat() != text:
        raise pages.bad(f"not a date: {text}")
    return day


def _by_automation(scene: Scene, day: date, metrics: list[str]) -> Iterator[UsageItem]:
    for automation in scene.world.everything:
        runs = scene.world.metered(automation, day)
        if not runs:
            continue
        about = UsageAutomation(
            automation.id,
            automation.name[:_NAME_LENGTH],
            scene.world.owner_now(automation),
        )
        for item in _items(runs, day, metrics):
            item.automation = about
            yield item


def _by_day(scene: Scene, day: date, metrics: list[str]) -> Iterator[UsageItem]:
    runs = [
        run
        for automation in scene.world.everything
        for run in scene.world.metered(automation, day)
    ]
    yield from _items(runs, day, metrics)


def _items(runs: Iterable[Run], day: date, metrics: list[str]) -> Iterator[UsageItem]:
    sums = dict.fromkeys(_METRICS, 0)
    for run in runs:
        sums["runs"] += 1
        sums["duration"] += run.seconds
        sums["bandwidthIn"] += run.bytes_in
        sums["bandwidthOut"] += run.bytes_out
        counted_as = _COUNTED_AS.get(run.context)
        if counted_as is not None:
            sums[counted_as] += 1
    for metric in metrics:
        if sums[metric]:
            yield UsageItem(day, _METRICS[metric], sums[metric])
