"""Nights whose lake is in a bucket are those whose lake is a folder."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from subprocess import Popen

import pytest

pytest.importorskip("moto", reason="needs moto and flask, of the extra dev")
pytest.importorskip("obstore")

from pipeline.sandbox import SandboxServer, World
from servers.bucket import ENV, KEY_ID, SECRET, Bucket, serve
from tools.commands import KEY, Folder
from worlds.small_builds import small_builds

pytestmark = pytest.mark.slow

NIGHTS = ("2026-03-01", "2026-03-03")
MONTH = "2026-02"
PRICES = "meter,unit_price,currency,valid_from\nruns,0.02,EUR,2026-01-01\n"
CHARGED = '[charge]\nrate_card = "rates.csv"\n'
LOCKED = "/_chargeback/lock.json"


@pytest.fixture(scope="module", autouse=True)
def few_tables() -> Iterator[None]:
    """What is looked at is what a bucket holds, and what is charged by it."""
    with small_builds():
        yield


@pytest.fixture(scope="module")
def tenant() -> Iterator[SandboxServer]:
    world = World(
        now=datetime(2026, 3, 1, 2, tzinfo=UTC), start=date(2026, 2, 20), automations=8
    )
    with SandboxServer(world, api_key=KEY) as server:
        yield server


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with serve() as bucket:
        yield bucket


def machine(path: Path, tenant: SandboxServer, lake: str = "") -> Folder:
    path.mkdir()
    (path / "rates.csv").write_text(PRICES)
    folder = Folder(path, tenant)
    folder.configure(lake + CHARGED, first_day="2026-02-20")
    return folder


def asked(folder: Folder, *args: str, code: int = 0) -> str:
    done = folder.chargeback(*args, **ENV)
    assert done.returncode == code, done.stderr
    assert SECRET not in done.stderr + done.stdout
    assert KEY_ID not in done.stderr + done.stdout
    return done.stdout if code == 0 else done.stderr


def nights(folder: Folder) -> None:
    """Two nights, and a closing after the first."""
    for night in NIGHTS:
        folder.server.world.now = datetime.fromisoformat(f"{night}T02:00+00:00")
        folder.today = night
        asked(folder, "extract")
        asked(folder, *(["close", MONTH] if night == NIGHTS[0] else ["build"]))


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory, tenant: SandboxServer) -> Folder:
    folder = machine(tmp_path_factory.mktemp("disk") / "a", tenant)
    nights(folder)
    return folder


@pytest.fixture(scope="module")
def stored(
    tmp_path_factory: pytest.TempPathFactory, tenant: SandboxServer, bucket: Bucket
) -> Folder:
    path = tmp_path_factory.mktemp("bucket") / "a"
    folder = machine(path, tenant, bucket.settings("lake"))
    nights(folder)
    return folder


def tables(folder: Folder) -> dict[str, str]:
    """Figures that people see; the times at which something was read are left out."""
    asked_for = {
        "charges": "from marts.charges order by all",
        "statement": "from marts.statement order by all",
        "usage": "from marts.automation_daily order by all",
        "runs": "from marts.runs order by all",
        "coverage": "select tenant, date, source, status, rows from marts.coverage"
        " order by all",
        "issued": "select * exclude (issued_at, seal) from marts.issued_statements",
    }
    return {
        name: asked(folder, "query", sql, "--format", "csv")
        for name, sql in asked_for.items()
    }


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_the_same_nights_make_the_same_lake_and_the_same_figures(
    disk: Folder, stored: Folder, bucket: Bucket
) -> None:
    on_disk = files(disk.path / "data" / "lake")
    mirrored = files(stored.path / "data" / "lake-mirror")
    in_bucket = {
        key.removeprefix("lake/"): content
        for key, content in bucket.objects.items()
        if key.startswith("lake/") and "_chargeback" not in key
    }

    assert len(on_disk) > 30
    assert in_bucket == mirrored == on_disk
    assert tables(stored) == tables(disk)
    assert len(tables(disk)["charges"].splitlines()) > 5
    assert "as they were closed" in asked(stored, "verify")


def test_a_machine_that_was_lost_is_restored_by_a_build(
    tmp_path: Path, tenant: SandboxServer, bucket: Bucket, stored: Folder
) -> None:
    """Closed months and the register too, so that nothing is corrected or numbered."""
    folder = machine(tmp_path / "b", tenant, bucket.settings("lake"))
    folder.today = NIGHTS[-1]
    asked(folder, "build")

    assert tables(folder) == tables(stored)
    assert files(folder.path / "data" / "closed") == files(
        stored.path / "data" / "closed"
    )
    assert "as they were closed" in asked(folder, "verify")


def test_what_reads_the_warehouse_needs_no_bucket(
    stored: Folder, bucket: Bucket
) -> None:
    bucket.requests.clear()
    tables(stored)
    stored.chargeback("status", **ENV)

    assert bucket.requests == []


def test_a_night_without_the_bucket_is_recorded_and_read_by_the_next(
    stored: Folder, bucket: Bucket
) -> None:
    bucket.fault = lambda *_: (503, "SlowDown")
    said = asked(stored, "extract", code=1)
    bucket.fault = lambda *_: False

    assert re.search(
        r"s3://\S+: http://127\S+ answered HTTP 503, after 0 retries", said
    )
    records = files(stored.path / "data" / "state" / "runs").values()
    assert any(b"answered HTTP 503" in record for record in records)
    asked(stored, "extract")


def killer(
    bucket: Bucket, night: list[Popen[str]], number: int
) -> Callable[[str, str], bool | None]:
    """A fault that kills the *night* before its put of that *number*."""
    puts = 0

    def fault(method: str, path: str) -> bool | None:
        nonlocal puts
        if method != "PUT" or path.endswith(LOCKED):
            return False
        puts += 1
        if puts == number:
            os.kill(night[0].pid, signal.SIGKILL)
            return None
        return False

    del bucket.requests[:]
    return fault


@pytest.mark.parametrize("number", [40])
def test_a_night_that_is_killed_is_completed_by_the_next(
    tmp_path: Path, tenant: SandboxServer, bucket: Bucket, disk: Folder, number: int
) -> None:
    prefix = f"killed-{number}"
    folder = machine(tmp_path / "c", tenant, bucket.settings(prefix))
    tenant.world.now = datetime.fromisoformat(f"{NIGHTS[-1]}T02:00+00:00")
    folder.today = NIGHTS[-1]
    night: list[Popen[str]] = []
    bucket.fault = killer(bucket, night, number)
    night.append(folder.start("extract", **ENV))
    night[0].communicate()
    bucket.fault = lambda *_: False
    assert night[0].returncode == -signal.SIGKILL
    asked(folder, "extract")

    found = files(folder.path / "data" / "lake-mirror")
    whole = files(disk.path / "data" / "lake")
    last = {name: one for name, one in whole.items() if NIGHTS[-1] in name}
    assert {name for name in found if "/usage/" not in name} >= {
        name for name in last if "coverage" not in name
    }
    assert {k.removeprefix(f"{prefix}/") for k in bucket.objects if prefix in k} >= {
        *found
    }
