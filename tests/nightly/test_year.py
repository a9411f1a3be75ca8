"""Nights in a row, as cron calls them, with what befalls a folder in a year.

Months are closed, old records pruned, a folder of an earlier version is raised, and
after a lost disk a backup is restored. `NIGHTS=365` plays a year, a few nights without.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline import warehouse
from pipeline.sandbox import SandboxServer, World
from tools.commands import KEY, Folder
from worlds.nights import HOUR, truth, usage_daily
from worlds.small_builds import small_builds

pytestmark = [pytest.mark.slow, pytest.mark.endurance]

FIRST_NIGHT = date(2025, 1, 21)
NIGHTS = int(os.environ.get("NIGHTS", "18"))
LATE_DAYS = 3
CLOSED_ON = 5
PRICE = Decimal("0.25")
CHARGE = """
[charge]
rate_card = "rates.csv"
[privacy]
retention_months = 2
"""
RATES = f"meter,unit_price,currency,valid_from,valid_to\nruns,{PRICE},EUR,2025-01-01,\n"


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    world = World(
        now=datetime.combine(FIRST_NIGHT, HOUR),
        start=FIRST_NIGHT - timedelta(days=1),
        automations=12,
        late_usage=True,
    )
    with SandboxServer(world, api_key=KEY, shape="live") as server:
        yield server


def commanded(folder: Folder, *args: str) -> None:
    result = folder.chargeback(*args, "--quiet")
    assert result.returncode == 0, (folder.today, args, result.stderr)


def closed(folder: Folder) -> dict[Path, bytes]:
    root = folder.path / "data" / "closed"
    return {
        path.relative_to(root): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != "register"
    }


def test_nights_of_a_year_end_equal_to_the_truth(
    tmp_path: Path, server: SandboxServer
) -> None:
    work, backup = tmp_path / "work", tmp_path / "backup"
    work.mkdir()
    folder = Folder(work, server)
    folder.configure(CHARGE, first_day=str(FIRST_NIGHT - timedelta(days=1)))
    (work / "rates.csv").write_text(RATES)
    frozen: dict[Path, bytes] = {}
    months: list[str] = []

    with small_builds():
        for number in range(NIGHTS):
            today = FIRST_NIGHT + timedelta(days=number)
            folder.today = str(today)
            server.world.now = datetime.combine(today, HOUR)
            if number % 60 == 9:  # the folder as an earlier version left it
                (work / "data" / "state" / "format.json").unlink()
            if number % 60 == 16:  # its disk is lost
                shutil.rmtree(work)
                shutil.copytree(backup, work)
                commanded(folder, "verify")

            commanded(folder, "run")
            commanded(folder, "status")
            if today.day == CLOSED_ON:
                months.append(f"{today - timedelta(days=CLOSED_ON):%Y-%m}")
                commanded(folder, "close", months[-1])
            if number % 30 == 12:
                commanded(folder, "prune")

            now_closed = closed(folder)
            assert {path: now_closed.get(path) for path in frozen} == frozen
            frozen = now_closed
            if number % 60 == 15:
                shutil.copytree(work, backup, dirs_exist_ok=True)

    commanded(folder, "build", "--full")
    commanded(folder, "verify")
    assert (work / "data" / "state" / "format.json").exists()
    assert_equal_to_the_truth(folder, server.world, months)


def assert_equal_to_the_truth(folder: Folder, world: World, months: list[str]) -> None:
    """Usage to the unit, and what was closed and is open to the cent."""
    today = date.fromisoformat(folder.today)
    settled = today - timedelta(days=LATE_DAYS)
    used = truth(world, settled)
    with warehouse.read(folder.path / "data" / "warehouse.duckdb") as connection:
        found = usage_daily(connection)
        charged = connection.execute(
            "select strftime(month, '%Y-%m'), sum(amount) from statement"
            " where closed group by all"
        ).fetchall()

    assert {row: value for row, value in found.items() if row[0] < settled} == used
    runs: dict[str, int] = defaultdict(int)
    for (day, _, _), (count, *_) in used.items():
        runs[f"{day:%Y-%m}"] += count
    assert dict(charged) == {month: runs[month] * PRICE for month in months}
