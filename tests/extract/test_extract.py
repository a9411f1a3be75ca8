"""What is asked for, what is kept, and what is said to be missing."""

import os
import signal
import subprocess
import sys
import time as clock
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.endpoints import RUNS, USAGE
from pipeline.errors import TenantError
from pipeline.extract import IncompleteError
from pipeline.lake import COVERAGE, Lake
from pipeline.sandbox import Fault, SandboxServer, World
from worlds.nights import HOUR, KEY, Nights, complete, pace, truth, usage_daily

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("fast_retries")]

DAY = timedelta(days=1)
FIRST_NIGHT = date(2026, 5, 4)


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Nights]:
    world = World(
        now=datetime.combine(FIRST_NIGHT, HOUR),
        start=FIRST_NIGHT - 4 * DAY,
        automations=60,
    )
    with SandboxServer(world, api_key=KEY, shape="live") as server:
        yield Nights(server, tmp_path, pace(30), world.start)


def lake(nights: Nights) -> Lake:
    return Lake(nights.folder / "lake")


def runs_of(lake: Lake, *days: date) -> pl.DataFrame:
    return pl.concat([lake.read(RUNS.table, "sandbox", day) for day in days])


def asked_for_runs(nights: Nights) -> list[str]:
    paths = (request.path for request in nights.server.requests)
    return [path.split("/")[-2] for path in paths if path.endswith("/runs")]


def test_a_run_that_is_open_is_read_again_until_it_is_final(nights: Nights) -> None:
    """Whatever else its automation does meanwhile."""
    world = nights.server.world
    cut_off = next(
        moment
        for minute in range(24 * 60)
        for moment in [datetime.combine(FIRST_NIGHT, HOUR) + timedelta(minutes=minute)]
        if any(
            run.started_at and run.started_at < moment.timestamp() < run.stopped_at
            for one in world.all_automations
            for run in world.at(moment).listed_runs(one)
        )
    )
    nights.extract(FIRST_NIGHT, now=cut_off)
    days = [world.start + n * DAY for n in range(5)]
    still = runs_of(lake(nights), *days).filter(pl.col("stopped_at").is_null())

    for n in range(1, 3):
        nights.extract(FIRST_NIGHT + n * DAY)

    later = runs_of(lake(nights), *days).filter(pl.col("run_id").is_in(still["run_id"]))
    assert still.height > 0
    assert later.height == still.height
    assert later["stopped_at"].null_count() == 0


def test_a_night_when_nothing_ran_asks_for_no_runs(nights: Nights) -> None:
    nights.extract(FIRST_NIGHT)
    still = runs_of(lake(nights), FIRST_NIGHT - DAY, FIRST_NIGHT)
    open_ones = set(still.filter(pl.col("stopped_at").is_null())["automation_id"])
    nights.server.requests.clear()

    nights.extract(FIRST_NIGHT)

    world = nights.server.world
    hour = datetime.combine(FIRST_NIGHT, HOUR).timestamp() - 3600
    recent = {
        one.id
        for one in world.all_automations
        for run in world.listed_runs(one)
        if hour <= run.stopped_at <= world.second
    }
    assert set(asked_for_runs(nights)) <= open_ones | recent


def test_a_night_that_was_cut_off_before_the_runs_is_made_good(nights: Nights) -> None:
    """Usage was read, so that it changes no more; its runs are asked for still."""
    nights.extract(FIRST_NIGHT)
    nights.server.faults.add(Fault(kind="status", match="/runs", status=503))
    with pytest.raises(TenantError):
        nights.extract(FIRST_NIGHT + DAY)
    nights.server.faults.clear()

    as_of = FIRST_NIGHT + 2 * DAY
    nights.extract(as_of)

    with nights.build_usage(as_of) as connection:
        assert usage_daily(connection) == truth(nights.server.world, as_of)


