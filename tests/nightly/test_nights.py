"""Whole nights, from a tenant over HTTP to the warehouse, against the truth."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.endpoints import RUNS, USAGE
from pipeline.errors import TenantError
from pipeline.lake import Lake
from pipeline.sandbox import WORLD_START, Fault, SandboxServer, World
from worlds.nights import HOUR, KEY, Nights, complete, pace, truth, usage_daily

pytestmark = [pytest.mark.slow, pytest.mark.endurance]

AS_OF = date(2026, 11, 17)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """The whole world, read in one first night."""
    world = World(now=datetime.combine(AS_OF, HOUR), forgets=False)
    folder = tmp_path_factory.mktemp("year")
    with SandboxServer(world, api_key=KEY) as server:
        nights = Nights(server, folder, pace(36_500), WORLD_START)
        nights.extract(AS_OF)
        nights.build(AS_OF).close()
        yield nights


def test_usage_equals_the_truth_of_every_owner_space_and_day(year: Nights) -> None:
    """More than 13 months of 40 owners, 12 spaces and 300 automations, to the unit."""
    expected = truth(year.server.world, AS_OF)

    with year.read() as connection:
        found = usage_daily(connection)

    assert len(expected) > 20_000
    assert {day for day, _, _ in expected} == {
        WORLD_START + timedelta(days=n) for n in range((AS_OF - WORLD_START).days)
    }
    assert found == expected


def test_every_day_of_a_first_night_is_covered(year: Nights) -> None:
    with year.read() as connection:
        statuses = connection.execute(
            "select source, status, count(*) from marts.coverage"
            " where source in ('usage', 'runs') group by all order by all"
        ).fetchall()

    days = (AS_OF - WORLD_START).days
    assert statuses == [
        ("runs", "complete", days),
        ("runs", "partial", 1),
        ("usage", "complete", days),
        ("usage", "partial", 1),
    ]


def test_the_day_of_the_night_is_in_the_lake_and_in_no_usage(year: Nights) -> None:
    held = Lake(year.folder / "lake").read(USAGE.table, "sandbox", AS_OF)

    with year.read() as connection:
        last = connection.execute("select max(date) from marts.usage_daily").fetchone()

    assert held.height > 0
    assert last == (AS_OF - timedelta(days=1),)


def test_metered_and_listed_runs_agree_on_every_day(year: Nights) -> None:
    with year.read() as connection:
        statuses = connection.execute(
            "select distinct metric, status from marts.reconciliation_daily"
            " order by all"
        ).fetchall()

    assert statuses == [("duration_seconds", "equal"), ("runs", "equal")]


def test_a_second_run_of_the_same_night_changes_no_byte(year: Nights) -> None:
    lake = Nights(year.server, year.folder, year.limits, year.first_day)
    before = {p: c for p, c in lake.files().items() if p.suffix == ".parquet"}

    lake.extract(AS_OF)

    assert {p: c for p, c in lake.files().items() if p.suffix == ".parquet"} == before


def test_no_secret_of_the_tenant_is_in_the_lake(year: Nights) -> None:
    """The sandbox marks what may not be kept: tokens, workspaces, inputs, bodies."""
    marked = [path for path, (c, _) in year.files().items() if b"do-not-store" in c]

    assert marked == []


FIRST_NIGHT = date(2026, 5, 1)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Nights]:
    """A tenant that forgets: 30 days of runs, wiped histories, deletions."""
    world = World(
        now=datetime.combine(FIRST_NIGHT, HOUR),
        start=FIRST_NIGHT - timedelta(days=3),
        automations=110,
        late_usage=True,
    )
    with SandboxServer(world, api_key=KEY, shape="live") as server:
        yield Nights(server, tmp_path, pace(30), world.start)


def test_nights_add_up_to_the_truth_through_moves_and_deletions(small: Nights) -> None:
    """What was wiped before the first night is gone; late figures take three days."""
    for n in range(18):
        small.extract(FIRST_NIGHT + timedelta(days=n))
    last = FIRST_NIGHT + timedelta(days=17)
    settled = last - small.limits.lookback_days * timedelta(days=1)
    expected = truth(small.server.world, settled)
    assert happened(small.server.world, FIRST_NIGHT, settled) == {
        "owner changed",
        "space changed",
        "deleted",
    }

    with small.build(last) as connection:
        found = usage_daily(connection)

    known = [FIRST_NIGHT + timedelta(days=n) for n in range(14)]
    assert of(known, found) == of(known, expected)


def of(days: list[date], rows: dict[Any, Any]) -> dict[Any, Any]:
    return {key: row for key, row in rows.items() if key[0] in days}


def happened(world: World, first: date, before: date) -> set[str]:
    """What befell automations that had run: or else the walk would prove little."""
    begin, end = (datetime.combine(d, time(), UTC).timestamp() for d in (first, before))
    active = [
        one
        for one in world.all_automations
        if any(world.metered(one, first + timedelta(days=n)) for n in range(3))
    ]
    return {
        name
        for one in active
        for name, moments in (
            ("owner changed", [moment for moment, _ in one.owners[1:]]),
            ("space changed", [moment for moment, _ in one.spaces[1:]]),
            ("deleted", [one.deleted_at]),
        )
        if any(begin <= moment < end for moment in moments)
    }


def test_missed_nights_are_caught_up_by_the_next(small: Nights) -> None:
    small.extract(FIRST_NIGHT)
    last = FIRST_NIGHT + timedelta(days=8)

    small.extract(last)

    lake = Lake(small.folder / "lake")
    first = small.server.world.start
    due = {first + timedelta(days=n) for n in range((last - first).days)}
    assert complete(lake, USAGE.table) == due
    assert complete(lake, RUNS.table) == due


def test_a_night_that_fails_keeps_what_it_read_and_the_next_heals(
    small: Nights,
) -> None:
    small.server.faults.add(Fault(kind="status", match="/runs", status=403, skip=5))
    with pytest.raises(TenantError, match="403"):
        small.extract(FIRST_NIGHT)
    lake = Lake(small.folder / "lake")
    kept = complete(lake, USAGE.table)
    unproven = complete(lake, RUNS.table)

    small.server.faults.clear()
    small.extract(FIRST_NIGHT)

    assert kept
    assert unproven == set()
    assert complete(lake, RUNS.table) == kept


def test_a_night_asks_for_the_runs_of_active_automations_only(small: Nights) -> None:
    small.extract(FIRST_NIGHT)
    small.server.requests.clear()

    small.extract(FIRST_NIGHT + timedelta(days=1))

    asked = {r.path for r in small.server.requests if r.path.endswith("/runs")}
    listed = small.server.world.listed_automations()
    assert 0 < len(asked) < len(listed) * 0.8


def test_a_night_asks_for_hardly_more_than_the_fewest_requests(tmp_path: Path) -> None:
    """A twentieth more than the pages of what changed, of the listings, and the usage.

    The bench prints both numbers of a tenant with 5,000 automations.
    """
    world = World(
        now=datetime.combine(FIRST_NIGHT, HOUR),
        start=FIRST_NIGHT - timedelta(days=3),
        automations=400,
    )
    second = FIRST_NIGHT + timedelta(days=1)
    with SandboxServer(world, api_key=KEY) as server:
        nights = Nights(server, tmp_path, pace(30), world.start)
        nights.extract(FIRST_NIGHT)
        sent = nights.extract(second)

    later, since = server.world, datetime.combine(FIRST_NIGHT, HOUR).timestamp()
    ran = [
        one
        for one in later.all_automations
        if any(run.stopped_at > since for run in later.listed_runs(one))
    ]
    listings = (later.listed_automations(), 200), (later.listed_users(), 100)
    fewest = sum(-(-len(rows) // size) for rows, size in listings)
    fewest += len(ran) + len(("spaces", "connectors")) + nights.limits.lookback_days + 1
    assert len(ran) > 90
    assert sent <= fewest * 1.05
