from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from typing import Any

import httpx
import pytest

from pipeline.sandbox import SandboxServer, World
from servers.sandbox import KEY, NOW, TLS, Serve, Tenant


@pytest.fixture(scope="session")
def world() -> World:
    """A small tenant; `world.at(now)` is it at another moment."""
    return World(
        now=NOW, start=date(2026, 9, 1), automations=90, owners=14, spaces=6, seed=3
    )


@pytest.fixture(scope="session")
def remembering() -> World:
    """The same tenant, but nothing is ever wiped."""
    return World(
        now=NOW,
        start=date(2026, 9, 1),
        automations=90,
        owners=14,
        spaces=6,
        seed=3,
        forgets=False,
    )


@pytest.fixture
def serve(world: World) -> Iterator[Serve]:
    """Start a tenant with options; without a world, the small one."""
    with ExitStack() as stack:

        def start(served: World | None = None, **options: Any) -> Tenant:
            served = served or world.at(NOW)
            server = SandboxServer(served, api_key=KEY, **options)
            stack.enter_context(server)
            headers = {"Authorization": f"Bearer {KEY}"}
            # The 5 s of httpx are few where all cores are busy.
            http = httpx.Client(
                base_url=server.url, headers=headers, verify=TLS, timeout=60
            )
            return Tenant(server, stack.enter_context(http))

        yield start


@pytest.fixture
def tenant(serve: Serve) -> Tenant:
    """The small tenant with the strictest behaviour."""
    return serve()
