import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from pipeline.sandbox import SandboxServer, World

KEY = "the-key-of-this-test"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
# One for all clients: each would read the certificates again.
TLS = ssl.create_default_context()
AUTOMATIONS = "/api/workflows/automations"


@dataclass
class Tenant:
    """A served world, and a client that holds its key."""

    server: SandboxServer
    http: httpx.Client

    def get(self, path: str, **query: Any) -> httpx.Response:
        url = f"{path}?{urlencode(query)}" if query else path
        return self.http.get(url)

    def ok(self, path: str, **query: Any) -> Any:
        response = self.get(path, **query)
        assert response.status_code == 200, response.text
        return response.json()

    def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every record of a listing, page by page."""
        page = self.ok(path, **query)
        found = list(page["data"])
        while href := ((page.get("links") or {}).get("next") or {}).get("href"):
            page = self.ok(href)
            found += page["data"]
        return found


Serve = Callable[..., Tenant]


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
            http = httpx.Client(base_url=server.url, headers=headers, verify=TLS)
            return Tenant(server, stack.enter_context(http))

        yield start


@pytest.fixture
def tenant(serve: Serve) -> Tenant:
    """The small tenant with the strictest behaviour."""
    return serve()
