"""Records of automations, users and spaces, with values that must not be stored."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from pipeline.sandbox.api.run_records import HOSTILE, run_detail, space_of, state_at
from pipeline.sandbox.api.timestamps import at, optional_at, short
from pipeline.sandbox.world.automations import Automation
from pipeline.sandbox.world.population import DAY, Space, User
from pipeline.sandbox.world.runs import Run

# How many runs of an automation may run at once; most are as they were created.
LIMITS = (1, 1, 1, 2, 5)
TENANT_ID = "xqGQ0k66vSR8f9G7J-vYtHZQkiYrCpct"


def automation_record(
    automation: Automation, latest: Run | None, ended: Run | None, now: int
) -> dict[str, Any]:
    """An automation as listed now, with secrets."""
    last = None if latest is None else run_detail(latest, now)
    record = {
        "id": automation.id,
        "name": automation.name,
        "description": automation.description,
        "state": state(automation, now),
        "runMode": automation.run_mode,
        "ownerId": automation.owner_at(now),
        "createdAt": at(automation.created_at),
        "updatedAt": at(automation.changed_at(now)),
        "lastRun": last,
        "lastRunAt": optional_at(None if ended is None else ended.stopped_at),
        "lastRunStatus": None if latest is None else state_at(latest, now).status,
        "duration": 0 if ended is None else ended.seconds,
        "connectorIds": [connector.id for connector in automation.connectors],
        "containsBillable": automation.billable,
        "snippetIds": [],
        "endpointIds": [],
        "executionToken": f"{HOSTILE}-{automation.token}",
        "maxConcurrentRuns": LIMITS[automation.index % len(LIMITS)],
        "workspace": {
            "blocks": [{"type": "VariableBlock", "inputs": {"password": HOSTILE}}],
            "variables": [{"name": "token", "value": HOSTILE}],
        },
    }
    space = space_of(automation.space_at(now), automation.index)
    return record if space is msgspec.UNSET else record | {"spaceId": space}


def state(automation: Automation, now: int) -> str:
    """The state at the second *now*: available, disabled or unavailable."""
    if automation.unavailable:
        return "unavailable"
    return "disabled" if automation.disabled_at <= now else "available"


def user_record(user: User, base: str) -> dict[str, Any]:
    """A user as listed."""
    record: dict[str, Any] = {
        "id": user.id,
        "tenantId": TENANT_ID,
        "status": user.status,
        "subject": user.subject,
        "name": user.name,
        "locale": "en-US",
        "zoneinfo": "Europe/Berlin",
        "createdAt": short(user.created_at),
        "lastUpdatedAt": short(user.created_at),
        "assignedRoles": [{"name": role, "level": "admin"} for role in user.roles],
        "assignedGroups": [],
        "links": {"self": {"href": f"{base}/api/v1/users/{user.id}"}},
    }
    if user.status == "invited":
        record["inviteExpiry"] = user.created_at + 90 * DAY
    return record | {"email": user.email} if user.email else record


def space_record(space: Space, base: str) -> dict[str, Any]:
    """A space as listed."""
    here = f"{base}/api/v1/spaces/{space.id}"
    return {
        "id": space.id,
        "type": space.type,
        "ownerId": space.owner_id,
        "tenantId": TENANT_ID,
        "name": space.name,
        "description": "",
        "meta": {"actions": ["read"], "roles": [], "assignableRoles": ["consumer"]},
        "createdAt": short(space.created_at),
        "createdBy": space.owner_id,
        "updatedAt": short(space.updated_at),
        "links": {
            "self": {"href": here},
            "assignments": {"href": f"{here}/assignments"},
        },
    }


def token_record(token: str, now: datetime, seconds: int) -> dict[str, Any]:
    """The answer to a request for a token."""
    expires_at = now + timedelta(seconds=seconds)
    return {
        "access_token": token,
        "token_type": "bearer",
        "expires_in": seconds,
        "expires_at": f"{expires_at:%Y-%m-%dT%H:%M:%S}.000Z",
        "scope": "user_default admin.automations admin.automation-runs",
    }
