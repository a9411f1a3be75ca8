"""Whatever a tenant answers, its run ends in 0 or 3, and no other tenant suffers.

`CHARGEBACK_FUZZ_RUNS=500 pytest tests/nightly/test_mutated_answers.py` tries more.
"""

import os
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline import nightly
from pipeline.config import Charge, Extract, Run, Settings, TenantAccess
from pipeline.endpoints import RUNS, USAGE
from pipeline.errors import TenantError
from pipeline.extract import extract
from pipeline.lake import Lake
from pipeline.resources import resource
from pipeline.sandbox import World
from worlds.mutations import MutatingServer
from worlds.nights import HOUR, KEY
from worlds.sources import EVERY_SOURCE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.endurance,
    pytest.mark.usefixtures("fast_retries"),
]

AS_OF = date(2026, 11, 5)
FIRST_DAY = AS_OF - timedelta(days=4)
SEEDS = range(int(os.environ.get("CHARGEBACK_FUZZ_RUNS", "12")))
NIGHTS = 4  # of mutated answers, one after the other, before one that is well
BUILT = 4  # of so many stories one is built and rendered, which takes longest
LIMITS = Extract(requests_per_minute=6_000_000, retries=1, timeout_seconds=5)
EXAMPLES = resource("examples")


@pytest.fixture(scope="module")
def world() -> World:
    return World(now=datetime.combine(AS_OF, HOUR), start=FIRST_DAY, automations=8)


def run_of(folder: Path, *servers: MutatingServer, since: date | None = None) -> Run:
    tenants = tuple(
        TenantAccess(f"t{n}", server.url, api_key=KEY)
        for n, server in enumerate(servers)
    )
    settings = Settings(
        tenants,
        folder,
        first_day=FIRST_DAY,
        extract=LIMITS,
        sources=EVERY_SOURCE,
        charge=replace(Charge.in_folder(EXAMPLES), rate_card=EXAMPLES / "rates.csv"),
    )
    now = datetime.combine(AS_OF, HOUR)
    return Run(settings, AS_OF, now, since, tenants=tenants, quiet=True)


def kept(folder: Path, tenant: str) -> dict[str, pl.DataFrame]:
    """What the lake holds of usage and runs of the days that are over."""
    lake = Lake(folder / "lake")
    rows = {}
    for table in (USAGE.table, RUNS.table):
        days = [day for day in lake.days(table, tenant) if day < AS_OF]
        for day in days:
            rows[f"{table.name} {day}"] = lake.read(table, tenant, day)
    return rows


@pytest.fixture(scope="module")
def undisturbed(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, pl.DataFrame]:
    folder = tmp_path_factory.mktemp("undisturbed")
    with MutatingServer(world, api_key=KEY) as server:
        assert extract(run_of(folder, server)) is None
    return kept(folder, "t0")


@pytest.mark.parametrize("seed", SEEDS)
def test_nights_of_mutated_answers_end_in_0_or_3(
    world: World, undisturbed: dict[str, pl.DataFrame], tmp_path: Path, seed: int
) -> None:
    with (
        MutatingServer(world, api_key=KEY) as odd,
        MutatingServer(world, api_key=KEY, tenant_id="another") as well,
    ):
        odd.seed, odd.chance = seed, (0.05, 0.2, 0.5)[seed % 3]
        one = run_of(tmp_path, odd, well)
        for _ in range(NIGHTS):
            failure = ended(one)
            assert failure is None or failure.count("\n") <= 1
        odd.chance = 0
        if seed % BUILT == 0:
            nightly.build(one)
            nightly.report(one)
        healed = ended(run_of(tmp_path, odd, well, since=FIRST_DAY))

    assert healed is None
    assert_equal(kept(tmp_path, "t1"), undisturbed)
    assert_healed(kept(tmp_path, "t0"), undisturbed)


def ended(run: Run) -> str | None:
    """What a run ended in: nothing, or the message of exit code 3."""
    try:
        failure = extract(run)
    except TenantError as exc:
        failure = exc
    if failure is None:
        return None
    assert failure.exit_code == 3
    assert "unexpected" not in str(failure)
    return str(failure)


def assert_equal(
    rows: dict[str, pl.DataFrame], expected: dict[str, pl.DataFrame]
) -> None:
    assert rows.keys() == expected.keys()
    for day, frame in expected.items():
        assert rows[day].equals(frame), day


def assert_healed(
    rows: dict[str, pl.DataFrame], expected: dict[str, pl.DataFrame]
) -> None:
    """Each row is there as it should be; a row of a made-up id may be too.

    Of usage, the first name and owner that were read stay.
    """
    for day, frame in expected.items():
        keys, compared = ["run_id"], frame.columns
        if "metric" in frame.columns:
            keys = ["automation_id", "metric"]
            compared = [*keys, "value"]
        found = rows[day].join(frame.select(keys), on=keys, how="semi").sort(keys)
        assert found.select(compared).equals(frame.sort(keys).select(compared)), day
