"""Nights of a tenant whose records a test writes, word for word."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipeline.config import Extract, Run, Settings, TenantAccess
from pipeline.extract import Extraction, required
from pipeline.extract.progress import Listings
from pipeline.lake import Lake
from pipeline.tenant import Tenant
from servers.script import Answer, Script, page

KEY = "key-of-the-script"
DAY = date(2026, 5, 4)
AUTOMATIONS = "/api/workflows/automations?listAll=true&limit=200"
USERS = "/api/v1/users?limit=100"
SPACES = "/api/v1/spaces?limit=100"
CONNECTORS = "/api/workflows/automation-connectors?limit=200"


def runs_path(automation_id: str) -> str:
    return f"/api/workflows/automations/{automation_id}/runs?sort=-startTime&limit=200"


def usage_path(day: date) -> str:
    span = f"date%20ge%20%22{day}%22%20and%20date%20le%20%22{day}%22"
    path = "/api/workflows/automations/usage?breakdownBy=automation"
    return f"{path}&filter={span}"


def serve_usage(script: Script, *usage: Any, day: date = DAY) -> None:
    """A tenant of nothing but usage, all of it of *day*."""
    for path in (AUTOMATIONS, USERS, SPACES, CONNECTORS):
        script.routes.setdefault(path, [page()])
    script.routes[usage_path(day)] = [page(*usage)]
    script.default = page()


def night(script: Script, folder: Path, as_of: date = DAY) -> Lake:
    """The lake after a night that begins with DAY."""
    now = datetime(as_of.year, as_of.month, as_of.day, 2, tzinfo=UTC)
    limits = Extract(requests_per_minute=600_000, retries=0, lookback_days=0)
    access = TenantAccess("acme", script.url, api_key=KEY)
    with Tenant(access, limits) as tenant:
        settings = Settings((access,), folder, first_day=DAY, extract=limits)
        run = Run(settings, as_of, now)
        required.read(Extraction(tenant, run, Listings(tenant)))
    return Lake(folder / "lake")


def item(
    value: Any, day: str = str(DAY), metric: str = "runs", **automation: Any
) -> Any:
    """One item of usage."""
    named = {"guid": "A1", "name": "n", "ownerId": "o", **automation}
    return {"date": day, "name": metric, "value": value, "automation": named}


def gone() -> Answer:
    return Answer({"errors": []}, status=404)