@pytest.mark.parametrize("status", [403, 500])
def test_one_automation_that_fails_is_named_and_the_rest_goes_on(
    nights: Nights, status: int
) -> None:
    nights.extract(FIRST_NIGHT)
    world = nights.server.world.at(datetime.combine(FIRST_NIGHT + DAY, HOUR))
    victim = next(
        one
        for one in world.listed_automations()
        if len(world.metered(one, FIRST_NIGHT)) > 2
    )
    nights.server.faults.add(
        Fault(kind="status", match=f"{victim.id}/runs", status=status)
    )

    with pytest.raises(IncompleteError, match=victim.id):
        nights.extract(FIRST_NIGHT + DAY)
    notes = lake(nights).read(COVERAGE, "sandbox", FIRST_NIGHT).filter(source="runs")
    others = runs_of(lake(nights), FIRST_NIGHT)["automation_id"].n_unique()
    nights.server.faults.clear()
    nights.extract(FIRST_NIGHT + 2 * DAY)

    as_of = FIRST_NIGHT + 2 * DAY
    assert notes.select("status", "missing").rows() == [("partial", victim.id)]
    assert others > 5
    assert FIRST_NIGHT in complete(lake(nights), RUNS.table)
    with nights.build_usage(as_of) as connection:
        assert usage_daily(connection) == truth(nights.server.world, as_of)


def victim_of(nights: Nights, day: date) -> str:
    """An automation that is listed after *day*, and ran in it."""
    world = nights.server.world.at(datetime.combine(day + DAY, HOUR))
    listed = world.listed_automations()
    return next(one.id for one in listed if len(world.metered(one, day)) > 2)


def test_an_automation_is_gone_only_if_it_is_said_twice(nights: Nights) -> None:
    """A 404 in passing costs a request, and no run of all that were ever listed."""
    victim = victim_of(nights, FIRST_NIGHT - DAY)
    nights.server.faults.add(
        Fault(kind="status", match=f"{victim}/runs", status=404, times=1)
    )

    nights.extract(FIRST_NIGHT)

    with nights.build_usage(FIRST_NIGHT) as connection:
        assert usage_daily(connection) == truth(nights.server.world, FIRST_NIGHT)


def test_one_that_was_deleted_a_moment_ago_is_no_failure(nights: Nights) -> None:
    victim = victim_of(nights, FIRST_NIGHT - DAY)
    nights.server.faults.add(Fault(kind="status", match=f"{victim}/runs", status=404))

    nights.extract(FIRST_NIGHT)

    assert FIRST_NIGHT - DAY in complete(lake(nights), RUNS.table)
    assert asked_for_runs(nights).count(victim) == 2


def test_all_that_are_gone_at_once_are_a_failure(nights: Nights) -> None:
    nights.server.faults.add(Fault(kind="status", match="/runs", status=404))

    with pytest.raises(TenantError, match="automations are listed, but their runs are"):
        nights.extract(FIRST_NIGHT)

    assert complete(lake(nights), RUNS.table) == set()


def test_days_that_are_read_again_lose_nothing_that_is_listed_no_more(
    nights: Nights,
) -> None:
    """--since a day that is past the lookback; the runs of one are not there now."""
    nights.extract(FIRST_NIGHT)
    kept = lake(nights)
    day = FIRST_NIGHT - 4 * DAY
    before = kept.read(RUNS.table, "sandbox", day)
    victim = victim_of(nights, day)
    usage = kept.read(USAGE.table, "sandbox", day)
    is_first = pl.int_range(pl.len()) == 0
    older = usage.with_columns(value=pl.when(is_first).then(0).otherwise("value"))
    kept.merge(USAGE.table, "sandbox", day, older)
    nights.server.faults.add(Fault(kind="status", match=f"{victim}/runs", status=404))
    nights.server.requests.clear()

    nights.extract(FIRST_NIGHT, since=day)

    asked = {r.query for r in nights.server.requests if r.path.endswith("/usage")}
    assert len(asked) == 5
    assert victim in before["automation_id"]
    assert kept.read(RUNS.table, "sandbox", day).equals(before)
    assert kept.read(USAGE.table, "sandbox", day).equals(usage)


