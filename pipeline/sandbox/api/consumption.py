"""Consumption of the sandbox tenant's licence: quotas and what was used of them."""

from typing import Any

from pipeline.dates import days_between, last_day, month_of
from pipeline.sandbox.api import pagination
from pipeline.sandbox.api.filters import clauses
from pipeline.sandbox.api.records import TENANT_ID
from pipeline.sandbox.api.request_context import RequestContext
from pipeline.sandbox.api.run_records import HOSTILE
from pipeline.sandbox.api.timestamps import short
from pipeline.sandbox.world.population import midnight
from pipeline.sandbox.world.world import World

TASK = "automation_run_ended"
KNOWN = ("filter", "limit", "offset", "page", "sort")
THIRD_PARTY_RUNS = 5000


def overview(_: RequestContext) -> dict[str, Any]:
    """GET /api/v1/licenses/overview: how many runs are included."""
    quotas: dict[str, dict[str, Any]] = {
        "standardAutomationRuns": {"unlimited": True},
        "3rdPartyAutomationRuns": {"quantity": THIRD_PARTY_RUNS, "periodType": "MONTH"},
        "maxConcurrentAutomationRuns": {"quantity": 10, "periodType": "NONE"},
    }
    return {
        "licenseNumber": "9999000000001204",
        "licenseKey": HOSTILE,
        "status": "Ok",
        "product": "Qlik Cloud",
        "origin": "External",
        "trial": False,
        "valid": "2025-01-01/2028-12-31",
        "updated": "2025-09-01T08:00:00.000Z",
        "secondaryNumber": "",
        "allotments": [],
        "parameters": [
            {"name": name, "valid": "./.", "values": {"unlimited": False} | values}
            for name, values in quotas.items()
        ],
    }


def executions(request: RequestContext) -> dict[str, Any]:
    """GET /api/v1/consumption/executions: this month's figures, for admins."""
    request.require_admin()
    count = pagination.limit(request.query, 20, 200)
    includes_runs = True
    if "filter" in request.query:
        conditions = clauses(request.query["filter"], ("taskName", "resourceAction"))
        includes_runs = all(
            one.value == TASK for one in conditions if one.field == "taskName"
        )
    billable, others = used_this_month(request.world)
    found = [
        _execution(request, "3rd_party_executed", billable, THIRD_PARTY_RUNS),
        _execution(request, "standard_executed", others, -1),
    ][: count if includes_runs else 0]
    return {
        "data": found,
        "links": {"self": {"href": f"{request.base}{request.path}"}},
        "totalCount": len(found),
        "currentPageCount": len(found),
        "globalUsageAvailable": True,
    }


def used_this_month(world: World) -> tuple[int, int]:
    """How many third-party and how many standard runs are metered in this month."""
    first = max(month_of(world.today), world.start)
    runs = [
        run.billable
        for day in days_between(first, world.today)
        for automation in world.all_automations
        for run in world.metered(automation, day)
    ]
    return sum(runs), len(runs) - sum(runs)


def used_by_others(used: int) -> int:
    """Runs of the other tenants of the licence, which share its quota."""
    return used // 4 + 11


def _execution(
    request: RequestContext, action: str, used: int, limit: int
) -> dict[str, Any]:
    first, last = month_of(request.world.today), last_day(request.world.today)
    licence_wide = used + used_by_others(used)
    return {
        "taskName": TASK,
        "tenantId": TENANT_ID,
        "resourceType": "automations",
        "resourceAction": action,
        "scope": ["tenant", "resourceType", "resourceAction"],
        "unit": "run",
        "periodType": "month",
        "periodStart": str(first),
        "periodEnd": str(last),
        "localUsage": used,
        "globalUsage": licence_wide,
        "capacityLimit": limit,
        "overage": 0 <= limit < licence_wide,
        "closeToOverage": False,
        "blocked": False,
        "customerFacing": True,
        "consumptionReportId": "01xQ1chLoHkOikyzUGcHJquteNrAfketW",
        "updateTime": short(max(request.now - 600, midnight(first))),
    }
