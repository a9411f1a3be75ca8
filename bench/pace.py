"""Whether a backfill keeps to a tenant's limit, and how near to it.

The tenant takes 1,000 requests a minute over a rolling window and answers 429 above.
It takes a minute and a half, since the pace is real.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from pipeline.config import Extract, Run, Settings, TenantAccess
from pipeline.extract import Extraction, required
from pipeline.extract.progress import Listings
from pipeline.sandbox import WORLD_START, SandboxServer, World
from pipeline.tenant import Tenant

KEY = "key-of-the-bench"
RATE = 1000


def main() -> None:
    """One first night of the whole world, paced at just the tenant's limit."""
    now = datetime(2026, 11, 17, 2, tzinfo=UTC)
    limits = Extract(requests_per_minute=RATE, run_history_days=36_500)
    world = World(now=now, forgets=False)
    with (
        tempfile.TemporaryDirectory() as folder,
        SandboxServer(world, api_key=KEY, requests_per_minute=RATE) as server,
        Tenant(TenantAccess("bench", server.url, api_key=KEY), limits) as tenant,
    ):
        began = monotonic()
        settings = Settings((), Path(folder), first_day=WORLD_START, extract=limits)
        required.read(
            Extraction(tenant, Run(settings, now.date(), now), Listings(tenant))
        )
        took = monotonic() - began
    least = tenant.requests_sent / RATE * 60
    print(
        f"{tenant.requests_sent} requests at {RATE} a minute, {tenant.throttled} 429s"
    )
    print(f"{took:.1f} s, requests / rate {least:.1f} s, ratio {took / least:.3f}")
    sys.exit(tenant.throttled > 0)


if __name__ == "__main__":
    main()