def test_a_list_that_shrinks_at_once_proves_nobody_gone(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    nights.extract(FIRST_NIGHT)
    narrow = nights.server.world.at(datetime.combine(FIRST_NIGHT + DAY, HOUR))
    narrow.all_automations = narrow.all_automations[:15]
    nights.server.world = narrow

    nights.extract(FIRST_NIGHT + DAY)
    note = lake(nights).read(COVERAGE, "sandbox", FIRST_NIGHT + DAY)

    with nights.build_usage(FIRST_NIGHT + DAY) as connection:
        gone = connection.execute(
            "select count(*) from marts.automations where is_deleted"
        ).fetchone()
    status = note.filter(source="automations").select("status", "missing").rows()
    assert "taken as a narrowed right" in caplog.text
    assert status == [("partial", "*")]
    assert gone == (0,)


def test_a_few_that_are_deleted_are_gone(nights: Nights) -> None:
    nights.extract(FIRST_NIGHT)
    world = nights.server.world.at(datetime.combine(FIRST_NIGHT + DAY, HOUR))
    listed = {one.id for one in world.listed_automations()}
    world.all_automations = world.all_automations[3:]
    nights.server.world = world

    nights.extract(FIRST_NIGHT + DAY)

    left = {one.id for one in world.all_automations}
    with nights.build_usage(FIRST_NIGHT + DAY) as connection:
        gone = connection.execute(
            "select automation_id, deleted_since from marts.automations"
            " where is_deleted"
        ).fetchall()
    assert set(gone) == {(one, FIRST_NIGHT + DAY) for one in listed - left}


@pytest.mark.parametrize("shape", ["documented", "mixed"])
def test_third_party_runs_are_known_without_billable(
    tmp_path: Path, shape: str
) -> None:
    """The documented shape has no `billable`: the filter tells."""
    as_of = FIRST_NIGHT
    world = World(
        now=datetime.combine(as_of, HOUR), start=as_of - 4 * DAY, automations=60
    )
    with SandboxServer(world, api_key=KEY, shape=shape) as server:
        nights = Nights(server, tmp_path, pace(30), world.start)
        nights.extract(as_of)

    with nights.build_usage(as_of) as connection:
        assert usage_daily(connection) == truth(world, as_of)


def test_third_party_runs_are_unknown_where_the_filter_is_refused(
    tmp_path: Path,
) -> None:
    as_of = FIRST_NIGHT
    world = World(
        now=datetime.combine(as_of, HOUR), start=as_of - 4 * DAY, automations=60
    )
    refuse = Fault(kind="status", match="billable", status=400)
    with SandboxServer(
        world, api_key=KEY, shape="documented", faults=[refuse]
    ) as server:
        nights = Nights(server, tmp_path, pace(30), world.start)
        nights.extract(as_of)
        refused = server.faults.fired

    with nights.build_usage(as_of) as connection:
        known = connection.execute(
            "select sum(third_party_runs), sum(unknown_billing_runs) = sum(runs)"
            " from marts.usage_daily"
        ).fetchone()
    assert known == (None, True)
    assert 1 <= refused <= 4  # once for each worker that was on its way


def test_a_backfill_that_is_killed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Killed by -9 again and again, until one comes through."""
    as_of = date(2026, 3, 1)
    world = World(
        now=datetime.combine(as_of, HOUR),
        start=as_of - 60 * DAY,
        automations=40,
        forgets=False,
    )
    with SandboxServer(world, api_key=KEY) as server:
        (tmp_path / "chargeback.toml").write_text(
            f'first_day = {world.start}\n[[tenant]]\nname = "sandbox"\n'
            f'url = "{server.url}"\napi_key = "env:KEY"\n'
            "[extract]\nrequests_per_minute = 600000\nrun_history_days = 3650\n"
        )
        command = [sys.executable, "-m", "pipeline", "extract", "--as-of", str(as_of)]
        kills, code = 0, None
        while code != 0:
            night = subprocess.Popen(
                command,
                cwd=tmp_path,
                env={**os.environ, "KEY": KEY},
                stderr=subprocess.DEVNULL,
            )
            asked = len(server.requests)
            while night.poll() is None and len(server.requests) < asked + 20:
                clock.sleep(0.001)
            if night.poll() is None and kills < 4:
                night.send_signal(signal.SIGKILL)
                kills += 1
            code = night.wait()
        days = [r.query for r in server.requests if r.path.endswith("/usage")]

    nights = Nights(server, tmp_path / "data", pace(3650), world.start)
    with nights.build_usage(as_of) as connection:
        assert usage_daily(connection) == truth(world, as_of)
    assert kills == 4
    assert len(days) < 61 + 5 * 12  # each night read some of the days once more
    assert not list((tmp_path / "data").rglob("*.partial"))
