from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.sandbox import SandboxServer, World
from tools.commands import KEY, Folder


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    now = datetime(2026, 3, 3, 2, tzinfo=UTC)
    world = World(now=now, start=date(2026, 2, 1), automations=30)
    with SandboxServer(world, api_key=KEY) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, server: SandboxServer) -> Iterator[Folder]:
    folder = Folder(tmp_path, server)
    folder.configure()
    server.requests.clear()
    yield folder
    server.faults.clear()
