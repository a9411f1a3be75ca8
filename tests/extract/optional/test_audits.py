"""Audit events: runs that the listing forgot, with their bytes and connectors."""

import json
import logging
from datetime import timedelta
from pathlib import Path

import msgspec
import polars as pl
import pytest

from pipeline.config import Sources
from pipeline.endpoints import RUNS
from pipeline.endpoints.audits import RUN_ENDED, RunEvent
from pipeline.endpoints.run_metrics import RUN_CONNECTORS, RUN_METRICS
from pipeline.extract import LeftOutError, optional
from pipeline.lake import COVERAGE, Lake
from pipeline.sandbox.api.run_records import metrics
from servers.script import Answer, serve
from worlds.sources import AS_OF, EVENTS, NOW, Night, connect, extraction

pytestmark = pytest.mark.slow

LISTED_FROM = AS_OF - timedelta(days=89)
DAY = timedelta(days=1)


def test_events_bring_back_runs_that_the_listing_forgot(backfilled: Night) -> None:
    expected = backfilled.ended(LISTED_FROM)

    found = backfilled.rows(RUNS.table).filter(pl.col("run_id").is_in(list(expected)))
    assert 0 < backfilled.listed < len(expected) / 2
    assert found.height == len(expected)
    for row in found.iter_rows(named=True):
        run = expected[row["run_id"]]
        assert row["automation_id"] == run.automation.id
        assert (row["owner_id"], row["space_id"]) == (run.owner_id, run.space_id)
        assert row["executed_by_id"] == run.executed_by_id
        assert (row["status"], row["billable"]) == (run.status, run.billable)
        assert row["stopped_at"].timestamp() == run.stopped_at
        assert row["date"] == row["created_at"].date()


def test_bytes_of_every_run_equal_the_tenants_own(backfilled: Night) -> None:
    rows = backfilled.rows(RUN_METRICS)
    found = {row["run_id"]: row for row in rows.iter_rows(named=True)}
    expected = backfilled.ended(LISTED_FROM)
    assert found.keys() == expected.keys()
    for run_id, run in expected.items():
        assert found[run_id]["bandwidth_in_bytes"] == run.bytes_in
        assert found[run_id]["bandwidth_out_bytes"] == run.bytes_out
        assert found[run_id]["api_calls"] == metrics(run)["totalApiCalls"]
        assert found[run_id]["source"] == "audit_event"


def test_blocks_tell_the_connectors_of_a_run(backfilled: Night) -> None:
    """Blocks without a connector are no connector's; they are not bandwidth."""
    rows = backfilled.rows(RUN_CONNECTORS).iter_rows(named=True)
    found = {
        (row["run_id"], row["connector_id"]): (
            row["received_bytes"],
            row["sent_bytes"],
            row["api_calls"],
        )
        for row in rows
    }
    assert found == {
        (run_id, block["connectorId"]): (
            block["rxBytes"],
            block["txBytes"],
            block["apiCalls"],
        )
        for run_id, run in backfilled.ended(LISTED_FROM).items()
        for block in metrics(run)["blocks"]
        if "connectorId" in block
    }


def test_the_archive_holds_what_events_are_listed_no_more(night: Night) -> None:
    start = night.server.world.start

    night.read(Sources(audit_events=True, audit_archive_from=start))

    # The day between is here in part and there in part: the next night has it.
    between = AS_OF - 90 * DAY
    expected = {
        run_id
        for run_id, run in night.ended(start).items()
        if not 0 <= run.stopped_at - _seconds(between) < 86_400
    }
    assert set(night.rows(RUN_METRICS)["run_id"]) == expected
    assert between not in _complete(night)

    later = NOW + DAY
    night.server.world.now = later
    wanted = Sources(audit_events=True, audit_archive_from=start)
    night.read(wanted, as_of=AS_OF + DAY, now=later)
    assert set(night.rows(RUN_METRICS)["run_id"]) == set(night.ended(start))
    assert between in _complete(night)


def _seconds(day: object) -> int:
    return int(pl.Series([day]).cast(pl.Datetime("ms")).dt.epoch("s")[0])


def _complete(night: Night) -> set[object]:
    notes = night.lake.coverage("acme", RUN_METRICS).filter(status="complete")
    return set(notes["date"])


def test_a_newer_listing_is_not_replaced(night: Night) -> None:
    """An event says no more than a listing of the same moment."""
    night.list_runs()
    before = night.rows(RUNS.table)
    marked = before.filter(context="scheduler").with_columns(context=pl.lit("mark"))
    for (day,), rows in marked.group_by("date"):
        night.lake.merge(RUNS.table, "acme", day, rows.drop("date"))

    night.read(EVENTS)

    found = night.rows(RUNS.table).filter(context="mark")
    assert marked.height > 0
    assert found.equals(marked.sort("date", "run_id"))


