"""The usage endpoint: its grammar, its gaps, and its sum, which is the truth."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pipeline import seeds
from pipeline.sandbox import World
from pipeline.sandbox.world.population import DAY
from servers.sandbox import AUTOMATIONS, NOW, Serve, Tenant

USAGE = f"{AUTOMATIONS}/usage"
WEEK = 'date ge "2026-11-09" and date le "2026-11-15"'


def usage(tenant: Tenant, expression: str, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tenant.ok(USAGE, filter=expression, **query)["data"]
    return found


def test_usage_sums_to_the_truth_of_every_day(tenant: Tenant, world: World) -> None:
    everything = f'date ge "{world.start}" and date le "2026-11-23"'
    metered: Counter[tuple[str, str]] = Counter()
    for item in usage(tenant, everything, breakdownBy="automation"):
        metered[item["date"], item["name"]] += item["value"]
    known: Counter[tuple[str, str]] = Counter()
    for row in tenant.ok("/sandbox/truth")["data"]:
        known[row["date"], "runs"] += row["runs"]
        known[row["date"], "duration"] += row["duration_seconds"]
        known[row["date"], "bandwidthIn"] += row["bandwidth_in_bytes"]
        known[row["date"], "bandwidthOut"] += row["bandwidth_out_bytes"]
    counted = {key: value for key, value in metered.items() if key in known}

    assert counted == {key: value for key, value in known.items() if value}
    assert {name for _, name in metered} == {
        one.answered_as or one.metric for one in seeds.measures() if one.metric
    }


def test_without_a_breakdown_a_day_has_one_total_of_each_metric(tenant: Tenant) -> None:
    totals = {(one["date"], one["name"]): one["value"] for one in usage(tenant, WEEK)}
    parts: Counter[tuple[str, str]] = Counter()
    for item in usage(tenant, WEEK, breakdownBy="automation"):
        parts[item["date"], item["name"]] += item["value"]

    assert totals == parts
    assert "automation" not in usage(tenant, WEEK)[0]


def test_an_item_names_its_automation_by_guid_with_a_cut_name_and_no_space(
    tenant: Tenant,
) -> None:
    automations = [
        one["automation"] for one in usage(tenant, WEEK, breakdownBy="automation")
    ]

    assert all(set(one) == {"guid", "name", "ownerId"} for one in automations)
    assert max(len(one["name"]) for one in automations) == 50


def test_values_of_zero_are_left_out(tenant: Tenant) -> None:
    assert all(
        one["value"] > 0 for one in usage(tenant, WEEK, breakdownBy="automation")
    )


@pytest.mark.parametrize(
    "expression",
    [
        WEEK,
        'name eq "runs"',
        f'name eq "duration" and {WEEK}',
        'name eq "scheduledRuns" and date eq "2026-11-10"',
    ],
)
def test_each_documented_form_of_filter_is_accepted(
    tenant: Tenant, expression: str
) -> None:
    assert usage(tenant, expression)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        'name eq "scheduledRun"',
        'name eq "cost"',
        'name in ("runs")',
        'name eq "runs" or name eq "duration"',
        'date eq "2026-11-10"',
        'date ge "2026-11-10"',
        'date gt "2026-11-09" and date lt "2026-11-12"',
        'date ge "2026-11-31" and date le "2026-12-01"',
        'date ge "20261101" and date le "20261102"',
        'date ge "2026-11-01T00:00:00Z" and date le "2026-11-02"',
        "date ge 2026-11-01 and date le 2026-11-02",
        'ownerId eq "x"',
        f'{WEEK} and name eq "runs"',
        'name eq "runs" and',
    ],
)
def test_any_other_filter_is_a_400(tenant: Tenant, expression: str) -> None:
    assert tenant.get(USAGE, filter=expression).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"filter": WEEK, "breakdownBy": "owner"},
        {"filter": WEEK, "breakdownBy": ""},
        {"filter": WEEK, "limit": "100"},
        {"filter": WEEK, "cursor": "x"},
    ],
)
def test_other_parameters_are_a_400(tenant: Tenant, query: dict[str, str]) -> None:
    assert tenant.get(USAGE, **query).status_code == 400


def test_only_admins_read_usage(serve: Serve) -> None:
    assert serve(role="user").get(USAGE, filter=WEEK).status_code == 403


def test_today_is_metered_as_far_as_it_has_come(serve: Serve, world: World) -> None:
    noon = serve(world.at(datetime(2026, 11, 18, 12, 0, tzinfo=UTC)))
    today = 'name eq "runs" and date eq "2026-11-18"'
    so_far = usage(noon, today)[0]["value"]
    noon.server.world.now = NOW

    assert 0 < so_far < usage(noon, today)[0]["value"]


def test_usage_keeps_what_a_deleted_automation_used(serve: Serve, world: World) -> None:
    gone = next(
        one
        for one in world.all_automations
        if one.deleted_at < world.second
        and any(world.metered(one, _date(one.deleted_at, back)) for back in range(2, 9))
    )
    day = next(
        day
        for day in (_date(gone.deleted_at, back) for back in range(2, 9))
        if world.metered(gone, day)
    )
    tenant = serve()
    expression = f'name eq "runs" and date eq "{day}"'
    found = {
        one["automation"]["guid"]: one["automation"]["ownerId"]
        for one in usage(tenant, expression, breakdownBy="automation")
    }

    assert found[gone.id] == gone.owner_at(gone.deleted_at)
    assert tenant.get(f"{AUTOMATIONS}/{gone.id}").status_code == 404
    assert tenant.get(f"{AUTOMATIONS}/{gone.id}/runs").status_code == 404


def _date(second: int, back: int) -> date:
    return datetime.fromtimestamp(second - back * DAY, UTC).date()


def test_usage_names_the_owner_of_now(tenant: Tenant, world: World) -> None:
    owners = {
        one["automation"]["guid"]: one["automation"]["ownerId"]
        for one in usage(tenant, 'name eq "runs"', breakdownBy="automation")
    }
    by_id = {one.id: one for one in world.all_automations}

    assert owners == {guid: world.owner_now(by_id[guid]) for guid in owners}


def test_late_usage_is_whole_after_two_more_days() -> None:
    start = date(2026, 11, 1)
    late = World(now=NOW, start=start, automations=90, seed=3, late_usage=True)
    plain = World(now=NOW, start=start, automations=90, seed=3)
    day = date(2026, 11, 17)

    def metered(world: World, days_later: int) -> int:
        then = datetime(2026, 11, 17, 2, 0, tzinfo=UTC) + timedelta(days=days_later)
        there = world.at(then)
        return sum(len(there.metered(one, day)) for one in there.all_automations)

    assert metered(late, 1) < metered(late, 2) < metered(late, 3)
    assert metered(late, 3) == metered(plain, 3)
    assert late.truth() == plain.truth()


def test_usage_can_come_in_pages(serve: Serve) -> None:
    whole = usage(serve(), WEEK, breakdownBy="automation")
    paged = serve(usage_page=50)

    assert paged.all(USAGE, filter=WEEK, breakdownBy="automation") == whole
    assert len(paged.server.requests) > 3
