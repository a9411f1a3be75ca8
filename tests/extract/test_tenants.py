"""Several tenants side by side: what one of them suffers is its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.config import Extract, Run, Settings, TenantAccess
from pipeline.endpoints import RUNS, SPACES
from pipeline.errors import PipelineError, TenantError
from pipeline.extract import Extraction, extract, identity, progress, required
from pipeline.extract.progress import Outcome, Progress, Task
from pipeline.extract.tenants import read_all
from pipeline.lake import Lake
from pipeline.monitor import Listing
from pipeline.tenant import Tenant
from servers.script import Answer, Script, page, serve
from worlds.runs import HOUR
from worlds.script_nights import DAY, serve_usage

FIRST = "/api/v1/spaces?limit=100"
FAST = Extract(requests_per_minute=600_000)


@pytest.fixture
def scripts() -> Iterator[list[Script]]:
    with ExitStack() as stack:
        scripts = [stack.enter_context(serve()) for _ in range(2)]
        for script in scripts:
            script.routes[FIRST] = [page()]
        yield scripts


@pytest.fixture
def silent() -> Iterator[Progress]:
    with progress.start(quiet=True, form="text") as shown:
        yield shown


def accesses(scripts: list[Script]) -> list[TenantAccess]:
    return [
        TenantAccess(f"t{n}", script.url, api_key="a-key-of-theirs")
        for n, script in enumerate(scripts)
    ]


def listed(tenant: Tenant) -> list[Outcome]:
    rows = sum(frame.height for frame in tenant.pages(SPACES))
    return [Outcome(tenant.name, Listing("spaces", 1, rows, 0, 0, 0, 0))]


def test_tenants_are_read_at_the_same_time(
    scripts: list[Script], silent: Progress
) -> None:
    """Each waits for the other: one after the other they would wait in vain."""
    meeting = threading.Barrier(2, timeout=10)

    def read(tenant: Tenant, _: Task) -> list[Outcome]:
        meeting.wait()
        return listed(tenant)

    done = read_all(accesses(scripts), FAST, silent, read)

    assert [one.tenant for one in done.outcomes] == ["t0", "t1"]


def test_a_pause_that_one_tenant_asks_for_holds_no_other_back(
    scripts: list[Script], silent: Progress
) -> None:
    busy = Answer({}, status=429, headers={"Retry-After": "1"})
    scripts[0].routes[FIRST] = [busy, page()]
    waited: dict[str, float] = {}

    def read(tenant: Tenant, _: Task) -> list[Outcome]:
        found = listed(tenant)
        waited[tenant.name] = tenant.waited_seconds
        return found

    read_all(accesses(scripts), FAST, silent, read)

    assert waited == {"t0": pytest.approx(1, abs=0.1), "t1": 0}


@pytest.mark.parametrize("error", [TenantError, PipelineError])
def test_what_ends_one_tenants_night_does_not_end_the_others(
    scripts: list[Script], silent: Progress, error: type[PipelineError]
) -> None:
    """A tenant that is down, or a file of its lake that is broken."""
    failed = threading.Event()

    def read(tenant: Tenant, _: Task) -> list[Outcome]:
        if tenant.name == "t0":
            failed.set()
            raise error("of its own")
        failed.wait(10)
        return listed(tenant)

    done = read_all(accesses(scripts), FAST, silent, read)

    assert [one.tenant for one in done.outcomes] == ["t1"]
    assert list(done.failures) == ["t0"]


def test_a_tenant_that_is_closed_ends_the_waits_of_all_its_workers(
    scripts: list[Script],
) -> None:
    """Five minutes of a pause, or of a slow pace, would hold up who pressed Ctrl-C."""
    access, *_ = accesses(scripts)
    ended: list[Exception] = []

    def read(tenant: Tenant) -> None:
        try:
            for _ in range(100):
                listed(tenant)
        except PipelineError as exc:
            ended.append(exc)

    with Tenant(access, Extract(requests_per_minute=1)) as tenant:
        workers = [threading.Thread(target=read, args=(tenant,)) for _ in range(3)]
        for worker in workers:
            worker.start()
        while not scripts[0].requests:
            time.sleep(0.001)
    for worker in workers:
        worker.join(10)

    assert len(ended) == 3
    assert not any(isinstance(exc, TenantError) for exc in ended)
    assert len(scripts[0].requests) == 1


class Panic(BaseException):
    """What polars raises where its own code is broken."""


@pytest.mark.parametrize("error", [ValueError, RecursionError, MemoryError, Panic])
def test_what_nobody_expected_is_a_failure_of_one_tenant(
    scripts: list[Script],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
) -> None:
    """Its trace is kept, without the key."""
    serve_usage(scripts[0])
    serve_usage(scripts[1])
    two = tuple(accesses(scripts))
    settings = Settings(two, tmp_path, first_day=DAY, extract=FAST)
    run = Run(settings, DAY, datetime.combine(DAY, HOUR), tenants=two, quiet=True)

    def broken(extraction: Extraction) -> set[str]:
        if extraction.tenant.name == "t0":
            raise error("on a-key-of-theirs")
        return set()

    monkeypatch.setattr(required, "read_usage", broken)
    failure = extract(run)

    assert isinstance(failure, TenantError)
    assert f"unexpected {error.__name__}: on [hidden]" in str(failure)
    (kept,) = (tmp_path / "quarantine" / "tenant=t0").iterdir()
    assert "in broken" in kept.read_text()
    assert "a-key-of-theirs" not in kept.read_text()
    assert Lake(tmp_path / "lake").coverage("t1", RUNS.table).height == 1


def test_so_it_is_before_anything_is_read(
    scripts: list[Script], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While tenants are asked who they are."""
    serve_usage(scripts[0])
    serve_usage(scripts[1])
    two = tuple(accesses(scripts))
    settings = Settings(two, tmp_path, first_day=DAY, extract=FAST)
    run = Run(settings, DAY, datetime.combine(DAY, HOUR), tenants=two, quiet=True)

    def broken(tenant: Tenant, _: object) -> str | None:
        if tenant.name == "t0":
            raise Panic
        return None

    monkeypatch.setattr(identity, "identity", broken)
    failure = extract(run)

    assert "tenant t0: extraction: unexpected Panic" in str(failure)
    assert Lake(tmp_path / "lake").coverage("t1", RUNS.table).height == 1


def test_a_disk_that_is_full_is_named_and_the_others_are_read(
    scripts: list[Script], silent: Progress
) -> None:
    def read(tenant: Tenant, _: Task) -> list[Outcome]:
        if tenant.name == "t0":
            raise OSError(28, "No space left on device", "a.parquet")
        return listed(tenant)

    done = read_all(accesses(scripts), FAST, silent, read)

    assert [one.tenant for one in done.outcomes] == ["t1"]
    assert str(done.failures["t0"]).startswith("tenant t0: a.parquet: No space left")
