"""The world itself: repeatable, growing, forgetful, and honest about its truth."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.sandbox import WORLD_START, TruthRow, World
from pipeline.sandbox.api.run_records import state_at
from pipeline.sandbox.world.automations import Automation
from pipeline.sandbox.world.population import DAY, midnight
from pipeline.sandbox.world.runs import LONGEST, Run
from servers.sandbox import NOW


def wipes_of(world: World, automation: Automation) -> list[int]:
    """The moments before now at which the tenant forgot the automation's runs."""
    moments = [since for since, _ in automation.owners[1:]]
    moments.append(automation.deleted_at)
    ever = midnight(world.start) + 2 * DAY
    return [one for one in moments if ever <= one <= world.second]


def runs_ever(world: World, automation: Automation) -> list[Run]:
    first = midnight(world.start) // DAY
    return [
        run
        for day in range(first, world.second // DAY + 1)
        for run in world.runs_created(automation, day)
    ]


@pytest.fixture(scope="module")
def large() -> World:
    return World(now=NOW, start=date(2026, 8, 1))


def test_the_same_seed_gives_the_same_truth_and_another_seed_another() -> None:
    def truth(seed: int) -> list[TruthRow]:
        start = date(2026, 11, 1)
        return World(now=NOW, start=start, automations=40, seed=seed).truth()

    assert truth(1) == truth(1)
    assert truth(1) != truth(2)


def test_a_world_a_month_later_has_the_same_past(world: World) -> None:
    """Whoever starts with the later world sees what the earlier one saw."""
    options = {"start": world.start, "automations": 90, "owners": 14, "spaces": 6}
    later = World(now=NOW + timedelta(days=30), seed=3, **options)  # type: ignore[arg-type]
    past = [row for row in later.truth() if row.date < NOW.date()]

    assert past == [row for row in world.truth() if row.date < NOW.date()]


def test_the_start_does_not_change_the_days_after_it(world: World) -> None:
    """But for runs that waited over the first midnight."""
    options = {"automations": 90, "owners": 14, "spaces": 6, "seed": 3}
    shorter = World(now=NOW, start=date(2026, 10, 1), **options)  # type: ignore[arg-type]
    since = date(2026, 10, 2)

    assert [row for row in shorter.truth() if row.date >= since] == [
        row for row in world.truth() if row.date >= since
    ]


def test_nothing_exists_after_now(world: World) -> None:
    early = world.at(datetime(2026, 10, 7, 11, 30, tzinfo=UTC))
    runs = [run for one in early.all_automations for run in early.listed_runs(one)]
    known = [state_at(run, early.second) for run in runs]

    assert max(run.created_at for run in runs) <= early.second
    assert all(one.created_at <= early.second for one in early.listed_automations())
    assert all((one.stopped_at or 0) <= early.second for one in known)
    assert {one.status for one in known if one.stopped_at is None} <= {
        "queued",
        "not started",
        "starting",
        "running",
    }
    assert {row.date for row in early.truth()} <= {
        world.start + timedelta(days=number) for number in range(37)
    }


def test_a_run_is_queued_then_running_then_ended(world: World) -> None:
    run = next(
        run
        for one in world.all_automations
        for run in runs_ever(world, one)
        if run.started_at and run.started_at > run.created_at and run.seconds > 2
    )
    assert run.started_at is not None

    waiting = state_at(run, run.created_at)
    running = state_at(run, run.stopped_at - 1)
    ended = state_at(run, run.stopped_at)
    assert (waiting.started_at, waiting.stopped_at) == (None, None)
    assert (running.started_at, running.stopped_at) == (run.started_at, None)
    assert (ended.status, ended.stopped_at) == (run.status, run.stopped_at)
    assert waiting.updated_at < running.updated_at < ended.updated_at


def test_the_tenant_forgets_runs_after_its_retention(world: World) -> None:
    since = world.second - 30 * DAY
    listed = [run for one in world.all_automations for run in world.listed_runs(one)]

    assert listed
    assert all(run.created_at >= since for run in listed)
    assert any(run.created_at < since + DAY for run in listed)


def test_a_change_of_owner_wipes_the_listing(large: World) -> None:
    """Right after it nothing is listed, though the day's runs before it were there."""
    automation, wipe = next(
        (one, wipe)
        for one in large.all_automations
        for wipe in wipes_of(large, one)
        if wipe != one.deleted_at
        and large.at(_at(wipe - 1)).listed_runs(one)
        and large.exists(one)
    )

    assert large.at(_at(wipe)).listed_runs(automation) == []


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def test_nights_at_two_can_know_every_run_before_it_is_wiped(large: World) -> None:
    """What a wipe takes was final in the night before, so daily nights lose nothing."""
    checked = 0
    for automation in large.all_automations:
        for wipe in wipes_of(large, automation):
            night = wipe // DAY * DAY - DAY + 2 * 3600
            before = [
                run for run in runs_ever(large, automation) if run.created_at < wipe
            ]
            checked += len(before)
            assert all(run.stopped_at <= night for run in before)
            assert 300 <= wipe % DAY <= 1800
    assert checked > 100


def test_nights_at_two_add_up_to_the_truth(world: World) -> None:
    """Whoever lists all runs every night knows every figure of every day."""
    latest: dict[str, tuple[Run, bool]] = {}
    for number in range(60):
        night = world.at(datetime(2026, 9, 2, 2, 0, tzinfo=UTC) + timedelta(number))
        for automation in night.listed_automations():
            for run in night.listed_runs(automation):
                latest[run.id] = run, run.stopped_at <= night.second
    sums: Counter[tuple[date, str, str]] = Counter()
    for run, has_ended in latest.values():
        if has_ended and run.started_at is not None:
            day = _at(run.started_at).date()
            sums[day, run.owner_id, run.space_id] += run.seconds + run.billable

    until = date(2026, 10, 30)
    assert {key: value for key, value in sums.items() if key[0] < until} == {
        row[:3]: row.duration_seconds + row.third_party_runs
        for row in world.truth()
        if row.date < until
    }


def test_after_a_change_of_owner_runs_are_the_new_owners(large: World) -> None:
    for automation in large.all_automations:
        for run in runs_ever(large, automation):
            assert run.owner_id == automation.owner_at(run.created_at)


def test_spaces_change_in_the_middle_of_a_day_that_has_runs(large: World) -> None:
    split = [
        automation.id
        for automation in large.all_automations
        for day in range(midnight(large.start) // DAY, large.second // DAY)
        if len({run.space_id for run in large.runs_created(automation, day)}) > 1
    ]
    assert split


def test_a_remembering_world_deletes_and_forgets_nothing(remembering: World) -> None:
    created = [
        one
        for one in remembering.all_automations
        if one.created_at <= remembering.second
    ]
    assert remembering.listed_automations() == created
    assert any(one.deleted_at <= remembering.second for one in created)
    assert all(
        remembering.listed_runs(one)
        == [
            run
            for run in runs_ever(remembering, one)
            if run.created_at <= remembering.second
        ]
        for one in created
    )


def test_in_a_remembering_world_truth_is_the_sum_of_its_listed_runs(
    remembering: World,
) -> None:
    found: Counter[tuple[date, str, str]] = Counter()
    for automation in remembering.all_automations:
        for run in remembering.listed_runs(automation):
            if run.started_at is not None and run.stopped_at <= remembering.second:
                day = _at(run.started_at).date()
                if day >= remembering.start:
                    found[day, run.owner_id, run.space_id] += 1

    assert found == {
        (row.date, row.owner_id, row.space_id): row.runs for row in remembering.truth()
    }


def test_the_default_world_is_a_tenants_year() -> None:
    """Scheduled, busy and idle, failing, growing, and with every oddity once."""
    world = World(now=NOW, forgets=False)
    truth = world.truth()
    runs = [run for one in world.all_automations for run in runs_ever(world, one)]
    started = [run for run in runs if run.started_at is not None]
    months: Counter[str] = Counter()
    for row in truth:
        months[f"{row.date:%Y-%m}"] += row.runs

    assert 130_000 < sum(months.values()) < 220_000
    assert months["2026-10"] > 1.4 * months["2025-10"]
    assert {run.status for run in runs} == {
        "failed",
        "finished",
        "finished with warnings",
        "stopped",
        "exceeded limit",
    }
    assert {"scheduler", "webhook", "api", "test_run"} <= {run.context for run in runs}
    assert 0.02 < sum(run.status == "failed" for run in runs) / len(runs) < 0.06
    assert 0.1 < sum(run.billable for run in runs) / len(runs) < 0.5
    assert any(run.started_at is None for run in runs)
    assert any(run.seconds == 0 for run in started)
    assert max(run.seconds for run in runs) == LONGEST
    assert any(run.stopped_at // DAY > _day(run) for run in started)
    assert any(_day(run) > run.created_at // DAY for run in started)
    assert len({run.id for run in runs}) == len(runs)
    assert world.start == WORLD_START


def _day(run: Run) -> int:
    return (run.started_at or 0) // DAY


def test_people_leave_and_their_automations_stay(large: World) -> None:
    people = {user.id for user in large.listed_users()}
    owners = {large.owner_now(one) for one in large.listed_automations()}
    statuses = {user.status for user in large.listed_users()}

    assert owners - people
    assert statuses == {"active", "invited", "disabled"}
    assert large.population.bot.id in owners


def test_a_space_that_is_gone_still_holds_automations(large: World) -> None:
    listed = {space.id for space in large.listed_spaces()}
    used = {one.space_at(large.second) for one in large.listed_automations()}

    assert used - listed - {""}
    assert "" in used
    assert {space.type for space in large.listed_spaces()} == {
        "shared",
        "managed",
        "data",
    }


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        World(now=datetime(2026, 11, 23))  # noqa: DTZ001
