"""A trial without credentials: the sandbox tenant, and settings that read it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from pipeline.config import Charge, Extract, Report, Settings, TenantAccess
from pipeline.errors import ConfigError
from pipeline.resources import resource
from pipeline.sandbox import HOME, WORLD_START, SandboxServer, World

log = logging.getLogger(__name__)

_NAME = "sandbox"
_KEY = "a-key-that-opens-the-sandbox-only"

# The sandbox's clock shows always the same hour, so that a repeated run is the same.
_HOUR = time(2, tzinfo=UTC)


@contextmanager
def trial(as_of: date, data_dir: Path) -> Iterator[Settings]:
    """Serve the sandbox tenant on a free loopback port, with settings that read it.

    Raises:
        ConfigError: *data_dir* holds a real tenant's history, so that the
            configuration is missing by mistake; made-up figures are not mixed with it.
    """
    in_lake = {path.name.removeprefix("tenant=") for path in data_dir.glob("lake/*/*")}
    if real := sorted(in_lake - {_NAME}):
        raise ConfigError(
            f"no chargeback.toml here, but {data_dir} holds tenant {', '.join(real)}\n"
            "name the configuration with --config"
        )
    log.warning("no chargeback.toml here: this is the sandbox, its figures are made up")
    # It forgets nothing, so that the first run can show all months.
    world = World(now=clock(as_of), forgets=False)
    with SandboxServer(world, api_key=_KEY) as server:
        yield _settings(server.url, data_dir)


def clock(as_of: date) -> datetime:
    """What the sandbox's clock shows in a trial whose day is *as_of*."""
    return datetime.combine(as_of, _HOUR)


def _settings(url: str, data_dir: Path) -> Settings:
    examples = resource("examples")
    return Settings(
        tenants=(TenantAccess(_NAME, url, api_key=_KEY),),
        data_dir=data_dir,
        first_day=WORLD_START,
        extract=Extract(requests_per_minute=60_000, run_history_days=36_500),
        report=Report(holidays=HOME),
        charge=Charge(
            rate_card=examples / "rates.csv",
            cost_centers=examples / "cost_centers.csv",
            budgets=examples / "budgets.csv",
            fixed_costs=examples / "fixed_costs.csv",
            entitlements=examples / "entitlements.csv",
            values=examples / "value.csv",
        ),
    )


def serve(port: int, now: datetime) -> None:
    """Serve the sandbox on loopback until it is interrupted."""
    with SandboxServer(World(now=now), api_key=_KEY, port=port) as server:
        click.echo(f"{server.url}  (api key: {_KEY})")
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
