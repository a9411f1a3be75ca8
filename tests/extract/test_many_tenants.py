"""Many small tenants: in one process, and in parts by several machines."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from pipeline.config import Extract, Part, Run, Settings
from pipeline.endpoints import USAGE
from pipeline.errors import PipelineError
from pipeline.extract import extract, tenants
from pipeline.extract.workers import WORKERS
from pipeline.lake import Lake
from servers.hosts import Hosts, serve
from worlds.runs import HOUR

DAY = date(2026, 5, 4)
FAST = Extract(requests_per_minute=600_000, lookback_days=0, run_history_days=1)


# The test's, that of the bars, and those of the server itself.
OWN_THREADS = 5


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    with serve() as hosts:
        yield hosts


def run_of(hosts: Hosts, count: int, folder: Path, part: Part | None = None) -> Run:
    accesses = tuple(
        one for one in hosts.accesses(count) if part is None or part.has(one.name)
    )
    settings = Settings(
        accesses, folder, first_day=DAY, extract=FAST, part=str(part or "")
    )
    now = datetime.combine(DAY, HOUR)
    return Run(settings, DAY, now, tenants=accesses, quiet=True)


def figures(folder: Path, count: int) -> dict[str, int]:
    lake = Lake(folder / "lake")
    return {
        f"t{n}": int(lake.read(USAGE.table, f"t{n}", DAY)["value"].sum())
        for n in range(count)
    }


def expected(hosts: Hosts, count: int) -> dict[str, int]:
    return {f"t{n}": int(hosts.url(n).split(".")[2]) for n in range(count)}


def test_many_tenants_are_read_with_the_threads_and_connections_of_a_few(
    hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with a pace of its own: so many in a minute is what each may be asked."""
    monkeypatch.setattr(tenants, "MOST_AT_ONCE", 4)

    assert extract(run_of(hosts, 40, tmp_path)) is None
    assert figures(tmp_path, 40) == expected(hosts, 40)
    assert hosts.most_threads <= 4 * (1 + WORKERS) + OWN_THREADS
    assert hosts.most_open <= 4 * (1 + WORKERS)


def test_tenants_that_fail_are_named_and_counted_where_they_are_many(
    hosts: Hosts, tmp_path: Path
) -> None:
    run = run_of(hosts, 25, tmp_path)
    nowhere = tuple(replace(one, url="http://127.0.0.1:1") for one in run.tenants)
    once = Extract(requests_per_minute=600_000, retries=0)
    broken = replace(
        run,
        tenants=nowhere,
        settings=replace(run.settings, tenants=nowhere, extract=once),
    )

    with pytest.raises(PipelineError) as caught:
        extract(broken)

    assert str(caught.value).startswith("25 tenants could not be read whole: t0, t1,")
    assert "t19, and 5 more\n" in str(caught.value)


def test_parts_share_all_tenants_out_and_each_stays_where_it_is() -> None:
    names = [f"tenant-{n}" for n in range(1000)]
    parts = [Part(number, 8) for number in range(1, 9)]

    shares = [{name for name in names if part.has(name)} for part in parts]

    assert sorted(name for share in shares for name in share) == sorted(names)
    assert all(90 < len(share) < 160 for share in shares)
    assert Part(3, 8).has("ACME") == Part(3, 8).has("acme")
