"""Runs from HTTP to Parquet: CPU and memory of ours, of a plain loop, and of dlt.

All read the same pages of 200 from the same server, each in a process of its own, so
that CPU seconds and memory are theirs alone. `ingest.py` alone reads a million runs.
"""

import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

from measure import OTHERS, Used

KEY = "key-of-the-bench"
NOW = datetime(2026, 11, 17, 2, tzinfo=UTC)
RUNS_OF_ONE = 550  # about so many runs has an automation of the sandbox's


def serve(end: Connection, automations: int) -> None:
    """A tenant with so many *automations*, until its process is ended."""
    from pipeline.sandbox import SandboxServer, World

    world = World(now=NOW, forgets=False, automations=automations)
    with SandboxServer(world, api_key=KEY) as server:
        ids = [one.id for one in world.listed_automations()]
        end.send((server.url, ids))
        end.recv()


def loop(url: str, ids: list[str], folder: Path) -> int:
    """A plain loop that checks types and times, and writes a file a day; its rows."""
    import httpx
    import msgspec
    import polars as pl

    class Run(msgspec.Struct, rename="camel"):
        id: str
        start_time: datetime | None = None
        stop_time: datetime | None = None
        created_at: datetime | None = None
        updated_at: datetime | None = None
        scheduled_start_time: datetime | None = None
        space_id: str | None = None
        owner_id: str | None = None
        executed_by_id: str | None = None
        status: str | None = None
        context: str | None = None
        is_test_run: bool | None = None
        billable: bool | None = None
        duration: int | None = None

    class Link(msgspec.Struct):
        href: str | None = None

    class Links(msgspec.Struct):
        next: Link | None = None

    class Page(msgspec.Struct):
        data: list[Run]
        links: Links | None = None

    decoder, rows = msgspec.json.Decoder(Page), []
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {KEY}"}) as http:
        for identity in ids:
            href: str | None = f"/api/workflows/automations/{identity}/runs?limit=200"
            while href:
                page = decoder.decode(http.get(href).content)
                rows += [(identity, *msgspec.structs.astuple(one)) for one in page.data]
                following = page.links.next if page.links else None
                href = following.href if following else None
    names = ["automation_id", *Run.__struct_fields__]
    frame = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    days = frame.with_columns(day=pl.col("created_at").dt.date()).partition_by(
        "day", as_dict=True
    )
    for (day,), own in days.items():
        own.write_parquet(folder / f"{day}.parquet", compression="zstd")
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
) -> tuple[Used, int]:
    """What *way* takes in a process of its own, and its rows."""
    mine, yours = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_report, args=(yours, way, url, ids))
    process.start()
    answer: tuple[Used, int] = mine.recv()
    process.join()
    return answer


def _report(
    end: Connection,
    way: Callable[[str, list[str], Path], int],
    url: str,
    ids: list[str],
) -> None:
    start = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        rows = way(url, ids, Path(folder))
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu, wall = used.ru_utime + used.ru_stime, perf_counter() - start
    end.send((Used(cpu, wall, used.ru_maxrss / 1024), rows))


def by_dlt(url: str, ids: list[str]) -> tuple[Used, int]:
    """What dlt's REST source takes, and its rows."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "ids"
        listed.write_text("\n".join(ids), encoding="utf-8")
        script = Path(__file__).with_name("dlt_source.py")
        start = perf_counter()
        said = subprocess.run(  # noqa: S603 (our own command)
            # Without the folder of the script, whose requests.py is not the library.
            [OTHERS / "python", "-P", script, url, KEY, listed, folder],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    rows, cpu, memory = json.loads(said.splitlines()[-1])
    return Used(cpu, perf_counter() - start, memory), rows


@contextmanager
def served(automations: int) -> Iterator[tuple[str, list[str]]]:
    """The tenant's URL and its automations."""
    mine, yours = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(yours, automations))
    process.start()
    try:
        yield mine.recv()
    finally:
        mine.send("end")
        process.join()


def measured_ways(runs: int) -> dict[str, tuple[Used, int]]:
    """What each way takes for about so many *runs*, and its rows, by its name."""
    multiprocessing.set_start_method("spawn", force=True)
    with served(max(runs // RUNS_OF_ONE, 5)) as (url, ids):
        ways = {"ours": ours, "a plain typed loop": loop}
        took = {name: measured(way, url, ids) for name, way in ways.items()}
        if (OTHERS / "dlt").exists():
            took["dlt's REST source"] = by_dlt(url, ids)
    return took


def main() -> None:
    """All ways after each other, a million runs or as many as the argument says."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    for name, (used, rows) in measured_ways(runs).items():
        rate = rows / used.cpu
        print(f"{name}: {rows:,} rows, {used}, {rate:,.0f} rows a CPU second")


if __name__ == "__main__":
    main()
