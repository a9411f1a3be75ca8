"""What the sandbox tenant's licence includes, and what was used of it by its count."""

from calendar import monthrange
from datetime import timedelta
from typing import Any

from pipeline.sandbox.api import pages
from pipeline.sandbox.api.context import Scene
from pipeline.sandbox.api.filters import clauses
from pipeline.sandbox.api.records import TENANT_ID
from pipeline.sandbox.world.population import midnight
from pipeline.sandbox.world.stamps import short
from pipeline.sandbox.world.world import World

TASK = "automation_run_ended"
KNOWN = ("filter", "limit", "offset", "page", "sort")
THIRD_PARTY_RUNS = 5000


def executions(scene: Scene) -> dict[str, Any]:
    """GET /api/v1/consumption/executions: this month's figures, for admins."""
    scene.refuse_others()
    count = pages.limit(scene.query, 20, 200)
    wanted = True
    if "filter" in scene.query:
        asked = clauses(scene.query["filter"], ("taskName", "resourceAction"))
        wanted = all(one.value == TASK for one in asked if one.field == "taskName")
    billable, others = used_this_month(scene.world)
    there = [
        _execution(scene, "3rd_party_executed", billable, THIRD_PARTY_RUNS),
        _execution(scene, "standard_executed", others, -1),
    ][: count if wanted else 0]
    return {
        "data": there,
        "links": {"self": {"href": f"{scene.base}{scene.path}"}},
        "totalCount": len(there),
        "currentPageCount": len(there),
        "globalUsageAvailable": True,
    }


def used_this_month(world: World) -> tuple[int, int]:
    """Third-party and standard runs that were metered since the month began."""
    first = max(world.today.replace(day=1), world.start)
    days = [first + timedelta(days=n) for n in range((world.today - first).days + 1)]
    runs = [
        run.billable
        for day in days
        for automation in world.everything
        for run in world.metered(automation, day)
    ]
    return sum(runs), len(runs) - sum(runs)


def elsewhere(used: int) -> int:
    """What the licence's other tenants used: the quota is shared by them all."""
    return used // 4 + 11


def _execution(scene: Scene, action: str, used: int, limit: int) -> dict[str, Any]:
    first = scene.world.today.replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    licence_wide = used + elsewhere(used)
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
        "updateTime": short(max(scene.now - 600, midnight(first))),
    }
