"""Runs from HTTP to Parquet: CPU and memory of ours, of a plain loop, and of dlt.

All read the same pages of 200 from the same server, each in a process of its own, so
that CPU seconds and memory are theirs alone. What they wrote is removed after the last:
a file system looks longer for room where much was removed a moment ago.

`ingest.py` alone reads a million runs; `ingest.py 300000 9` reads so many nine times in
ours and in the plain loop, in turn, and prints the ratio of each pair.
"""

import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import fmean
from time import perf_counter
from typing import Any

import measure
from measure import OTHERS, Used

# As long as the keys of tenants are.
KEY = "key-of-the-bench." + 100 * "made." + "up"
NOW = datetime(2026, 11, 17, 2, tzinfo=UTC)
FIRST_DAY = date(2025, 10, 1)  # of the sandbox
RUNS_OF_ONE = 550  # about so many runs has an automation of the sandbox's

# Runs of a URL and of these automations, to a folder; how many there were.
Way = Callable[[str, list[str], Path], int]


def pages(url: str, ids: list[str], kind: Any) -> Iterator[tuple[str, Any]]:
    """Each page of runs, decoded as a list of *kind*, and whose runs they are."""
    import httpx
    import msgspec

    links = msgspec.defstruct("Links", [("next", dict[str, str | None] | None, None)])
    page = msgspec.defstruct(
        "Page", [("data", list[kind]), ("links", links | None, None)]
    )
    decoder = msgspec.json.Decoder(page, strict=False)
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {KEY}"}) as http:
        for identity in ids:
            href: str | None = f"/api/workflows/automations/{identity}/runs?limit=200"
            while href:
                answer: Any = decoder.decode(http.get(href).raise_for_status().content)
                yield identity, answer.data
                following = answer.links.next if answer.links else None
                href = following["href"] if following else None


def run_type(time: Any) -> Any:
    """A run of the fields that the lake keeps, with times of type *time*."""
    import msgspec

    types: dict[str, Any] = {
        "start_time": time,
        "stop_time": time,
        "created_at": time,
        "updated_at": time,
        "scheduled_start_time": time,
        "space_id": str,
        "owner_id": str,
        "executed_by_id": str,
        "status": str,
        "context": str,
        "is_test_run": bool,
        "billable": bool,
        "duration": int,
    }
    fields: list[Any] = [("id", str), ("error", msgspec.Raw, msgspec.Raw(b"null"))]
    fields += [(name, kind | None, None) for name, kind in types.items()]
    return msgspec.defstruct("Run", fields, rename="camel", gc=False)


def frame_of(url: str, ids: list[str], time: Any) -> Any:
    """All runs, in memory."""
    import msgspec
    import polars as pl

    kind = run_type(time)
    columns: dict[str, list[Any]] = {name: [] for name in kind.__struct_fields__}
    whose: list[str] = []
    for identity, data in pages(url, ids, kind):
        whose += [identity] * len(data)
        rows = zip(*map(msgspec.structs.astuple, data), strict=True)
        for name, values in zip(columns, rows, strict=False):
            columns[name].extend(values)
    columns["error"] = [bytes(one).decode() for one in columns["error"]]
    moment = pl.String if time is str else pl.Datetime("us", "UTC")
    types = {name: moment for name in columns if name.endswith(("_time", "_at"))}
    return pl.DataFrame(
        {"automation_id": whose, **columns}, schema_overrides=types, strict=False
    )


def loop(url: str, ids: list[str], folder: Path) -> int:
    """A plain loop with types, plausible times, each run once, a file a day; its rows.

    It has all runs in memory, and lists automations one after the other.
    """
    import polars as pl

    frame = frame_of(url, ids, datetime)
    times = pl.col(pl.Datetime)
    since, until = datetime(2015, 1, 1, tzinfo=UTC), NOW + timedelta(days=1)
    days = (
        frame.with_columns(pl.when(times.is_between(since, until)).then(times))
        .unique(subset="id", keep="last")
        .sort("id")
        .with_columns(day=pl.col("created_at").dt.date())
        .partition_by("day", as_dict=True)
    )
    for (day,), own in days.items():
        own.write_parquet(folder / f"{day}.parquet", compression="zstd")
    return int(frame.height)


def least(url: str, ids: list[str], folder: Path) -> int:
    """HTTP, decoding, writing, nothing else: times are text, and one file has all."""
    frame = frame_of(url, ids, str)
    frame.write_parquet(folder / "runs.parquet", compression="zstd")
    return int(frame.height)


