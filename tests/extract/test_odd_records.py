"""Records of every shape that a tenant may send: kept as they are, or refused."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import build, warehouse
from pipeline.build import checks
from pipeline.endpoints import AUTOMATIONS, RUNS, USAGE
from pipeline.errors import TenantError
from pipeline.extract import LeftOutError
from pipeline.lake import COVERAGE, Lake
from servers.script import Answer, Script, page, serve
from worlds.nights import PRICELESS
from worlds.runs import run_of
from worlds.script_nights import AUTOMATIONS as LISTED
from worlds.script_nights import (
    CONNECTORS,
    DAY,
    SPACES,
    USERS,
    gone,
    item,
    night,
    runs_path,
    serve_usage,
    usage_path,
)

NEXT = date(2026, 5, 5)


@pytest.fixture
def script() -> Iterator[Script]:
    with serve() as script:
        yield script


def a_run(run_id: str, **fields: Any) -> dict[str, Any]:
    """A run of DAY, in the live shape, ten seconds long."""
    return {
        "id": run_id,
        "ownerId": "o",
        "status": "finished",
        "billable": False,
        "createdAt": f"{DAY}T10:00:00.000000Z",
        "startTime": f"{DAY}T10:00:00.000000Z",
        "stopTime": f"{DAY}T10:00:10.000000Z",
        **fields,
    }


def serve_runs(script: Script, *runs: Any, metered: int) -> None:
    """A tenant of one automation, with its *runs* of DAY, of which some are metered."""
    script.routes[LISTED] = [page({"id": "a1", "ownerId": "o"})]
    script.routes[runs_path("a1")] = [page(*runs)]
    serve_usage(script, item(metered), item(10, metric="duration"))
    serve_usage(script, day=NEXT)


def built(folder: Path) -> Any:
    """The runs, failed and third-party ones, as the warehouse has them of DAY."""
    with warehouse.replacing(folder / "w.duckdb") as connection:
        build.build(connection, run_of(folder, NEXT, first_day=DAY), PRICELESS)
        checks.check(connection)
    with warehouse.read(folder / "w.duckdb") as connection:
        return connection.execute(
            "select sum(runs), sum(failed_runs), sum(third_party_runs)"
            " from marts.usage_daily"
        ).fetchone()


def missing(lake: Lake, source: str, day: date = DAY) -> list[Any]:
    """The coverage of *source* on *day*: its status, and what is missing."""
    covered = lake.read(COVERAGE, "acme", day).filter(source=source)
    return covered.select("status", "missing").rows()


def test_a_page_that_is_refused_is_kept_without_its_secrets(tmp_path: Path) -> None:
    with serve() as script:
        serve_usage(script, item(1), item(2.5, executionToken="canary-token"))

        with pytest.raises(TenantError, match=r"\$\.data\[1\]\.value"):
            night(script, tmp_path)

    (file,) = (tmp_path / "quarantine" / "tenant=acme").iterdir()
    kept = json.loads(file.read_bytes())
    assert kept["data"][0]["value"] == 2.5
    assert "canary-token" not in file.read_text()


@pytest.mark.parametrize(
    ("usage", "message"),
    [
        ([item(1, day="2026-05-03")], "another day: 'runs' of automation a1"),
        ([item(1), item(2)], "two figures of one metric: 'runs' of automation a1"),
        ([item(1), item(2, guid="a1")], "two figures of one metric: 'runs'"),
    ],
)
def test_usage_that_cannot_be_right_is_set_aside(
    tmp_path: Path, usage: list[object], message: str
) -> None:
    with serve() as script:
        serve_usage(script, *usage, item(7, guid="A2"))

        with pytest.raises(LeftOutError, match=message):
            night(script, tmp_path)

    lake = Lake(tmp_path / "lake")
    kept = lake.read(USAGE.table, "acme", DAY).select("automation_id", "value")
    assert kept.rows() == [("a2", 7)]
    assert missing(lake, "usage") == [("partial", "a1")]


def test_ids_in_another_case_are_the_same_automation(tmp_path: Path) -> None:
    with serve() as script:
        serve_usage(script, item(1), item(1, guid="a1"))
        script.routes[LISTED] = [page({"id": "A1", "ownerId": "o"})]
        script.routes[runs_path("a1")] = [gone()]
        lake = night(script, tmp_path)

    listed = lake.read(AUTOMATIONS.table, "acme", DAY)["automation_id"]
    metered = lake.read(USAGE.table, "acme", DAY)["automation_id"]
    assert listed.to_list() == metered.to_list() == ["a1"]


def test_either_spelling_of_a_metric_is_the_same_metric(
    script: Script, tmp_path: Path
) -> None:
    names = ("scheduledRun", "scheduledRuns", "triggeredRuns")
    serve_usage(script, *(item(3, metric=name) for name in names))

    lake = night(script, tmp_path)

    rows = lake.read(USAGE.table, "acme", DAY).select("metric", "value").rows()
    assert rows == [("scheduledRuns", 3), ("triggeredRuns", 3)]


def test_usage_that_comes_in_pages_is_followed(script: Script, tmp_path: Path) -> None:
    """Ten items are a round number: the first answer lost its link on the way."""
    first = [item(1, guid=f"a{n}") for n in range(10)]
    serve_usage(script)
    script.routes[usage_path(DAY)] = [page(*first), page(*first, next_href="?next=2")]
    script.routes["/api/workflows/automations/usage?next=2"] = [
        page(item(1, guid="b"), next_href="")
    ]

    lake = night(script, tmp_path)

    assert lake.read(USAGE.table, "acme", DAY).height == 11


def test_half_a_character_is_marked_and_the_rest_kept(
    script: Script, tmp_path: Path
) -> None:
    """A name that is cut at 50 units, in the middle of an emoji, is JSON all the same.

    A whole emoji, and a backslash before what looks like a half, stay as they are.
    """
    name = r"\ud83d\ude00 \\ud83d \"x\" \ud83d"
    serve_usage(script)
    body = json.dumps({"data": [item(1)]}).replace('"n"', f'"{name}"')
    script.routes[usage_path(DAY)] = [Answer(body.encode())]

    lake = night(script, tmp_path)

    (kept,) = lake.read(USAGE.table, "acme", DAY)["automation_name"]
    assert kept == '\U0001f600 \\ud83d "x" \ufffd'


def test_an_answer_without_bottom_is_an_error(script: Script, tmp_path: Path) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    serve_usage(script)
    script.routes[usage_path(DAY)] = [Answer(b'{"data": [], "x": ' + deep + b"}")]

    with pytest.raises(TenantError, match=r"/usage.*not JSON"):
        night(script, tmp_path)


def test_unknown_statuses_contexts_and_fields_are_kept_and_counted(
    script: Script, tmp_path: Path
) -> None:
    runs = [
        a_run("r1", status="finished with a song", context="telepathy", mood={"a": 1}),
        a_run("r2", status="failed", context=None),
        a_run("r3", status=None, billable=True),
    ]
    serve_runs(script, *runs, metered=3)

    lake = night(script, tmp_path, NEXT)

    kept = lake.read(RUNS.table, "acme", DAY).select("run_id", "status", "context")
    assert kept.rows()[0] == ("r1", "finished with a song", "telepathy")
    assert built(tmp_path) == (3, 1, 1)


def test_a_run_of_an_unknown_status_without_an_end_is_read_again(
    script: Script, tmp_path: Path
) -> None:
    serve_runs(script, a_run("r1", status="on its way", stopTime=None), metered=0)
    night(script, tmp_path, NEXT)
    script.routes[runs_path("a1")] = [page(a_run("r1"))]
    third = date(2026, 5, 6)
    serve_usage(script, day=third)

    lake = night(script, tmp_path, third)

    assert lake.read(RUNS.table, "acme", DAY)["status"].to_list() == ["finished"]


@pytest.mark.parametrize("days", [14, 21])
def test_a_run_that_was_open_is_read_again_however_long_there_was_no_night(
    script: Script, tmp_path: Path, days: int
) -> None:
    """Queued for two weeks, or open when three weeks without a night began.

    Its automation does nothing else, so that nothing else asks for it.
    """
    queued = a_run("r1", status="queued", startTime=None, stopTime=None)
    serve_runs(script, queued, metered=0)
    night(script, tmp_path, NEXT)
    script.routes[runs_path("a1")] = [page(queued | {"status": "failed"})]

    lake = night(script, tmp_path, DAY + timedelta(days=days))

    assert lake.read(RUNS.table, "acme", DAY)["status"].to_list() == ["failed"]


def test_whatever_may_be_null_is_null_everywhere(
    script: Script, tmp_path: Path
) -> None:
    """Of each listing a record of nothing but what makes it one, up to the marts."""
    names = "name ownerId spaceId state runMode lastRunAt lastRunStatus createdAt email"
    nothing = dict.fromkeys([*names.split(), "updatedAt", "subject", "status", "type"])
    empty = dict.fromkeys(a_run(""))
    serve_runs(
        script,
        a_run("r1", ownerId=None, status=None),
        {**empty, "id": "r2", "createdAt": f"{DAY}T11:00:00Z"},
        metered=1,
    )
    for path in (LISTED, USERS, SPACES, CONNECTORS):
        script.routes[path] = [page({"id": "a1"}, nothing | {"id": "a2"})]
    serve_usage(script, item(1), item(1, guid="a2", name=None, ownerId=None))

    night(script, tmp_path, NEXT)

    assert built(tmp_path) == (2, 0, 0)


def test_a_run_without_any_time_is_named_and_the_others_kept(
    script: Script, tmp_path: Path
) -> None:
    timeless = a_run("r2", createdAt=None, startTime=None, stopTime=None)
    serve_runs(script, a_run("r1"), timeless, metered=1)

    with pytest.raises(LeftOutError, match=r"r2 among them\n.*'r2' of a1 has no"):
        night(script, tmp_path, NEXT)

    lake = Lake(tmp_path / "lake")
    assert lake.read(RUNS.table, "acme", DAY)["run_id"].to_list() == ["r1"]
    assert missing(lake, "runs") == [("partial", "a1")]


def test_ids_of_runs_are_the_same_in_another_case(
    script: Script, tmp_path: Path
) -> None:
    serve_runs(script, a_run("R1"), a_run("r1"), metered=1)

    lake = night(script, tmp_path, NEXT)

    assert lake.read(RUNS.table, "acme", DAY)["run_id"].to_list() == ["r1"]
