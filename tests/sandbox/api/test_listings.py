"""Listings: every record once, in the order and of the kind that was asked for."""

from datetime import UTC, datetime

import pytest

from pipeline.sandbox import World
from pipeline.sandbox.world.automations import Automation
from servers.sandbox import AUTOMATIONS, CONNECTORS, NOW, SPACES, USERS, Serve, Tenant


@pytest.mark.parametrize("limit", [3, 100])
@pytest.mark.parametrize("sort", [None, "-name", "runMode", "-lastRunAt", "state"])
def test_pages_of_automations_hold_each_once(
    tenant: Tenant, world: World, limit: int, sort: str | None
) -> None:
    query = {"limit": limit} | ({} if sort is None else {"sort": sort})
    found = [one["id"] for one in tenant.all(AUTOMATIONS, **query)]

    assert len(found) == len(set(found))
    assert set(found) == {one.id for one in world.listed_automations()}


@pytest.mark.parametrize("limit", [13, 200])
@pytest.mark.parametrize("sort", ["id", "-id", "status", "-status", "-startTime"])
def test_pages_of_runs_hold_each_once(
    tenant: Tenant, world: World, busy: Automation, limit: int, sort: str
) -> None:
    path = f"{AUTOMATIONS}/{busy.id}/runs"
    found = [run["id"] for run in tenant.all(path, limit=limit, sort=sort)]

    assert len(found) > 100
    assert len(found) == len(set(found))
    assert set(found) == {run.id for run in world.listed_runs(busy)}


def test_an_encoded_plus_sorts_and_a_bare_one_is_a_400(
    tenant: Tenant, runs: str
) -> None:
    found = [one["startTime"] for one in tenant.ok(f"{runs}?sort=%2BstartTime")["data"]]

    assert found == sorted(found)
    assert tenant.get(f"{runs}?sort=+startTime").status_code == 400


def test_runs_come_newest_first_by_start(tenant: Tenant, runs: str) -> None:
    started = [
        one["startTime"] for one in tenant.all(runs, sort="-startTime", limit=200)
    ]

    assert started == sorted(started, reverse=True)


@pytest.mark.parametrize("queued_last", [True, False])
def test_where_queued_runs_are_listed_is_an_option(
    serve: Serve, world: World, *, queued_last: bool
) -> None:
    second, automation = next(
        (run.created_at, one)
        for one in world.listed_automations()
        for run in world.listed_runs(one)
        if run.started_at
        and run.started_at > run.created_at
        and len(world.at(_utc(run.created_at)).listed_runs(one)) > 2
    )
    tenant = serve(world.at(_utc(second)), queued_last=queued_last)
    path = f"{AUTOMATIONS}/{automation.id}/runs"
    started = [one["startTime"] for one in tenant.all(path, sort="-startTime")]

    assert None in started
    assert started.index(None) == (len(started) - started.count(None)) * queued_last


