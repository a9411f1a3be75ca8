"""What records look like: as real tenants send them, or as documented, or both."""

import json
from datetime import date
from typing import Any

import pytest

from pipeline.sandbox import Options, World
from pipeline.sandbox.api.routes import Api
from pipeline.sandbox.api.run_records import HOSTILE
from servers.sandbox import AUTOMATIONS, KEY, NOW, Serve, Tenant

LIVE = frozenset(
    {
        "id",
        "spaceId",
        "ownerId",
        "executedById",
        "context",
        "status",
        "title",
        "testRun",
        "isTestRun",
        "archived",
        "isArchived",
        "error",
        "startTime",
        "stopTime",
        "scheduledStartTime",
        "createdAt",
        "updatedAt",
        "billable",
    }
)


def every_run(tenant: Tenant) -> list[dict[str, Any]]:
    paths = [f"{AUTOMATIONS}/{one['id']}/runs" for one in tenant.all(AUTOMATIONS)]
    return [run for path in paths for run in tenant.all(path, limit=200)]


def test_the_same_world_sends_the_same_bytes() -> None:
    def read() -> list[bytes]:
        start = date(2026, 11, 1)
        world = World(now=NOW, start=start, automations=12, owners=5, spaces=3)
        api = Api(world, Options(api_key=KEY), "http://tenant")
        paths = [f"{AUTOMATIONS}/{one.id}/runs" for one in world.listed_automations()]
        paths += [AUTOMATIONS, "/api/v1/users", "/api/v1/spaces", "/sandbox/truth"]
        bearer = {"Authorization": f"Bearer {KEY}"}
        return [api.answer("GET", path, bearer, b"").body for path in paths]

    assert read() == read()


def test_a_live_run_has_billable_and_no_duration(tenant: Tenant) -> None:
    runs = every_run(tenant)

    assert {frozenset(run) for run in runs} <= {LIVE, LIVE - {"spaceId"}}
    assert all(run["archived"] is True for run in runs)
    assert {run["billable"] for run in runs} == {True, False}


@pytest.mark.parametrize("shape", ["live", "documented"])
def test_a_failed_run_has_errors_that_quote_what_may_not_be_kept(
    serve: Serve, shape: str
) -> None:
    runs = every_run(serve(shape=shape))
    failed = [run["error"] for run in runs if run["status"] == "failed"]
    entries = [entry for errors in failed for entry in errors]

    assert all(not run["error"] for run in runs if run["status"] != "failed")
    assert all(failed)
    assert {type(entry) for entry in entries} == {dict, str}
    keys = {key for entry in entries if isinstance(entry, dict) for key in entry}
    assert {"error", "message", "request", "response"} <= keys
    assert all(HOSTILE in json.dumps(e) for e in entries if isinstance(e, dict))


def test_a_documented_run_has_a_duration_and_no_billable(
    serve: Serve, world: World
) -> None:
    seconds = {
        run.id: run.seconds
        for one in world.listed_automations()
        for run in world.listed_runs(one)
        if run.stopped_at <= world.second
    }
    runs = [run for run in every_run(serve(shape="documented")) if run["id"] in seconds]

    assert all("billable" not in run for run in runs)
    assert {type(run["duration"]) for run in runs} == {int, str}
    assert all(int(run["duration"]) == seconds[run["id"]] for run in runs)


def test_a_mixed_tenant_sends_both_shapes(serve: Serve) -> None:
    runs = every_run(serve(shape="mixed"))

    assert {"billable" in run for run in runs} == {True, False}
    assert all(("billable" in run) != ("duration" in run) for run in runs)


def test_a_personal_space_is_null_or_empty_or_missing(tenant: Tenant) -> None:
    listed = tenant.all(AUTOMATIONS)
    spellings = {one.get("spaceId", "missing") for one in listed}

    assert {None, "", "missing"} <= spellings


def test_records_hold_what_nobody_may_keep(tenant: Tenant) -> None:
    text = json.dumps(tenant.all(AUTOMATIONS))

    assert text.count(HOSTILE) > 200
    assert {"executionToken", "workspace", "lastRun"} <= set(tenant.all(AUTOMATIONS)[0])


def test_the_last_run_is_the_newest_one_and_its_end_the_last_end(
    tenant: Tenant,
) -> None:
    for one in tenant.all(AUTOMATIONS):
        runs = tenant.all(f"{AUTOMATIONS}/{one['id']}/runs", limit=200)
        ends = [run["stopTime"] for run in runs if run["stopTime"]]
        if runs and ends:
            newest = max(runs, key=lambda run: str(run["createdAt"]))
            assert one["lastRun"]["id"] == newest["id"]
            assert one["lastRunStatus"] == newest["status"]
            assert one["lastRunAt"] == max(ends)


def test_some_automations_never_ran(tenant: Tenant) -> None:
    never = [one for one in tenant.all(AUTOMATIONS) if one["lastRun"] is None]

    assert never
    assert {one["lastRunAt"] for one in never} == {None}


def test_times_are_utc_with_six_decimals(tenant: Tenant) -> None:
    texts = [
        run[name]
        for run in every_run(tenant)
        for name in ("createdAt", "startTime", "stopTime", "updatedAt")
        if run[name]
    ]
    assert all(len(text) == 27 and text.endswith(".000000Z") for text in texts)


@pytest.mark.parametrize(
    ("kind", "links"),
    [
        ("null", {"next": None}),
        ("empty", {"next": {"href": ""}}),
        ("missing", {}),
    ],
)
def test_the_last_page_says_so_in_several_ways(
    serve: Serve, kind: str, links: dict[str, Any]
) -> None:
    assert serve(last_link=kind).ok(AUTOMATIONS, limit=200)["links"] == links


def test_links_can_be_relative(serve: Serve, world: World) -> None:
    tenant = serve(links="relative")
    page = tenant.ok(AUTOMATIONS, limit=2)

    assert page["links"]["next"]["href"].startswith(f"{AUTOMATIONS}?limit=2&cursor=")
    assert len(tenant.all(AUTOMATIONS, limit=9)) == len(world.listed_automations())


def test_the_licence_the_settings_and_the_connectors_are_there(tenant: Tenant) -> None:
    overview = tenant.ok("/api/v1/licenses/overview")
    names = {one["name"] for one in overview["parameters"]}
    connectors = tenant.all("/api/workflows/automation-connectors", sort="name")

    assert {"standardAutomationRuns", "3rdPartyAutomationRuns"} <= names
    assert tenant.ok(f"{AUTOMATIONS}/settings")["maxConcurrentRunsPerAutomation"] == 10
    assert {one["billable"] for one in connectors} == {True, False}
