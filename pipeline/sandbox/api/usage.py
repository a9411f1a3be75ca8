"""The usage endpoint: what was metered, by day and metric, and by automation."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import msgspec

from pipeline.sandbox.api import pagination
from pipeline.sandbox.api.errors import bad_request
from pipeline.sandbox.api.filters import Clause, clauses
from pipeline.sandbox.api.request_context import RequestContext
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
# The documented filters: a range, a name, a name with a range, a name with a day.
_FORMS = (
    [("date", "ge"), ("date", "le")],
    [("name", "eq")],
    [("name", "eq"), ("date", "ge"), ("date", "le")],
    [("name", "eq"), ("date", "eq")],
)
_NAME_LENGTH = 50


class UsageAutomation(msgspec.Struct, rename="camel"):
    """The automation of an item, with its present owner."""

    guid: str
    name: str
    owner_id: str


class UsageItem(msgspec.Struct, omit_defaults=True):
    """One metric on one day."""

    date: date
    name: str
    value: int
    automation: UsageAutomation | None = None


def usage(request: RequestContext) -> dict[str, Any]:
    """GET /api/workflows/automations/usage: for admins; values of 0 are left out."""
    request.require_admin()
    by_automation = "breakdownBy" in request.query
    if by_automation and request.query["breakdownBy"] != "automation":
        raise bad_request("breakdownBy must be automation")
    if "filter" not in request.query:
        raise bad_request("filter is required")
    metrics, days = _asked(request, request.query["filter"])
    items_of = _by_automation if by_automation else _by_day
    items = [item for day in days for item in items_of(request, day, metrics)]
    size = request.options.usage_page
    if size is None:
        if "cursor" in request.query:
            raise bad_request("unknown query parameter: cursor")
        return {"data": items}
    listing = pagination.Listing.of(
        range(len(items)), lambda index: index, lambda _: "", descending=False
    )
    return request.page(listing, size, lambda index: items[index])


def _asked(request: RequestContext, expression: str) -> tuple[list[str], list[date]]:
    """Metrics and days that a filter of a documented form asks for."""
    found = clauses(expression, ("name", "date"), ("eq", "ge", "le"))
    if [(one.field, one.operator) for one in found] not in _FORMS:
        raise bad_request(f"unsupported filter: {expression}")
    metrics = [_metric(one) for one in found if one.field == "name"] or list(_METRICS)
    limits = [_day(one) for one in found if one.field == "date"]
    world = request.world
    first = max(limits[0] if limits else world.start, world.start)
    last = min(limits[-1] if limits else world.today, world.today)
    count = max((last - first).days + 1, 0)
    return metrics, [first + timedelta(days=number) for number in range(count)]


def _metric(clause: Clause) -> str:
    if clause.value not in _METRICS:
        raise bad_request(f"unknown metric: {clause.value}")
    return str(clause.value)


def _day(clause: Clause) -> date:
    text = str(clause.value)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise bad_request(f"not a date: {text}") from None
    if day.isoformat() != text:
        raise bad_request(f"not a date: {text}")
    return day


def _by_automation(
    request: RequestContext, day: date, metrics: list[str]
) -> Iterator[UsageItem]:
    for automation in request.world.all_automations:
        runs = request.world.metered(automation, day)
        if not runs:
            continue
        about = UsageAutomation(
            automation.id,
            automation.name[:_NAME_LENGTH],
            request.world.owner_now(automation),
        )
        for item in _items(runs, day, metrics):
            item.automation = about
            yield item


def _by_day(
    request: RequestContext, day: date, metrics: list[str]
) -> Iterator[UsageItem]:
    runs = [
        run
        for automation in request.world.all_automations
        for run in request.world.metered(automation, day)
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
