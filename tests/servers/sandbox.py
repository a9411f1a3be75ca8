"""A served world of the sandbox, and a client that holds its key."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from pipeline.sandbox import SandboxServer

KEY = "the-key-of-this-test"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
# One for all clients: each would read the certificates again.
TLS = ssl.create_default_context()
AUTOMATIONS = "/api/workflows/automations"
CONNECTORS = "/api/workflows/automation-connectors"
USERS = "/api/v1/users"
SPACES = "/api/v1/spaces"


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
