"""What is asked for, what is kept, and what is said to be missing."""

import json
import os
import signal
import subprocess
import sys
import time as clock
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import stamina
from nights import HOUR, KEY, Nights, complete, pace, truth, usage_daily
from script_server import Answer, Script, page, serve

from pipeline.config import Extract, TenantAccess
from pipeline.entities import AUTOMATIONS, COVERAGE, RUNS, USAGE
from pipeline.errors import TenantError
from pipeline.extract import IncompleteError, Night, extract
from pipeline.lake import Lake
from pipeline.sandbox import Fault, SandboxServer, World
from pipeline.tenant import Tenant

DAY = timedelta(days=1)
FIRST_NIGHT = date(2026, 5, 4)


@pytest.fixture(autouse=True)
def fast_retries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


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
            for one in world.everything
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
        for one in world.everything
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

    with nights.build(as_of) as connection:
        assert usage_daily(connection) == truth(nights.server.world, as_of)


def test_one_automation_that_fails_is_named_and_the_rest_goes_on(
    nights: Nights,
) -> None:
    nights.extract(FIRST_NIGHT)
    world = nights.server.world.at(datetime.combine(FIRST_NIGHT + DAY, HOUR))
    victim = next(
        one
        for one in world.listed_automations()
        if len(world.metered(one, FIRST_NIGHT)) > 2
    )
    nights.server.faults.add(
        Fault(kind="status", match=f"{victim.id}/runs", status=403)
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
    with nights.build(as_of) as connection:
        assert usage_daily(connection) == truth(nights.server.world, as_of)


def test_a_list_that_shrinks_at_once_proves_nobody_gone(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    nights.extract(FIRST_NIGHT)
    narrow = nights.server.world.at(datetime.combine(FIRST_NIGHT + DAY, HOUR))
    narrow.everything = narrow.everything[:15]
    nights.server.world = narrow

    nights.extract(FIRST_NIGHT + DAY)
    note = lake(nights).read(COVERAGE, "sandbox", FIRST_NIGHT + DAY)

    with nights.build(FIRST_NIGHT + DAY) as connection:
        gone = connection.execute(
            "select count(*) from marts.automations where is_gone"
        ).fetchone()
    status = note.filter(source="automations").select("status", "missing").rows()
    assert "taken as a narrowed right" in caplog.text
    assert status == [("partial", "*")]
    assert gone == (0,)


def test_a_few_that_are_deleted_are_gone(nights: Nights) -> None:
    nights.extract(FIRST_NIGHT)
    world = nights.server.world.at(datetime.combine(FIRST_NIGHT + DAY, HOUR))
    listed = {one.id for one in world.listed_automations()}
    world.everything = world.everything[3:]
    nights.server.world = world

    nights.extract(FIRST_NIGHT + DAY)

    left = {one.id for one in world.everything}
    with nights.build(FIRST_NIGHT + DAY) as connection:
        gone = connection.execute(
            "select automation_id, gone_since from marts.automations where is_gone"
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

    with nights.build(as_of) as connection:
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

    with nights.build(as_of) as connection:
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
    with nights.build(as_of) as connection:
        assert usage_daily(connection) == truth(world, as_of)
    assert kills == 4
    assert len(days) < 61 + 5 * 12  # each night read some of the days once more
    assert not list((tmp_path / "data").rglob("*.partial"))


def tenant_of(script: Script) -> Tenant:
    access = TenantAccess("acme", script.url, api_key=KEY)
    return Tenant(access, Extract(requests_per_minute=600_000, retries=0))


def serve_usage(script: Script, *usage: object) -> None:
    """A tenant of one night: nothing is listed, this is its usage."""
    for path in (
        "automations?listAll=true&limit=200",
        "automation-connectors?limit=200",
    ):
        script.routes[f"/api/workflows/{path}"] = [page()]
    script.routes["/api/v1/users?limit=100"] = [page()]
    script.routes["/api/v1/spaces?limit=100"] = [page()]
    script.default = page(*usage)


def one_night(script: Script, folder: Path) -> None:
    now = datetime(2026, 5, 4, 2, tzinfo=UTC)
    limits = Extract(lookback_days=0, run_history_days=1)
    with tenant_of(script) as tenant:
        night = Night(date(2026, 5, 4), now, date(2026, 5, 4))
        extract(tenant, Lake(folder / "lake"), limits, night)


def item(value: object, day: str = "2026-05-04", **automation: object) -> object:
    named = {"guid": "A1", "name": "n", "ownerId": "o", **automation}
    return {"date": day, "name": "runs", "value": value, "automation": named}


def test_a_page_that_is_refused_is_kept_without_its_secrets(tmp_path: Path) -> None:
    with serve() as script:
        serve_usage(script, item(1), item(2.5, executionToken="canary-token"))

        with pytest.raises(TenantError, match=r"\$\.data\[1\]\.value"):
            one_night(script, tmp_path)

    (file,) = (tmp_path / "quarantine" / "tenant=acme").iterdir()
    kept = json.loads(file.read_bytes())
    assert kept["data"][1]["value"] == 2.5
    assert "canary-token" not in file.read_text()


@pytest.mark.parametrize(
    ("usage", "message"),
    [
        ([item(1, day="2026-05-03")], "came with a figure of 2026-05-03"),
        ([item(1), item(2)], "has two figures for 'runs'"),
    ],
)
def test_usage_that_cannot_be_right_is_refused(
    tmp_path: Path, usage: list[object], message: str
) -> None:
    with serve() as script:
        serve_usage(script, *usage)

        with pytest.raises(TenantError, match=message):
            one_night(script, tmp_path)

    assert Lake(tmp_path / "lake").read(USAGE.table, "acme", FIRST_NIGHT).is_empty()


def test_ids_in_another_case_are_the_same_automation(tmp_path: Path) -> None:
    with serve() as script:
        serve_usage(script, item(1), item(1, guid="a1"))
        script.routes["/api/workflows/automations?listAll=true&limit=200"] = [
            page({"id": "A1", "ownerId": "o"})
        ]
        script.routes[
            "/api/workflows/automations/a1/runs?sort=-startTime&limit=200"
        ] = [Answer({"errors": []}, status=404)]
        one_night(script, tmp_path)

    lake = Lake(tmp_path / "lake")
    listed = lake.read(AUTOMATIONS.table, "acme", FIRST_NIGHT)["automation_id"]
    metered = lake.read(USAGE.table, "acme", FIRST_NIGHT)["automation_id"]
    assert listed.to_list() == metered.to_list() == ["a1"]
