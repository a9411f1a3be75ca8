from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.endpoints import RUNS
from pipeline.sandbox import SandboxServer, World
from worlds.sources import EVENTS, KEY, NOW, Night, forgetful


@pytest.fixture(scope="session")
def world() -> World:
    return forgetful()


@pytest.fixture(scope="session")
def backfilled(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Night]:
    """A night that has listed the runs and then read the events; to be looked at."""
    with SandboxServer(world.at(NOW), api_key=KEY) as server:
        night = Night(server, tmp_path_factory.mktemp("backfilled"))
        night.list_runs()
        night.listed = night.rows(RUNS.table).height
        night.read(EVENTS)
        yield night


@pytest.fixture
def night(world: World, tmp_path: Path) -> Iterator[Night]:
    with SandboxServer(world.at(NOW), api_key=KEY, run_detail=True) as server:
        yield Night(server, tmp_path)
