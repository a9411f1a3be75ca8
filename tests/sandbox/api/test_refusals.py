"""What a tenant refuses: the undocumented, the absent and what is not yours."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from pipeline.sandbox import World
from servers.sandbox import AUTOMATIONS, CONNECTORS, SPACES, USERS, Serve, Tenant


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (AUTOMATIONS, {"sort": "ownerId"}),
        (AUTOMATIONS, {"sort": "--name"}),
        (AUTOMATIONS, {"sort": ""}),
        (AUTOMATIONS, {"listAll": "yes"}),
        (AUTOMATIONS, {"filter": 'state eq "available"'}),
        (AUTOMATIONS, {"filter": 'name co "a"'}),
        (AUTOMATIONS, {"filter": "name"}),
        (AUTOMATIONS, {"offset": "10"}),
        (AUTOMATIONS, {"page": "2"}),
        (AUTOMATIONS, {"cursor": "abc"}),
        (AUTOMATIONS, {"cursor": "é"}),
        (AUTOMATIONS, {"cursor": ""}),
        (CONNECTORS, {"filter": 'billable eq "true"'}),
        (CONNECTORS, {"sort": "billable"}),
        (USERS, {"cursor": "abc"}),
        (USERS, {"next": "abc"}),
        (USERS, {"next": "abc", "prev": "abc"}),
        (USERS, {"sort": "roles"}),
        (USERS, {"filter": 'name eq "a" or name eq "b"'}),
        (SPACES, {"next": "abc"}),
        (SPACES, {"sort": "ownerId"}),
        (SPACES, {"filter": 'name eq "HR"'}),
    ],
)
def test_what_is_not_documented_is_a_400(
    tenant: Tenant, path: str, query: dict[str, str]
) -> None:
    response = tenant.get(path, **query)
    body = response.json()

    assert response.status_code == 400
    assert response.headers["content-type"].startswith("application/json")
    assert set(body["errors"][0]) == {"code", "title", "detail"}
    assert body["traceId"]


def test_a_parameter_given_twice_is_a_400(tenant: Tenant) -> None:
    assert tenant.get(f"{AUTOMATIONS}?limit=1&limit=2").status_code == 400


def test_a_cursor_of_another_query_is_a_400(tenant: Tenant, runs: str) -> None:
    cursor = _cursor(tenant.ok(runs, sort="-startTime"))

    assert tenant.get(runs, cursor=cursor, sort="-startTime").status_code == 200
    assert tenant.get(runs, cursor=cursor).status_code == 400
    assert tenant.get(runs, cursor=cursor, sort="startTime").status_code == 400
    assert tenant.get(AUTOMATIONS, cursor=cursor, sort="id").status_code == 400
    wrong = cursor[:-4] + ("AAAA" if cursor[-4:] != "AAAA" else "BBBB")
    assert tenant.get(runs, cursor=wrong, sort="-startTime").status_code == 400


def _cursor(page: dict[str, Any]) -> str:
    href: str = page["links"]["next"]["href"]
    return href.rpartition("cursor=")[2]


@pytest.mark.parametrize(
    "expression",
    [
        'startTime ge "2026-11-01T00:00:00.000000Z"',
        'status ne "failed"',
        'status eq "failed" or status eq "finished"',
        "billable eq maybe",
        'billable eq "true"',
        "status eq true",
        'createdAt eq "2026-11-01T00:00:00.000000Z"',
        'startTime eq "yesterday"',
        'startTime eq "2026-11-01T00:00:00"',
        'status eq "failed',
    ],
)
def test_runs_refuse_other_filters(tenant: Tenant, runs: str, expression: str) -> None:
    assert tenant.get(runs, filter=expression).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/v1/automations",
        "/api/v1/nothing",
        f"{AUTOMATIONS}/",
        f"{AUTOMATIONS}/no-such-id",
        f"{AUTOMATIONS}/no-such-id/runs",
        f"{AUTOMATIONS}/{quote('../settings', safe='')}",
        "/sandbox",
    ],
)
def test_what_is_not_there_is_a_404(tenant: Tenant, path: str) -> None:
    response = tenant.get(path)

    assert response.status_code == 404
    assert response.json()["errors"][0]["code"] == "HTTP-404"


def test_an_automation_that_is_not_created_yet_is_a_404(
    serve: Serve, world: World
) -> None:
    newest = max(world.listed_automations(), key=lambda one: one.created_at)
    tenant = serve(world.at(_utc(newest.created_at - 1)))

    assert tenant.get(f"{AUTOMATIONS}/{newest.id}").status_code == 404
    tenant.server.world.now = _utc(newest.created_at)
    assert tenant.get(f"{AUTOMATIONS}/{newest.id}").status_code == 200


def test_a_runs_detail_is_for_its_owner(serve: Serve, runs: str) -> None:
    strict, open_ = serve(), serve(run_detail=True)
    run = strict.ok(runs)["data"][0]
    detail = open_.ok(f"{runs}/{run['id']}")
    blocks = detail["metrics"]["blocks"]

    assert strict.get(f"{runs}/{run['id']}").status_code == 403
    assert open_.get(f"{runs}/no-such-run").status_code == 404
    assert {name: detail[name] for name in run} == run
    assert "baseBlock" in {block["type"] for block in blocks}
    assert detail["metrics"]["network"]["rxBytes"] > sum(b["rxBytes"] for b in blocks)


def test_a_user_sees_what_is_theirs(serve: Serve, world: World) -> None:
    tenant = serve(role="user")
    me = tenant.ok("/api/v1/users/me")
    mine = tenant.all(AUTOMATIONS)
    others = next(
        one.id for one in world.listed_automations() if world.owner_now(one) != me["id"]
    )

    assert me["id"] == world.population.owners[0].id
    assert {one["ownerId"] for one in mine} == {me["id"]}
    assert tenant.all(AUTOMATIONS, listAll="true") == mine
    assert len(tenant.all(SPACES)) < len(world.listed_spaces())
    assert tenant.get(f"{AUTOMATIONS}/{others}/runs").status_code == 403
    assert tenant.get(f"{AUTOMATIONS}/{mine[0]['id']}/runs").status_code == 200


def _utc(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
