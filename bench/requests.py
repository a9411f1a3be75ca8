"""How many requests a night takes, against the fewest that could tell as much.

A tenant of 5,000 automations, of which a tenth ran since the night before. The fewest
are: the pages of the listings, a request for each day of usage that is read again,
and for each automation that has run the pages of what is new.
"""

import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Extract, Run, Settings, TenantAccess
from pipeline.extract import Extraction, required
from pipeline.extract.progress import Listings
from pipeline.sandbox import SandboxServer, World
from pipeline.tenant import Tenant

if TYPE_CHECKING:
    from pipeline.sandbox.world.automations import Automation

KEY = "key-of-the-bench"
AUTOMATIONS = 5_000
FIRST = date(2026, 9, 14)
HOUR = time(2, tzinfo=UTC)
LIMITS = Extract(requests_per_minute=6_000_000)


def moment(day: date) -> datetime:
    """When the night of *day* is."""
    return datetime.combine(day, HOUR)


def population() -> World:
    """A tenth of the automations ran in the day before the second night."""
    world = World(
        now=moment(FIRST), start=FIRST - timedelta(days=3), automations=AUTOMATIONS * 2
    )
    later = world.at(moment(FIRST + timedelta(days=1)))
    since = moment(FIRST).timestamp()
    ran: list[Automation] = []
    idle: list[Automation] = []
    for one in later.listed_automations():
        runs = later.listed_runs(one)
        new = any(run.stopped_at > since for run in runs)
        (ran if new else idle).append(one)
    share = AUTOMATIONS // 10
    world.everything = (*ran[:share], *idle[: AUTOMATIONS - share])
    return world


def fewest(world: World, days: int) -> int:
    """Requests that no extraction can do without, at *world*'s moment."""
    since = moment(FIRST).timestamp()
    pages = -(-len(world.listed_automations()) // 200)
    pages += -(-len(world.listed_users()) // 100) + -(
        -len(world.listed_spaces()) // 100
    )
    pages += 1  # connectors
    for one in world.everything:
        new = sum(run.stopped_at > since for run in world.listed_runs(one))
        pages += -(-new // 200)
    return pages + days


def night(server: SandboxServer, folder: Path, as_of: date) -> int:
    """Extract up to *as_of*; the requests it took."""
    server.world.now = moment(as_of)
    access = TenantAccess("bench", server.url, api_key=KEY)
    with Tenant(access, LIMITS) as tenant:
        run = Run(Settings((), folder, extract=LIMITS), as_of, moment(as_of))
        required.read(Extraction(tenant, run, Listings(tenant)))
        return tenant.requests_sent


def main() -> None:
    """Two nights; the second is counted."""
    world = population()
    as_of = FIRST + timedelta(days=1)
    with (
        tempfile.TemporaryDirectory() as folder,
        SandboxServer(world, api_key=KEY) as server,
    ):
        night(server, Path(folder), FIRST)
        sent = night(server, Path(folder), as_of)
        least = fewest(server.world, LIMITS.lookback_days + 1)
    ran = AUTOMATIONS // 10
    print(f"{ran} of {AUTOMATIONS} automations ran since the night before")
    print(f"requests {sent}, the fewest possible {least}, ratio {sent / least:.3f}")


if __name__ == "__main__":
    main()
