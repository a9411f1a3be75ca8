"""The sandbox's audits and consumption, as strict as a tenant's."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from pipeline.sandbox import SandboxServer
from worlds.sources import AS_OF, KEY, forgetful

AUDITS = "/api/v1/audits"
ENDED = "com.qlik.v1.automation.run.ended"


def client(server: SandboxServer) -> httpx.Client:
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx.Client(base_url=server.url, headers=headers, trust_env=False)


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with SandboxServer(forgetful(), api_key=KEY) as server, client(server) as http:
        yield http


def events(http: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    """Every event of a listing, page by page."""
    page = http.get(AUDITS, params={"limit": 100, **query}).json()
    found = list(page["data"])
    while link := page["links"].get("next"):
        page = http.get(link["href"]).json()
        found += page["data"]
    return found


def test_events_of_a_day_are_listed_page_by_page_latest_first(
    http: httpx.Client,
) -> None:
    day = AS_OF - timedelta(days=4)
    span = f"{day}T00:00:00.000Z/{day + timedelta(days=1)}T00:00:00.000Z"

    found = events(http, eventTime=span, limit=7)

    times = [event["eventTime"] for event in found]
    assert len(found) > 14
    assert times == sorted(times, reverse=True)
    assert len({event["eventId"] for event in found}) == len(found)
    assert {event["eventType"] for event in found} == {ENDED}


def test_events_are_listed_for_90_days_and_then_archived(http: httpx.Client) -> None:
    old = f"{AS_OF - timedelta(days=95)}T00:00:00Z/{AS_OF - timedelta(days=94)}"
    archive = f"{AUDITS}/archive"
    recent = {"date": str(AS_OF - timedelta(days=80))}
    before = {"date": str(AS_OF - timedelta(days=95))}

    listed = events(http, eventTime=f"{old}T00:00:00Z")
    archived = http.get(archive, params=before).json()["data"]
    unarchived = http.get(archive, params=recent).json()["data"]

    assert listed == []
    assert {event["eventType"] for event in archived} > {ENDED}
    assert ENDED not in {event["eventType"] for event in unarchived}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (AUDITS, {"limit": "101"}),
        (AUDITS, {"eventTime": "2026-11-01"}),
        (AUDITS, {"sort": "userId"}),
        (AUDITS, {"filter": "x"}),
        (f"{AUDITS}/archive", {}),
        (f"{AUDITS}/archive", {"date": "yesterday"}),
        ("/api/v1/consumption/executions", {"limit": "201"}),
        ("/api/v1/consumption/executions", {"filter": "taskName"}),
    ],
)
def test_what_is_not_documented_is_refused(
    http: httpx.Client, path: str, query: dict[str, str]
) -> None:
    assert http.get(path, params=query).status_code == 400


def test_audits_and_consumption_are_for_admins() -> None:
    with (
        SandboxServer(forgetful(), api_key=KEY, role="user") as server,
        client(server) as http,
    ):
        paths = (AUDITS, f"{AUDITS}/archive", "/api/v1/consumption/executions")
        statuses = {http.get(path).status_code for path in paths}

    assert statuses == {403}


def test_consumption_of_another_task_is_none(http: httpx.Client) -> None:
    query = {"filter": 'taskName eq "report_triggered"'}

    answer = http.get("/api/v1/consumption/executions", params=query).json()

    assert answer["data"] == []
