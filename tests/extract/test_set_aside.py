"""One odd record, or one odd page: it is named, and all else is read and kept."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline import build, warehouse
from pipeline.build import checks
from pipeline.endpoints import AUTOMATIONS, RUNS, SPACES, USAGE, USERS
from pipeline.endpoints.licence import LICENCE, SETTINGS
from pipeline.extract import IncompleteError, LeftOutError
from pipeline.lake import COVERAGE, Lake
from servers.script import Answer, Script, page, serve
from worlds.nights import PRICELESS
from worlds.runs import run_of
from worlds.script_nights import AUTOMATIONS as LISTED
from worlds.script_nights import (
    CONNECTORS,
    DAY,
    item,
    night,
    runs_path,
    serve_usage,
    usage_path,
)
from worlds.script_nights import SPACES as LISTED_SPACES
from worlds.script_nights import USERS as LISTED_USERS

pytestmark = pytest.mark.slow

NEXT, THIRD = date(2026, 5, 5), date(2026, 5, 6)
MORNING = f"{DAY}T10:00:00.000000Z"
RUN = {"id": "r1", "ownerId": "o", "status": "finished", "createdAt": MORNING}


@pytest.fixture
def script() -> Iterator[Script]:
    """A tenant of one automation, with a run and its usage on two days."""
    with serve() as script:
        serve_usage(script, item(1), item(10, metric="duration"))
        serve_usage(script, item(1, str(NEXT)), day=NEXT)
        serve_usage(script, day=THIRD)
        script.routes[LISTED] = [page({"id": "a1", "ownerId": "o"})]
        script.routes[runs_path("a1")] = [page(a_run("r1"))]
        yield script


def a_run(run_id: str, **fields: Any) -> dict[str, Any]:
    stop = f"{DAY}T10:00:10.000000Z"
    times = {"startTime": MORNING, "stopTime": stop, "billable": False}
    return {**RUN, **times, "id": run_id, **fields}


def covered(lake: Lake, source: str, day: date = DAY) -> tuple[str, str | None]:
    """The status of *source* on *day*, and what is missing."""
    (row,) = lake.read(COVERAGE, "acme", day).filter(source=source).to_dicts()
    return row["status"], row["missing"]


NAMELESS = item(2)
del NAMELESS["automation"]


@pytest.mark.parametrize(
    ("odd", "missing"),
    [
        (NAMELESS, "?"),
        (NAMELESS | {"automation": None}, "?"),
        (NAMELESS | {"automation": []}, "?"),
        (item(2, guid=""), "?"),
        (item(2, guid=None), "?"),
        (item(2, guid=" "), "?"),
        (item(2, guid="a b"), "a_b"),
        (item(2, guid="x" * 5_000_000), "x" * 80),
        (item(2, guid="a2", ownerId="x" * 5_000_000), "a2"),
        (item(None, guid="a2"), "a2"),
        (item(60.4, guid="a2"), "a2"),
        (item(-3, guid="a2"), "a2"),
        (item("many", guid="a2"), "a2"),
        (item(value=False, guid="a2"), "a2"),
        (item(float("nan"), guid="a2"), "a2"),
        (item(10**30, guid="a2"), "a2"),
        (item(10**400, guid="a2"), "a2"),
        (item(2, guid="a2") | {"name": None}, "a2"),
        (item(2, "2026-02-30", guid="a2"), "a2"),
        (item(2, "0001-01-01", guid="a2"), "a2"),
        (None, "?"),
        ([], "?"),
        ("a2", "?"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_usage_goes_on_without_an_odd_item(
    script: Script, tmp_path: Path, odd: Any, missing: str
) -> None:
    serve_usage(script, item(1), odd, item(10, metric="duration"))

    with pytest.raises(LeftOutError, match="1 record was set aside"):
        night(script, tmp_path, NEXT)

    lake = Lake(tmp_path / "lake")
    kept = lake.read(USAGE.table, "acme", DAY).select("metric", "value").rows()
    assert kept == [("duration", 10), ("runs", 1)]
    assert covered(lake, "usage") == ("partial", missing)
    assert lake.read(USAGE.table, "acme", NEXT)["value"].to_list() == [1]
    assert lake.read(RUNS.table, "acme", DAY)["run_id"].to_list() == ["r1"]
    assert covered(lake, "runs") == ("complete", None)


def test_a_day_is_asked_for_until_nothing_of_it_is_odd(
    script: Script, tmp_path: Path
) -> None:
    serve_usage(script, item(1), item(None, guid="a2"))
    with pytest.raises(LeftOutError):
        night(script, tmp_path, NEXT)
    serve_usage(script, item(1), item(4, guid="a2"))

    lake = night(script, tmp_path, THIRD)

    assert lake.read(USAGE.table, "acme", DAY)["value"].to_list() == [1, 4]
    assert covered(lake, "usage") == ("complete", None)


def test_a_figure_that_was_kept_outlasts_two_that_differ(
    script: Script, tmp_path: Path
) -> None:
    night(script, tmp_path, NEXT)
    serve_usage(script, item(5), item(6), item(10, metric="duration"))

    with pytest.raises(LeftOutError, match="two figures of one metric: 'runs'"):
        night(script, tmp_path, DAY)

    kept = Lake(tmp_path / "lake").read(USAGE.table, "acme", DAY)
    assert kept.select("metric", "value").rows() == [("duration", 10), ("runs", 1)]


@pytest.mark.parametrize(
    "text", ["", " ", "0001-01-01T00:00:00Z", "0000-00-00", "never", "9999-12-31"]
)
def test_a_time_of_an_automation_that_is_none_is_not_set(
    script: Script, tmp_path: Path, text: str
) -> None:
    odd = {"id": "a1", "ownerId": "o", "lastRunAt": text, "createdAt": text}
    script.routes[LISTED] = [page(odd, {"id": "a2", "lastRunAt": MORNING})]

    lake = night(script, tmp_path, NEXT)

    kept = lake.read(AUTOMATIONS.table, "acme", NEXT)
    times = [None, datetime(2026, 5, 4, 10, tzinfo=UTC)]
    assert kept["last_run_at"].to_list() == times
    assert covered(lake, "automations", NEXT) == ("complete", None)


NOT_SET = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+05:00",
    "0000-00-00T00:00:00Z",
    "1899-12-30T00:00:00.000000Z",
    "1970-01-01T00:00:00.000000Z",
    "9999-12-31T23:59:59Z",
    "2031-01-01T00:00:00.000000Z",
    "",
    "  ",
]


@pytest.mark.parametrize("text", NOT_SET)
def test_a_run_whose_start_is_none_is_queued(
    script: Script, tmp_path: Path, text: str
) -> None:
    queued = a_run("r2", status="queued", startTime=text, stopTime=text)
    script.routes[runs_path("a1")] = [page(a_run("r1"), queued)]

    lake = night(script, tmp_path, NEXT)

    rows = lake.read(RUNS.table, "acme", DAY).select("run_id", "started_at")
    start = datetime(2026, 5, 4, 10, tzinfo=UTC)
    assert rows.rows() == [("r1", start), ("r2", None)]


@pytest.mark.parametrize("text", NOT_SET)
def test_a_run_whose_creation_is_none_is_of_the_day_of_its_start(
    script: Script, tmp_path: Path, text: str
) -> None:
    script.routes[runs_path("a1")] = [page(a_run("r1", createdAt=text))]

    lake = night(script, tmp_path, NEXT)

    assert lake.days(RUNS.table, "acme") == [DAY]


def test_a_warehouse_is_made_of_a_night_of_odd_records(
    script: Script, tmp_path: Path
) -> None:
    times = [a_run(f"r{n}", startTime=text) for n, text in enumerate(NOT_SET)]
    script.routes[runs_path("a1")] = [page(*times, a_run("r0", status=7), {})]
    script.routes[LISTED_SPACES] = [page({"id": "s", "createdAt": "0001-01-01"}, {})]
    serve_usage(script, item(1), NAMELESS, item(-1, guid="a2"))
    with pytest.raises(LeftOutError):
        night(script, tmp_path, NEXT)

    with warehouse.replacing(tmp_path / "w.duckdb") as connection:
        build.build(connection, run_of(tmp_path, NEXT, first_day=DAY), PRICELESS)
        checks.check(connection)
        found = connection.execute("select sum(runs) from usage_daily").fetchone()

    assert found == (1,)


def test_a_warehouse_is_made_of_the_largest_figures(
    script: Script, tmp_path: Path
) -> None:
    most = 2**63 - 1
    names = ("runs", "duration", "bandwidthIn", "bandwidthOut")
    serve_usage(
        script, *(item(most, metric=name, guid=g) for name in names for g in "abc")
    )
    night(script, tmp_path, NEXT)

    with warehouse.replacing(tmp_path / "w.duckdb") as connection:
        build.build(connection, run_of(tmp_path, NEXT, first_day=DAY), PRICELESS)
        checks.check(connection)
        found = connection.execute(
            "select sum(runs), sum(bandwidth_in_bytes) from usage_daily"
            f" where date = date '{DAY}'"
        ).fetchone()

    assert found == (3 * most + 1, 3 * most)  # and the run that is listed


def test_a_start_that_is_none_does_not_end_the_listing_of_runs(
    script: Script, tmp_path: Path
) -> None:
    """Listings end at the first run that is old enough: year 1 is not old."""
    first = page(a_run("r2", startTime="0001-01-01T00:00:00Z"), next_href="?page=2")
    script.routes[runs_path("a1")] = [first]
    rest = runs_path("a1").partition("?")[0] + "?page=2"
    script.routes[rest] = [page(a_run("r1"))]

    lake = night(script, tmp_path, NEXT)

    kept = lake.read(RUNS.table, "acme", DAY)["run_id"].to_list()
    assert kept == ["r1", "r2"]


@pytest.mark.parametrize(
    "odd",
    [
        {"startTime": "soon"},
        {"stopTime": "2026-02-30T00:00:00Z"},
        {"createdAt": "10 o'clock"},
        {"id": ""},
        {"id": None},
        {"id": "r 2"},
        {"duration": -1},
        {"status": 7},
        {"billable": "perhaps"},
    ],
    ids=str,
)
def test_runs_go_on_without_an_odd_one(
    script: Script, tmp_path: Path, odd: dict[str, Any]
) -> None:
    script.routes[runs_path("a1")] = [page(a_run("r1"), a_run("r2") | odd)]

    with pytest.raises(LeftOutError, match="1 record was set aside"):
        night(script, tmp_path, NEXT)

    lake = Lake(tmp_path / "lake")
    assert lake.read(RUNS.table, "acme", DAY)["run_id"].to_list() == ["r1"]
    assert covered(lake, "runs") == ("partial", "a1")


@pytest.mark.parametrize(
    ("odd", "spoilt"),
    [({"status": 7}, [DAY]), ({"createdAt": None, "startTime": None}, [DAY, NEXT])],
    ids=["of a day", "of no day"],
)
def test_a_run_that_stays_odd_spoils_no_day_after_its_own(
    script: Script, tmp_path: Path, odd: dict[str, Any], spoilt: list[date]
) -> None:
    timeless = a_run("r2", stopTime=None) | odd
    script.routes[runs_path("a1")] = [page(a_run("r1"), timeless)]
    for day in (NEXT, THIRD, date(2026, 5, 7), date(2026, 5, 8)):
        serve_usage(script, day=day)
        with pytest.raises(LeftOutError):
            night(script, tmp_path, day)

    lake = Lake(tmp_path / "lake")
    coverage = lake.coverage("acme", RUNS.table)
    assert coverage.drop_nulls("missing")["date"].to_list() == spoilt


NUMBERS = ["1e400", "-1e400", "9" * 5000, "NaN", "-Infinity", '{"deep": [1e999]}']


@pytest.mark.parametrize("number", NUMBERS, ids=lambda text: text[:9])
def test_a_number_that_is_none_in_an_error_body_is_left_out(
    script: Script, tmp_path: Path, number: str
) -> None:
    error = [{"error": "Request failed", "response": {"retry": "NUMBER", "b": "1e400"}}]
    body = page(a_run("r1", error=error)).content.replace(b'"NUMBER"', number.encode())
    script.routes[runs_path("a1")] = [Answer(body)]

    lake = night(script, tmp_path, NEXT)

    kept = lake.read(RUNS.table, "acme", DAY).select("run_id", "error").rows()
    assert kept == [("r1", "Request failed")]


@pytest.mark.parametrize("path", [LISTED_SPACES, LISTED_USERS, CONNECTORS])
def test_a_list_that_is_null_is_empty(
    script: Script, tmp_path: Path, path: str
) -> None:
    script.routes[path] = [Answer({"data": None, "links": {"next": None}})]

    lake = night(script, tmp_path, NEXT)

    assert lake.read(RUNS.table, "acme", DAY).height == 1


def test_a_last_page_that_is_null_ends_usage_and_runs(
    script: Script, tmp_path: Path
) -> None:
    last = Answer({"data": None, "links": {"next": None}})
    for path, first in ((usage_path(DAY), item(1)), (runs_path("a1"), a_run("r1"))):
        script.routes[path] = [page(first, next_href="?page=2")]
        script.routes[path.partition("?")[0] + "?page=2"] = [last]

    lake = night(script, tmp_path, NEXT)

    assert lake.read(RUNS.table, "acme", DAY).height == 1
    assert covered(lake, "usage") == ("complete", None)


ENVELOPES: list[Any] = [
    {},
    [],
    None,
    7,
    "x",
    {"data": {}},
    {"data": 0},
    {"data": [], "links": 7},
]


@pytest.mark.parametrize("body", ENVELOPES, ids=str)
def test_an_odd_page_of_usage_ends_its_day_alone(
    script: Script, tmp_path: Path, body: Any
) -> None:
    script.routes[usage_path(DAY)] = [Answer(body)]

    with pytest.raises(IncompleteError, match="tenant acme: GET"):
        night(script, tmp_path, NEXT)

    lake = Lake(tmp_path / "lake")
    assert lake.read(USAGE.table, "acme", NEXT)["value"].to_list() == [1]
    assert lake.read(COVERAGE, "acme", DAY)["source"].to_list() == ["runs"]
    assert lake.read(RUNS.table, "acme", DAY)["run_id"].to_list() == ["r1"]


@pytest.mark.parametrize(
    "path", [LISTED, LISTED_USERS, LISTED_SPACES, CONNECTORS, runs_path("a2")]
)
@pytest.mark.parametrize("body", [{}, {"data": 7}], ids=str)
def test_an_odd_page_of_any_listing_ends_that_listing_alone(
    script: Script, tmp_path: Path, path: str, body: Any
) -> None:
    serve_usage(script, item(1), item(1, guid="a2"))
    script.routes[runs_path("a2")] = [page(a_run("r2"))]
    script.routes[path] = [Answer(body)]

    with pytest.raises(IncompleteError):
        night(script, tmp_path, NEXT)

    lake = Lake(tmp_path / "lake")
    assert "r1" in lake.read(RUNS.table, "acme", DAY)["run_id"]
    assert covered(lake, "usage") == ("complete", None)


@pytest.mark.parametrize("endpoint", [USERS, SPACES, AUTOMATIONS])
@pytest.mark.parametrize("odd", [{}, {"id": ""}, None, {"id": "z", "name": {"a": 1}}])
def test_a_snapshot_goes_on_without_an_odd_record(
    script: Script, tmp_path: Path, endpoint: Any, odd: Any
) -> None:
    query = "listAll=true&limit=200" if endpoint is AUTOMATIONS else "limit=100"
    listed = page({"id": "a1", "ownerId": "o"}, odd)
    script.routes[f"{endpoint.path}?{query}"] = [listed]

    with pytest.raises(LeftOutError):
        night(script, tmp_path, NEXT)

    lake = Lake(tmp_path / "lake")
    assert lake.read(endpoint.table, "acme", NEXT).height == 1
    status, missing = covered(lake, endpoint.table.name, NEXT)
    assert (status, missing in {"?", "z"}) == ("partial", True)
    assert lake.read(RUNS.table, "acme", DAY)["run_id"].to_list() == ["r1"]


@pytest.mark.parametrize("status", [400, 403, 404, 500])
@pytest.mark.parametrize("path", [usage_path(DAY), LISTED, LISTED_USERS])
def test_runs_do_not_wait_for_usage_or_names(
    script: Script, tmp_path: Path, path: str, status: int
) -> None:
    script.routes[path] = [Answer({"errors": []}, status=status)]

    with pytest.raises(Exception, match=str(status)):
        night(script, tmp_path, NEXT)

    lake = Lake(tmp_path / "lake")
    assert lake.read(RUNS.table, "acme", DAY)["run_id"].to_list() == ["r1"]
    assert lake.read(USAGE.table, "acme", NEXT)["value"].to_list() == [1]
    assert "runs" in lake.read(COVERAGE, "acme", DAY)["source"]


@pytest.mark.parametrize(
    "body", [b"\xef\xbb\xbf%s", b"%s\n", b"\r\n %s"], ids=["bom", "end", "begin"]
)
def test_json_that_an_editor_touched_is_read(
    script: Script, tmp_path: Path, body: bytes
) -> None:
    script.routes[usage_path(DAY)] = [Answer(body % page(item(3)).content)]

    lake = night(script, tmp_path, NEXT)

    assert lake.read(USAGE.table, "acme", DAY)["value"].to_list() == [3]


def test_a_name_in_another_encoding_is_marked_and_kept(
    script: Script, tmp_path: Path
) -> None:
    body = page(item(3, name="MuEller")).content.replace(b"uE", b"\xfc")
    script.routes[usage_path(DAY)] = [Answer(body)]

    lake = night(script, tmp_path, NEXT)

    kept = lake.read(USAGE.table, "acme", DAY)["automation_name"].to_list()
    assert kept == ["M\ufffdller"]


def test_a_name_longer_than_any_is_cut(script: Script, tmp_path: Path) -> None:
    script.routes[LISTED] = [page({"id": "a1", "name": "n" * 5_000_000})]

    lake = night(script, tmp_path, NEXT)

    assert lake.read(AUTOMATIONS.table, "acme", NEXT)["name"].to_list() == ["n" * 500]


def test_limits_of_runs_at_once_are_kept(script: Script, tmp_path: Path) -> None:
    one = {"id": "a1", "ownerId": "o", "maxConcurrentRuns": 3}
    script.routes[LISTED] = [page(one)]
    script.routes[SETTINGS] = [Answer({"maxConcurrentRunsPerAutomation": 25})]

    lake = night(script, tmp_path, NEXT)

    assert lake.read(AUTOMATIONS.table, "acme", NEXT)["max_concurrent_runs"][0] == 3
    limits = lake.read(LICENCE.table, "acme", NEXT).select("parameter", "quantity")
    assert limits.rows() == [("maxConcurrentRunsPerAutomation", 25)]


@pytest.mark.parametrize(
    "answer",
    [
        Answer({}, status=403),
        Answer({}, status=500),
        Answer({"maxConcurrentRunsPerAutomation": "many"}),
    ],
    ids=["denied", "failing", "odd"],
)
def test_settings_that_cannot_be_read_stop_nothing(
    script: Script, tmp_path: Path, answer: Answer
) -> None:
    script.routes[SETTINGS] = [answer]

    lake = night(script, tmp_path, NEXT)

    assert lake.read(RUNS.table, "acme", DAY)["run_id"].to_list() == ["r1"]
    assert lake.read(LICENCE.table, "acme", NEXT).is_empty()
