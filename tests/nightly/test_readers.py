"""Nights replace a warehouse and its files while somebody reads: no error, no mixture.

`NIGHTS=10 READS=1000` are ten nights and a thousand reads.
"""

import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.build import by_month
from pipeline.build.by_month import kept
from pipeline.sandbox import SandboxServer, World
from tools.commands import KEY, Folder
from worlds.nights import HOUR

READER = Path(__file__).parents[1] / "tools" / "reader.py"
FIRST_NIGHT = date(2026, 3, 27)
NIGHTS = int(os.environ.get("NIGHTS", "3"))
READS = int(os.environ.get("READS", "30"))
CHARGE = '[charge]\nrate_card = "rates.csv"\n'
RATES = "meter,unit_price,currency,valid_from,valid_to\nruns,0.25,EUR,2026-01-01,\n"

pytestmark = [pytest.mark.slow, pytest.mark.endurance]


@pytest.fixture(autouse=True)
def views(monkeypatch: pytest.MonkeyPatch) -> None:
    """All months are files, and all tables of them views of these."""
    monkeypatch.setattr(by_month, "WORTH_KEEPING", 0)
    monkeypatch.setattr(kept, "TOGETHER", 1)
    monkeypatch.setattr(kept, "LARGE", 0)


def test_who_reads_beside_nights_sees_each_as_it_was_built(tmp_path: Path) -> None:
    world = World(
        now=datetime.combine(FIRST_NIGHT, HOUR),
        start=FIRST_NIGHT - timedelta(days=40),
        automations=12,
        late_usage=True,
    )
    (tmp_path / "rates.csv").write_text(RATES)
    seen: set[str] = set()
    with SandboxServer(world, api_key=KEY, shape="live") as server:
        folder = Folder(tmp_path, server)
        folder.configure(CHARGE, first_day=str(world.start))
        run(folder, world, FIRST_NIGHT)
        database = tmp_path / "data/warehouse.duckdb"
        command = [sys.executable, str(READER), str(database), str(READS // NIGHTS)]
        with subprocess.Popen(
            command, stdin=-1, stdout=-1, stderr=-1, text=True
        ) as one:
            assert one.stdin
            assert one.stdout
            assert one.stderr
            for n in range(1, NIGHTS + 1):
                print(file=one.stdin, flush=True)
                run(folder, world, FIRST_NIGHT + timedelta(days=n))
                line = one.stdout.readline() or pytest.fail(one.stderr.read())
                seen |= {*line.split()}

    assert len(seen) >= NIGHTS


def run(folder: Folder, world: World, today: date) -> None:
    world.now = datetime.combine(today, HOUR)
    folder.today = str(today)
    result = folder.chargeback("run", "--quiet")
    assert result.returncode == 0, result.stderr