def test_an_end_replaces_a_run_that_was_listed_as_running(night: Night) -> None:
    night.read(EVENTS)
    day = AS_OF - 5 * DAY
    ended = night.lake.read(RUNS.table, "acme", day)
    running = ended.with_columns(
        status=pl.lit("running"),
        stopped_at=pl.lit(None, pl.Datetime("us", "UTC")),
        updated_at=pl.col("created_at") - timedelta(seconds=1),
    )
    path = next((night.folder / "lake" / "runs").glob(f"*/date={day}/*.parquet"))
    running.write_parquet(path)

    night.read(EVENTS, since=day)

    assert night.lake.read(RUNS.table, "acme", day).equals(ended)


@pytest.mark.parametrize("lookback", [0, 3])
def test_a_second_night_asks_for_the_days_of_the_lookback_only(
    night: Night, lookback: int
) -> None:
    night.read(EVENTS)
    before = night.bytes()
    night.server.requests.clear()

    night.read(EVENTS, lookback_days=lookback)

    requests = night.server.requests
    asked = {request.query.partition("eventTime=")[2][:10] for request in requests}
    assert asked == {str(AS_OF - n * DAY) for n in range(lookback + 1)}
    assert night.bytes() == before


def test_days_are_covered_as_they_are_read(backfilled: Night) -> None:
    days = backfilled.lake.days(COVERAGE, "acme")
    assert days == [LISTED_FROM + n * DAY for n in range(90)]
    assert _complete(backfilled) == set(days[:-1])


def test_no_secret_of_an_event_is_in_the_lake(night: Night) -> None:
    """The sandbox marks what may not be kept, in events of other types as well."""
    start = night.server.world.start
    night.read(Sources(audit_events=True, audit_archive_from=start))

    marked = [p for p, c in night.bytes().items() if b"do-not-store" in c]
    assert marked == []


def test_an_older_event_names_owner_and_space_beside_the_run() -> None:
    event = msgspec.json.decode(
        b'{"eventType": "com.qlik.v1.automation.run.ended", "userId": "u2",'
        b' "extensions": {"ownerId": "u1", "spaceId": "s1", "topLevelResourceId": "A"},'
        b' "data": {"id": "r1", "metrics": null}}',
        type=RunEvent,
    )

    run = event.run
    assert (run.owner_id, run.space_id, run.executed_by_id) == ("u1", "s1", "u2")
    assert (run.bandwidth_in_bytes, run.connectors) == (None, [])


ARCHIVED = AS_OF - timedelta(days=91)
ENDED = {"eventType": RUN_ENDED, "eventTime": f"{ARCHIVED}T12:00:00Z"}


def read_archived(folder: Path, event: object) -> Lake:
    """The lake after a night with one archived event, and nothing else allowed."""
    wanted = Sources(audit_events=True, audit_archive_from=ARCHIVED)
    with serve() as script, connect(script.url) as tenant:
        path = f"/api/v1/audits/archive?date={ARCHIVED}"
        script.routes[path] = [Answer({"data": [event]})]
        optional.read(extraction(tenant, folder, wanted))
    return Lake(folder / "lake")


def test_an_event_without_an_automation_is_left_out_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        lake = read_archived(tmp_path, {**ENDED, "data": {"id": "r1"}})

    assert lake.days(RUNS.table, "acme") == []
    assert "1 audit events of 2026-08-18 name no automation" in caplog.text


def test_a_run_without_times_is_kept_on_the_day_of_its_event(tmp_path: Path) -> None:
    about = {"topLevelResourceId": "A1"}
    event = {**ENDED, "extensions": about, "data": {"id": "R1"}}

    lake = read_archived(tmp_path, event)

    runs = lake.read(RUNS.table, "acme", ARCHIVED)
    assert runs.select("run_id", "automation_id", "billable").rows() == [
        ("r1", "a1", None)
    ]
    assert lake.days(RUN_METRICS, "acme") == []


def test_a_run_of_another_shape_is_set_aside_with_its_place(tmp_path: Path) -> None:
    measured = {"network": {"rxBytes": 1.5}}
    event = {**ENDED, "data": {"id": "r1", "metrics": measured}}

    place = r"\$\.data\[0\]\.metrics\.network\.rxBytes"
    with pytest.raises(LeftOutError, match=rf"archive.*{place}"):
        read_archived(tmp_path, event)

    (kept,) = (tmp_path / "quarantine" / "tenant=acme").iterdir()
    assert json.loads(kept.read_bytes())["data"][0]["eventType"] == RUN_ENDED


def test_a_day_that_the_archive_does_not_know_is_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """404 is documented for the archive, and not what it means."""
    before = ARCHIVED - DAY
    about = {"topLevelResourceId": "a1"}
    event = {**ENDED, "extensions": about, "data": {"id": "r1"}}
    wanted = Sources(audit_events=True, audit_archive_from=before)
    with serve() as script, connect(script.url) as tenant:
        path = f"/api/v1/audits/archive?date={ARCHIVED}"
        script.routes[path] = [Answer({"data": [event]})]
        with caplog.at_level(logging.WARNING):
            optional.read(extraction(tenant, tmp_path, wanted))

    lake = Lake(tmp_path / "lake")
    assert lake.read(RUNS.table, "acme", ARCHIVED)["run_id"].to_list() == ["r1"]
    assert lake.coverage("acme", RUN_METRICS)["date"].to_list() == [ARCHIVED]
    assert "not in the audit archive: 1 day" in caplog.text
