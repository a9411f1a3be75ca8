"""The first day bounds what is kept and charged, whatever stands on a page with it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.endpoints import RUNS
from pipeline.extract import runs
from pipeline.extract.days import by_kept_day
from pipeline.sandbox import SandboxServer, World
from worlds.nights import HOUR, KEY, Nights, pace, truth, usage_daily

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
AS_OF = date(2026, 5, 6)
FIRST_DAY = date(2026, 5, 3)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    world = World(
        now=datetime.combine(AS_OF, HOUR), start=AS_OF - 8 * DAY, automations=60
    )
    with SandboxServer(world, api_key=KEY, shape="live") as server:
        yield server


@pytest.mark.parametrize("page_size", [1, 10, 100])
def test_figures_do_not_depend_on_the_size_of_a_page(
    server: SandboxServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    page_size: int,
) -> None:
    """A large page has runs of the days before the first one, too."""
    monkeypatch.setattr(runs, "RUNS", replace(RUNS, page_size=page_size))
    nights = Nights(server, tmp_path, pace(30), FIRST_DAY)

    nights.extract(AS_OF)

    expected = {
        k: v for k, v in truth(server.world, AS_OF).items() if k[0] >= FIRST_DAY
    }
    with nights.build_usage(AS_OF) as connection:
        assert usage_daily(connection) == expected
        listed = connection.execute("select min(date), max(date) from runs").fetchone()
    assert listed == (FIRST_DAY, AS_OF)
    assert min(day for day in kept(tmp_path)) == FIRST_DAY


def test_without_a_first_day_the_first_that_is_listed_bounds_too(
    server: SandboxServer, tmp_path: Path
) -> None:
    first = AS_OF - 3 * DAY
    nights = Nights(server, tmp_path, pace(4), None)

    nights.extract(AS_OF)

    expected = {k: v for k, v in truth(server.world, AS_OF).items() if k[0] >= first}
    with nights.build_usage(AS_OF) as connection:
        assert usage_daily(connection) == expected
    assert min(kept(tmp_path)) == first


def kept(folder: Path) -> set[date]:
    return {
        date.fromisoformat(path.name.removeprefix("date="))
        for path in folder.glob("lake/*/*/date=*")
    }


def test_a_run_belongs_to_the_day_of_its_start() -> None:
    before, on = (datetime.combine(FIRST_DAY - n * DAY, HOUR) for n in (1, 0))
    rows = pl.DataFrame(
        [
            ("started before", before, before),
            ("waited for the first day", before, on),
            ("waits since before", before, None),
            ("on the day", on, on),
            ("timeless", None, None),
        ],
        schema={
            "run_id": pl.String,
            **dict.fromkeys(TIMES[:2], pl.Datetime("us", "UTC")),
        },
        orient="row",
    ).with_columns(scheduled_at=pl.lit(None, pl.Datetime("us", "UTC")))

    found = by_kept_day(rows, FIRST_DAY)

    assert found.select("run_id", "created_date").rows() == [
        ("waited for the first day", FIRST_DAY),
        ("on the day", FIRST_DAY),
        ("timeless", None),
    ]


TIMES = ("created_at", "started_at")
