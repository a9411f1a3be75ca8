"""Which folders of the lake are a tenant's, and since which day they count."""

from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copytree

import polars as pl
import pytest

from pipeline.config import Settings, TenantAccess
from pipeline.endpoints import USAGE
from pipeline.lake import DayCoverage, Lake, present
from pipeline.lake.tenants import KnownTenant, write

DAY = date(2026, 10, 1)
ACME = KnownTenant("acme", "1", "a.example.com")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of acme, which is configured, and of beta, which left, a day was read."""
    settings = Settings((TenantAccess("acme", "https://a.example.com"),), tmp_path)
    read_at = DayCoverage("complete", datetime(2026, 10, 2, tzinfo=UTC))
    for name in ("acme", "beta"):
        Lake(settings.lake).cover(USAGE.table, name, {DAY: read_at})
    return settings


def copy(settings: Settings, old: str, new: str) -> None:
    coverage = settings.lake / "coverage"
    copytree(coverage / f"tenant={old}", coverage / f"tenant={new}")


def test_a_tenant_counts_that_is_configured_noted_or_closed(
    settings: Settings,
) -> None:
    write(settings.lake, [ACME])
    assert present.counted(settings) == {"acme"}
    assert present.left(settings) == {}

    write(settings.lake, [ACME, KnownTenant("beta", "2", "b.example.com")])
    assert present.counted(settings) == {"acme", "beta"}
    assert present.left(settings) == {"beta": [DAY]}

    write(settings.lake, [ACME])
    (settings.closed / "tenant=beta").mkdir(parents=True)
    assert present.counted(settings) == {"acme", "beta"}


def test_the_first_notes_have_the_tenants_that_left_before(settings: Settings) -> None:
    """An earlier version wrote none, and its files do not say whose they are."""
    for path in settings.lake.rglob("*.parquet"):
        pl.read_parquet(path, hive_partitioning=False).write_parquet(path)
    assert present.counted(settings) == {"acme", "beta"}

    write(settings.lake, present.noted(settings).values())
    copy(settings, "beta", "gamma")

    assert present.counted(settings) == {"acme", "beta"}
    assert present.noted(settings)["beta"] == KnownTenant("beta", None, "")


def test_without_notes_a_file_says_whose_it_is(settings: Settings) -> None:
    copy(settings, "acme", "ACME")

    assert present.counted(settings) == {"acme", "beta"}


def test_whose_host_is_not_known_may_be_at_any() -> None:
    earlier = KnownTenant("beta", None, "")

    assert not earlier.is_other(None, "b.example.com")
    assert not earlier.is_same(None, "b.example.com")


def test_a_first_day_is_the_configured_one_or_that_of_the_notes(
    settings: Settings,
) -> None:
    days = [date(2026, 10, day) for day in (2, 3)]
    write(
        settings.lake,
        [KnownTenant(name, None, "", (), days[0]) for name in ("acme", "beta")],
    )
    assert present.first_days(settings) == {"beta": days[0]}

    own = TenantAccess("acme", "https://a.example.com", first_day=days[1])
    other = Settings((own,), settings.data_dir, first_day=DAY)

    assert present.first_days(other) == {"acme": days[1], "beta": days[0]}
    assert present.first_day_of(other, "gamma") == DAY
