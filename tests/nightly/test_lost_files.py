"""A file of the lake that is lost is read again, or stops the run: never less money."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipeline.sandbox import Fault, SandboxServer, World
from tools.commands import AS_OF, KEY, Folder
from worlds.closing import Company

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

LOST = date(2026, 2, 20)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    now = datetime(2026, 3, 3, 2, tzinfo=UTC)
    world = World(now=now, start=date(2026, 2, 10), automations=30, forgets=False)
    with SandboxServer(world, api_key=KEY) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, server: SandboxServer) -> Iterator[Folder]:
    folder = Folder(tmp_path, server)
    folder.configure(first_day="2026-02-10")
    assert folder.chargeback("extract", "--as-of", AS_OF).returncode == 0
    server.requests.clear()
    yield folder
    server.faults.clear()


def file(folder: Folder, table: str, day: date = LOST) -> Path:
    path = folder.path / f"data/lake/{table}/tenant=acme/date={day}/{table}.parquet"
    assert path.is_file()
    return path


def content(folder: Folder) -> dict[Path, bytes]:
    lake = folder.path / "data/lake"
    return {path: path.read_bytes() for path in lake.rglob("*.parquet")}


@pytest.mark.parametrize("table", ["usage", "runs"])
@pytest.mark.parametrize("left", [None, -1])
def test_a_lost_day_is_read_again_to_the_byte(
    folder: Folder, table: str, left: int | None
) -> None:
    before, path = content(folder), file(folder, table)
    rows = pl.read_parquet(path, hive_partitioning=False)
    path.unlink()
    if left:
        rows.head(left).write_parquet(path)

    refused = folder.chargeback("build", "--as-of", AS_OF)
    result = folder.chargeback("extract", "--as-of", AS_OF)

    assert refused.returncode == 4
    assert str(path) in refused.stderr
    assert result.returncode == 0, result.stderr
    assert str(path) in result.stderr
    assert content(folder) == before


def test_a_lost_day_that_the_tenant_has_no_more_stops_the_run(folder: Folder) -> None:
    path = file(folder, "runs")
    path.unlink()
    folder.configure(
        first_day="2026-02-10",
        extract="requests_per_minute = 600000\nrun_history_days = 7",
    )

    results = [folder.chargeback(c, "--as-of", AS_OF) for c in ("run", "extract")]

    for result in results:
        assert result.returncode == 4
        assert f"{path}: " in result.stderr
        assert "restore it from a backup" in result.stderr
        assert "Traceback" not in result.stderr
    assert not (folder.path / "data/warehouse.duckdb").exists()


def test_a_lost_day_stays_known_until_the_tenant_answers(
    folder: Folder, server: SandboxServer
) -> None:
    path = file(folder, "usage")
    path.unlink()
    server.faults.add(Fault(kind="status", match=f"{LOST}", status=404))

    result = folder.chargeback("run", "--as-of", AS_OF)
    was_built = (folder.path / "data/warehouse.duckdb").exists()
    server.faults.clear()
    healed = folder.chargeback("run", "--as-of", AS_OF)

    assert result.returncode == 3
    assert not was_built
    assert healed.returncode == 0, healed.stderr


@pytest.mark.parametrize("table", ["automations", "users", "spaces"])
def test_a_lost_snapshot_of_an_earlier_day_stops_the_run(
    folder: Folder, table: str
) -> None:
    path = file(folder, table, date(2026, 3, 3))
    path.unlink()
    folder.today = "2026-03-04"

    result = folder.chargeback("extract", "--as-of", "2026-03-04")

    assert result.returncode == 4
    assert str(path) in result.stderr


def test_a_whole_table_that_is_lost_is_found(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(date(2026, 1, 4))
    company.build("2026-01-04")
    warehouse = (tmp_path / "data/warehouse.duckdb").read_bytes()
    (tmp_path / "data/lake/usage").rename(tmp_path / "elsewhere")

    result = company.chargeback("build", "--as-of", "2026-01-04")

    assert result.returncode == 4
    assert "date=2026-01-01/usage.parquet: not there, but its 2 rows" in result.stderr
    assert result.stderr.count("usage.parquet: not there, but its") == 3
    assert (tmp_path / "data/warehouse.duckdb").read_bytes() == warehouse


def test_without_its_note_a_lost_day_is_missing_and_not_less(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(date(2026, 1, 4))
    company.forget(date(2026, 1, 2))

    company.build("2026-01-04")

    assert company.ask(
        "select date, status from coverage"
        " where source = 'usage' and date < '2026-01-04' order by all"
    ) == [
        (date(2026, 1, 1), "complete"),
        (date(2026, 1, 2), "missing"),
        (date(2026, 1, 3), "complete"),
    ]


def test_days_before_the_first_one_may_be_lost(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(date(2026, 1, 4))
    (tmp_path / "data/lake/usage/tenant=acme/date=2026-01-01/usage.parquet").unlink()

    company.configure(first_day=date(2026, 1, 2))

    company.build("2026-01-04")


@pytest.mark.parametrize("table", ["usage", "runs", "coverage"])
def test_a_damaged_day_is_set_aside_and_read_again(folder: Folder, table: str) -> None:
    before, path = content(folder), file(folder, table)
    damaged = path.read_bytes()[:-9]
    path.write_bytes(damaged)

    refused = folder.chargeback("build", "--as-of", AS_OF)
    result = folder.chargeback("extract", "--as-of", AS_OF)

    assert refused.returncode == 4
    assert f"{path}: not as it was written\nrestore it" in refused.stderr
    assert result.returncode == 0, result.stderr
    assert f"{path}: not as it was written: set aside" in result.stderr
    assert {p.name for p in content(folder)} == {p.name for p in before}
    (renamed,) = path.parent.glob("*.damaged-*")
    assert renamed.read_bytes() == damaged
    if table != "coverage":  # whose time is that of the second reading
        assert content(folder) == before


def test_a_damaged_day_that_the_tenant_has_no_more_stops_the_run(
    folder: Folder,
) -> None:
    path = file(folder, "runs")
    path.write_bytes(b"")
    folder.configure(
        first_day="2026-02-10",
        extract="requests_per_minute = 600000\nrun_history_days = 7",
    )

    result = folder.chargeback("run", "--as-of", AS_OF)

    assert result.returncode == 4
    assert f"{path}: not there, but its" in result.stderr
    assert len([*path.parent.glob("*.damaged-*")]) == 1
