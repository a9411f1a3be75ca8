"""A run of an earlier day: what the tenant lists now is not said of that day."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.config import Sources
from pipeline.endpoints import RUNS, SNAPSHOTS, USAGE
from pipeline.lake import COVERAGE
from pipeline.sandbox import SandboxServer, World
from worlds.nights import HOUR, KEY, Nights, complete, pace, truth, usage_daily
from worlds.sources import AS_OF as SOURCES_DAY
from worlds.sources import Night, forgetful

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
TODAY = date(2026, 5, 8)
EARLIER = TODAY - 3 * DAY


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Nights]:
    world = World(now=at(TODAY), start=TODAY - 8 * DAY, automations=60, forgets=False)
    with SandboxServer(world, api_key=KEY, shape="live") as server:
        yield Nights(server, tmp_path, pace(30), world.start)


def at(day: date) -> datetime:
    return datetime.combine(day, HOUR)


def snapshots(nights: Nights) -> dict[Path, tuple[bytes, int]]:
    names = {endpoint.table.name for endpoint in SNAPSHOTS}
    return {p: c for p, c in nights.files().items() if p.stem in names}


def test_a_past_day_gets_no_snapshot_of_today(nights: Nights) -> None:
    nights.extract(EARLIER)
    before = snapshots(nights)

    nights.extract(EARLIER, now=at(TODAY))
    nights.extract(EARLIER + DAY, now=at(TODAY))

    assert len(before) == len(SNAPSHOTS)
    assert snapshots(nights) == before
    asked = [request.path for request in nights.server.requests]
    assert asked.count("/api/v1/users") == asked.count("/api/v1/spaces") == 1


def test_a_past_day_without_any_snapshot_has_all_usage_and_its_owners(
    nights: Nights,
) -> None:
    """The first run of all: owners and spaces are those of the runs."""
    nights.extract(EARLIER, now=at(TODAY))

    assert snapshots(nights) == {}
    with nights.build_usage(EARLIER) as connection:
        assert usage_daily(connection) == truth(nights.server.world, EARLIER)


def test_a_run_of_a_past_day_hides_nothing_from_the_next_one(nights: Nights) -> None:
    """What ran between that day and now is still read."""
    nights.extract(EARLIER)
    nights.extract(EARLIER, since=EARLIER - 2 * DAY, now=at(TODAY))

    nights.extract(TODAY + DAY)

    with nights.build_usage(TODAY + DAY) as connection:
        assert usage_daily(connection) == truth(nights.server.world, TODAY + DAY)


def test_usage_has_the_real_day_of_its_first_reading(nights: Nights) -> None:
    """Not the day as of which it was read, nor the day on which it was read again."""
    nights.extract(EARLIER, now=at(TODAY))
    nights.extract(TODAY + DAY, since=EARLIER - DAY)

    def read_on(day: date) -> set[date]:
        return set(nights.lake.read(USAGE.table, "sandbox", day)["read_on"])

    assert read_on(EARLIER - DAY) == {TODAY}
    assert read_on(TODAY) == {TODAY + DAY}


def test_days_that_are_listed_no_more_are_not_read_whole(tmp_path: Path) -> None:
    """Forty days ago, thirty were listed before it; today, ten of these are left."""
    world = World(now=at(TODAY), start=TODAY - 45 * DAY, automations=40)
    with SandboxServer(world, api_key=KEY, shape="live") as server:
        nights = Nights(server, tmp_path, pace(30), world.start)
        nights.extract(TODAY - 20 * DAY, now=at(TODAY))

    lake = nights.lake
    assert complete(lake, USAGE.table) == {world.start + n * DAY for n in range(25)}
    assert min(complete(lake, RUNS.table)) >= TODAY - 30 * DAY


def test_events_that_are_listed_no_more_prove_nothing(tmp_path: Path) -> None:
    with SandboxServer(forgetful(), api_key=KEY) as server:
        night = Night(server, tmp_path)
        night.read(Sources(audit_events=True), as_of=SOURCES_DAY - 60 * DAY)

    covered = night.rows(COVERAGE).filter(source="run_metrics")["date"].to_list()
    assert min(covered) > SOURCES_DAY - 90 * DAY


def test_the_licence_of_today_is_not_that_of_a_past_day(tmp_path: Path) -> None:
    with SandboxServer(forgetful(), api_key=KEY) as server:
        night = Night(server, tmp_path)
        night.read(Sources(licence=True, consumption=True), as_of=SOURCES_DAY - DAY)

        assert server.requests == []
        assert night.bytes() == {}