def ours(url: str, ids: list[str], folder: Path) -> int:
    """The extraction's own way, to a lake of days; its rows."""
    from pipeline.config import Extract, Run, Settings, TenantAccess
    from pipeline.endpoints import AUTOMATIONS as LISTED
    from pipeline.extract import Extraction
    from pipeline.extract.progress import Listings
    from pipeline.extract.runs import read_runs
    from pipeline.tenant import Tenant

    limits = Extract(requests_per_minute=60_000_000, run_history_days=36_500)
    with Tenant(TenantAccess("bench", url, api_key=KEY), limits) as tenant:
        settings = Settings((), folder, first_day=FIRST_DAY, extract=limits)
        one = Extraction(tenant, Run(settings, NOW.date(), NOW), Listings(tenant))
        read_runs(one, LISTED.table.frame([]), set(ids), behind=False)
    return one.listings.outcomes[0].listing.rows


def measured(way: Way, url: str, ids: list[str], folder: Path) -> tuple[Used, int]:
    """What *way* takes in a process of its own, to a new *folder*, and its rows."""
    mine, yours = multiprocessing.Pipe()
    folder.mkdir()
    asked = (yours, way, url, ids, folder)
    process = multiprocessing.Process(target=_report, args=asked)
    process.start()
    yours.close()  # so that the end of the process is seen here
    answer: tuple[Used, int] = mine.recv()
    process.join()
    return answer


def _report(end: Connection, way: Way, url: str, ids: list[str], folder: Path) -> None:
    start = perf_counter()
    rows = way(url, ids, folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu, wall = used.ru_utime + used.ru_stime, perf_counter() - start
    end.send((Used(cpu, wall, measure.peak()), rows))


def by_dlt(url: str, ids: list[str], folder: Path) -> tuple[Used, int]:
    """What dlt's REST source takes, to a new *folder*, and its rows."""
    folder.mkdir()
    listed = folder / "ids"
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
    # Not above, where those who are measured would import it too.
    from served import serve

    mine, yours = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(yours, NOW, automations, KEY))
    process.start()
    try:
        yield mine.recv()
    finally:
        mine.send("end")
        process.join()


def measured_ways(runs: int) -> dict[str, tuple[Used, int]]:
    """What each way takes for about so many *runs*, and its rows, by its name."""
    multiprocessing.set_start_method("spawn", force=True)
    with (
        tempfile.TemporaryDirectory() as name,
        served(max(runs // RUNS_OF_ONE, 5)) as (url, ids),
    ):
        to = Path(name)
        ways = {"ours": ours, "a plain typed loop": loop, "the floor": least}
        took = {name: measured(way, url, ids, to / name) for name, way in ways.items()}
        if (OTHERS / "dlt").exists():
            took["dlt's REST source"] = by_dlt(url, ids, to / "dlt")
    return took


def pairs(runs: int, count: int) -> list[float]:
    """The CPU of the loop by ours, of so many pairs; the first is another each time."""
    multiprocessing.set_start_method("spawn", force=True)
    ratios = []
    with (
        tempfile.TemporaryDirectory() as name,
        served(max(runs // RUNS_OF_ONE, 5)) as (url, ids),
    ):
        for number in range(count):
            cpu: dict[str, float] = {}
            both = [("ours", ours), ("loop", loop)]
            for way, run in both if number % 2 else both[::-1]:
                used, _ = measured(run, url, ids, Path(name, f"{way}-{number}"))
                cpu[way] = used.cpu
            ratios.append(cpu["loop"] / cpu["ours"])
            print(
                f"ours {cpu['ours']:.2f}, loop {cpu['loop']:.2f} CPU s:"
                f" {ratios[-1]:.2f}"
            )
    return ratios


def main() -> None:
    """All ways after each other, or ours and the loop in pairs."""
    runs, count = (*map(int, sys.argv[1:3]), *(1_000_000, 0)[len(sys.argv[1:3]) :])
    if count:
        found = pairs(runs, count)
        low, high = min(found), max(found)
        print(f"mean {fmean(found):.2f}, {low:.2f} to {high:.2f}: rows a CPU second")
        return
    for name, (used, rows) in measured_ways(runs).items():
        rate = rows / used.cpu
        print(f"{name}: {rows:,} rows, {used}, {rate:,.0f} rows a CPU second")


if __name__ == "__main__":
    main()