def _utc(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def test_pages_stand_still_while_new_runs_come(
    serve: Serve, world: World, busy: Automation, runs: str
) -> None:
    """A cursor is a place in the order, not a number of records."""
    tenant = serve(world.at(datetime(2026, 11, 18, 0, 0, tzinfo=UTC)))
    first = tenant.ok(runs, limit=50, sort="-startTime")
    tenant.server.world.now = NOW
    second = tenant.ok(first["links"]["next"]["href"])
    both = [one["id"] for page in (first, second) for one in page["data"]]

    assert len(set(both)) == len(both)
    assert len(world.listed_runs(busy)) > 100


@pytest.mark.parametrize(
    ("path", "default", "maximum"),
    [
        (AUTOMATIONS, 100, 200),
        (CONNECTORS, 100, 200),
        (USERS, 20, 100),
        (SPACES, 10, 100),
    ],
)
def test_limits_are_the_documented_ones(
    serve: Serve, path: str, default: int, maximum: int
) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    large = World(
        now=start, start=start.date(), automations=450, owners=130, spaces=120
    )
    tenant = serve(large)
    there = len(tenant.all(path, limit=maximum))

    assert len(tenant.ok(path)["data"]) == min(default, there)
    assert len(tenant.ok(path, limit=maximum)["data"]) == min(maximum, there)
    for wrong in (0, maximum + 1, -1, "ten", "1.5", ""):
        assert tenant.get(path, limit=wrong).status_code == 400


def test_runs_come_ten_at_a_time_unless_asked(tenant: Tenant, runs: str) -> None:
    assert len(tenant.ok(runs)["data"]) == 10
    assert len(tenant.ok(runs, limit=200)["data"]) > 100
    assert tenant.get(runs, limit=201).status_code == 400


def test_runs_are_filtered_by_what_they_are(tenant: Tenant, world: World) -> None:
    mixed = next(
        one
        for one in world.listed_automations()
        if len({run.billable for run in world.listed_runs(one)}) == 2
    )
    path = f"{AUTOMATIONS}/{mixed.id}/runs"
    everything = tenant.all(path, limit=200)
    one = everything[0]
    billable = tenant.all(path, limit=200, filter="billable eq true")
    exact = tenant.all(
        path,
        filter=f'(status eq "{one["status"]}" and startTime eq "{one["startTime"]}")',
    )

    assert {run["id"] for run in billable} == {
        run["id"] for run in everything if run["billable"]
    }
    assert one["id"] in {run["id"] for run in exact}
    assert tenant.all(path, filter='ownerId eq "nobody"') == []


def test_a_tenant_may_accept_ranges_of_start_times(serve: Serve, runs: str) -> None:
    tenant = serve(accepts_ge=True)
    since = "2026-11-20T00:00:00.000000Z"
    found = tenant.all(runs, filter=f'startTime ge "{since}"', limit=200)

    assert found
    assert {one["id"] for one in found} == {
        one["id"]
        for one in tenant.all(runs, limit=200)
        if one["startTime"] and one["startTime"] >= since
    }
    assert tenant.get(runs, filter='status ge "failed"').status_code == 400


def test_automations_are_filtered_by_owner_space_and_mode(tenant: Tenant) -> None:
    everything = tenant.all(AUTOMATIONS)
    owner, mode = everything[0]["ownerId"], everything[0]["runMode"]
    found = tenant.all(
        AUTOMATIONS, filter=f'ownerId eq "{owner}" and runMode eq "{mode}"'
    )

    assert {one["id"] for one in found} == {
        one["id"]
        for one in everything
        if (one["ownerId"], one["runMode"]) == (owner, mode)
    }


def test_one_automation_is_the_record_of_the_list(tenant: Tenant) -> None:
    listed = tenant.ok(AUTOMATIONS)["data"][0]

    assert tenant.ok(f"{AUTOMATIONS}/{listed['id']}") == listed


def test_users_go_forth_and_back(tenant: Tenant) -> None:
    first = tenant.ok(USERS, limit=6, sort="-email")
    second = tenant.ok(first["links"]["next"]["href"])
    back = tenant.ok(second["links"]["prev"]["href"])

    assert "prev" not in first["links"]
    assert back["data"] == first["data"]
    assert back["links"]["next"] == first["links"]["next"]
    assert "prev" not in back["links"]


@pytest.mark.parametrize(("path", "limit"), [(USERS, 3), (USERS, 100), (SPACES, 2)])
def test_users_and_spaces_are_listed_once_each(
    tenant: Tenant, world: World, path: str, limit: int
) -> None:
    found = [one["id"] for one in tenant.all(path, limit=limit)]
    there = world.listed_users() if path == USERS else world.listed_spaces()

    assert sorted(found) == sorted(one.id for one in there)


def test_users_are_counted_and_filtered_on_request(tenant: Tenant) -> None:
    page = tenant.ok(USERS, filter='status eq "invited"', totalResults="true")

    assert page["totalResults"] == len(page["data"]) == 1
    assert "totalResults" not in tenant.ok(USERS)


def test_spaces_are_found_by_name_and_type(tenant: Tenant) -> None:
    assert [one["name"] for one in tenant.all(SPACES, name="finAN")] == ["Finance"]
    assert {one["type"] for one in tenant.all(SPACES, type="managed")} == {"managed"}
    assert tenant.ok(SPACES)["meta"]["count"] == 6


def test_an_admin_may_list_just_their_own(tenant: Tenant) -> None:
    assert tenant.all(AUTOMATIONS, listAll="false") == []
