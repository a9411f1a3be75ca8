"""Clocks that jump, zones, leap days and years' ends: a day is a day of UTC."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.config import Settings, TenantAccess
from pipeline.endpoints import RUNS, TABLES, USAGE
from pipeline.errors import ConfigError
from pipeline.lake import COVERAGE, Lake, future
from pipeline.sandbox import SandboxServer, World
from tools.commands import call
from worlds.closing import FIXED, RATES, Company
from worlds.nights import HOUR, KEY, Nights, pace

pytestmark = pytest.mark.slow

FIRST, TODAY, WRONG = date(2026, 10, 1), date(2026, 10, 12), date(2027, 2, 3)


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Nights]:
    now = datetime.combine(TODAY, HOUR)
    with SandboxServer(World(now=now), api_key=KEY) as server:
        yield Nights(server, tmp_path / "data", pace(30), FIRST)


def settings_of(nights: Nights) -> Settings:
    access = TenantAccess("sandbox", nights.server.url, api_key=KEY)
    return Settings((access,), nights.folder, first_day=FIRST)


def rows(folder: Path) -> list[pl.DataFrame]:
    """All that the lake has of usage and runs, to the last day that is over."""
    lake = Lake(folder / "lake")
    return [
        lake.read(table, "sandbox", FIRST + timedelta(days=n)).sort("automation_id")
        for table in (USAGE.table, RUNS.table)
        for n in range((TODAY - FIRST).days)
    ]


def test_a_night_of_a_clock_that_ran_ahead_is_read_again(
    nights: Nights, tmp_path: Path
) -> None:
    begun = TODAY - timedelta(days=4)
    nights.extract(begun)
    now = datetime.combine(TODAY, HOUR)
    # The machine is in the wrong year for a night; the tenant is not.
    nights.extract(WRONG, now=datetime.combine(WRONG, HOUR), of_tenant=now)
    settings = settings_of(nights)

    with pytest.raises(
        ConfigError, match="tenant sandbox: was read at 2027-02-03"
    ) as said:
        future.check(settings, TABLES, now, None)
    first = date.fromisoformat(str(said.value).split("--since ")[1][:10])
    with pytest.raises(ConfigError, match="chargeback run --since"):
        future.check(settings, TABLES, now, first + timedelta(days=1))
    future.check(settings, TABLES, now, first)
    future.check(settings, TABLES, now, None)  # there is nothing any more
    nights.extract(TODAY, since=first, now=now)

    with SandboxServer(World(now=now), api_key=KEY) as server:
        right = Nights(server, tmp_path / "right", pace(30), FIRST)
        right.extract(begun)
        right.extract(TODAY)
    for one, other in zip(rows(nights.folder), rows(right.folder), strict=True):
        assert one.drop("read_on", strict=False).equals(
            other.drop("read_on", strict=False)
        )
    lake = Lake(nights.folder / "lake")
    assert max(lake.days(COVERAGE, "sandbox")) <= TODAY
    assert [*(nights.folder / "quarantine" / "of-the-future").rglob("*.parquet")]


def test_a_command_says_so_before_it_asks_anybody(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(date(2026, 1, 10))

    for command in ("run", "extract"):
        done = call(command, folder=tmp_path, env=company.env, today="2025-12-30")
        assert done.returncode == 2
        assert "tenant acme: was read at 2026-01-10 02:00 UTC" in done.stderr
        assert "chargeback run --since 2025-12-30" in done.stderr


@contextmanager
def zone(name: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        yield
    time.tzset()


def test_a_zone_moves_nothing_on_leap_days_and_at_the_end_of_a_year(
    tmp_path: Path,
) -> None:
    """Days at which something changes: a year, a leap day, daylight saving time."""
    used = {
        date(2023, 12, 31): 1,
        date(2024, 1, 1): 2,
        date(2024, 2, 28): 4,
        date(2024, 2, 29): 8,
        date(2024, 3, 1): 16,
        date(2024, 3, 10): 32,
        date(2024, 3, 31): 64,
        date(2024, 10, 27): 128,
        date(2024, 12, 31): 256,
        date(2025, 1, 1): 512,
    }
    company = Company(tmp_path)
    rates = RATES.replace("2026-01-01", "2023-01-01")
    with zone("America/St_Johns"):
        company.start(date(2026, 1, 1), rates=rates, fixed=FIXED.split("\n")[0])
        company.configure(first_day=date(2023, 12, 1))
        for day, runs in used.items():
            company.use(day, {"a1": runs})
        company.build("2025-01-02")
        found = company.ask(
            "select strftime(month, '%Y-%m'), cast(quantity as bigint)"
            " from charges where meter = 'runs' order by month"
        )

    assert found == [
        ("2023-12", 1),
        ("2024-01", 2),
        ("2024-02", 12),
        ("2024-03", 112),
        ("2024-10", 128),
        ("2024-12", 256),
        ("2025-01", 512),
    ]


def test_what_is_of_this_hour_is_not_of_the_future(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(date(2026, 1, 3))
    settings = Settings((TenantAccess("acme", ""),), tmp_path / "data")

    future.check(settings, TABLES, datetime(2026, 1, 3, 1, 30, tzinfo=UTC), None)
    with pytest.raises(ConfigError, match="set the clock"):
        future.check(settings, TABLES, datetime(2026, 1, 3, 0, 30, tzinfo=UTC), None)
