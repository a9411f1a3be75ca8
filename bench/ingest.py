"""A million runs from HTTP to Parquet: rows a CPU second and memory, against a loop.

The loop is what one would write first: httpx, json, a list, `polars.from_dicts`. Both
read the same pages of 200 from the same server, each in a process of its own, so that
CPU seconds and memory are theirs alone.
"""

import json
import multiprocessing
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

KEY = "key-of-the-bench"
NOW = datetime(2026, 11, 17, 2, tzinfo=UTC)
AUTOMATIONS = 2_000
AT_LEAST = 1_000_000


def serve(end: Connection) -> None:
    """A tenant with a million runs, until its process is ended."""
    from pipeline.sandbox import SandboxServer, World

    world = World(now=NOW, forgets=False, automations=AUTOMATIONS)
    with SandboxServer(world, api_key=KEY) as server:
        ids = [one.id for one in world.listed_automations()]
        end.send((server.url, ids))
        end.recv()


def loop(url: str, ids: list[str], folder: Path) -> int:
    """The loop that one would write first; its rows."""
    import httpx
    import polars as pl

    rows = []
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {KEY}"}) as http:
        for identity in ids:
            href: str | None = f"/api/workflows/automations/{identity}/runs?limit=200"
            while href:
                body = json.loads(http.get(href).text)
                rows += [{**run, "automationId": identity} for run in body["data"]]
                href = ((body.get("links") or {}).get("next") or {}).get("href")
    frame = pl.from_dicts(rows)
    frame.write_parquet(folder / "runs.parquet")
    return frame.height


def ours(url: str, ids: list[str], folder: Path) -> int:
    """The extraction's own way, to a lake of days; its rows."""
    from pipeline.config import Extract, Run, Settings, TenantAccess
    from pipeline.endpoints import AUTOMATIONS as LISTED
    from pipeline.extract import Extraction
    from pipeline.extract.progress import Listings
    from pipeline.extract.runs import read_runs
    from pipeline.sandbox.world.population import WORLD_START
    from pipeline.tenant import Tenant

    limits = Extract(requests_per_minute=60_000_000, run_history_days=36_500)
    with Tenant(TenantAccess("bench", url, api_key=KEY), limits) as tenant:
        settings = Settings((), folder, first_day=WORLD_START, extract=limits)
        one = Extraction(tenant, Run(settings, NOW.date(), NOW), Listings(tenant))
        read_runs(one, LISTED.table.frame([]), set(ids), behind=False)
    return one.listings.outcomes[0].listing.rows


def measured(
    way: Callable[[str, list[str], Path], int], url: str, ids: list[str]
) -> tuple[int, float, float]:
    """Rows, CPU seconds and peak MB of *way* in a process of its own."""
    mine, yours = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_report, args=(yours, way, url, ids))
    process.start()
    answer: tuple[int, float, float] = mine.recv()
    process.join()
    return answer


def _report(
    end: Connection,
    way: Callable[[str, list[str], Path], int],
    url: str,
    ids: list[str],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = way(url, ids, Path(folder))
    used = resource.getrusage(resource.RUSAGE_SELF)
    end.send((rows, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))


@contextmanager
def served() -> Iterator[tuple[str, list[str]]]:
    """The tenant's URL and its automations."""
    mine, yours = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(yours,))
    process.start()
    try:
        yield mine.recv()
    finally:
        mine.send("end")
        process.join()


def main() -> None:
    """Both ways after each other, the loop first."""
    multiprocessing.set_start_method("spawn")
    with served() as (url, ids):
        rates = []
        for name, way in (("loop", loop), ("ours", ours)):
            rows, seconds, memory = measured(way, url, ids)
            rates.append(rows / seconds)
            print(
                f"{name}: {rows:,} rows, {seconds:.1f} CPU s, {rates[-1]:,.0f} rows a"
                f" CPU s, {memory:,.0f} MB at the peak"
            )
            if rows < AT_LEAST:
                sys.exit(f"fewer than {AT_LEAST:,} rows: raise AUTOMATIONS")
    print(f"ratio {rates[1] / rates[0]:.2f}")


if __name__ == "__main__":
    main()
