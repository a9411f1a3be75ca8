"""A proxy that cannot be spoken to ends a night before it begins, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.sandbox import SandboxServer, World
from tools.commands import AS_OF, KEY, Folder

SOCKS = {
    "all_proxy": "socks5://user:canary@proxy:1080",
    "https_proxy": "",
    "no_proxy": "",
}
MAIL = """[mail]
host = "127.0.0.1"
port = 1
from = "a@example.com"
recipients = ["b@example.com"]
webhook = "env:HOOK"
"""

pytestmark = pytest.mark.skipif(
    find_spec("socksio") is not None, reason="socksio is installed"
)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    now = datetime(2026, 3, 3, 2, tzinfo=UTC)
    world = World(now=now, start=date(2026, 2, 25), automations=5, owners=2, spaces=2)
    with SandboxServer(world, api_key=KEY) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, server: SandboxServer) -> Folder:
    return Folder(tmp_path, server)


def test_a_socks_proxy_without_its_package_ends_in_2_and_names_it(
    folder: Folder,
) -> None:
    folder.configure(url="https://tenant.invalid")

    result = folder.chargeback("run", "--as-of", AS_OF, **SOCKS)

    assert result.returncode == 2
    assert "socks5 needs the package socksio, which is not installed" in result.stderr
    assert "canary" not in result.stderr
    assert not (folder.path / "data" / "lake").exists()


@pytest.mark.parametrize("command", ["run", "deliver"])
def test_the_webhooks_way_is_looked_at_before_anything_is_done(
    folder: Folder, server: SandboxServer, command: str
) -> None:
    """The tenant is on loopback, so that just the webhook has a proxy."""
    folder.configure()
    with (folder.path / "chargeback.toml").open("a") as file:
        file.write(MAIL)

    hook = "https://chat.invalid/canary"
    result = folder.chargeback(command, "--as-of", AS_OF, HOOK=hook, **SOCKS)

    assert result.returncode == 2
    assert "socksio" in result.stderr
    assert "canary" not in result.stderr
    assert server.requests == []


@pytest.mark.slow
def test_what_needs_no_network_needs_no_proxy(folder: Folder) -> None:
    folder.configure()
    folder.chargeback("run", "--as-of", AS_OF)
    folder.configure(url="https://tenant.invalid")

    assert folder.chargeback("build", "--as-of", AS_OF, **SOCKS).returncode == 0
    assert folder.chargeback("query", "select 1", **SOCKS).returncode == 0
