"""A data folder may be anywhere: what its path spells means nothing."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.endpoints import USAGE
from pipeline.lake import Lake
from pipeline.sandbox import SandboxServer, World
from worlds.nights import HOUR, KEY, Nights, complete, pace, truth, usage_daily

pytestmark = pytest.mark.slow

AS_OF = date(2026, 5, 4)
FIRST_DAY = AS_OF - timedelta(days=2)
# Each one could be read as a part of the lake's own path, as a pattern, or not at all.
FOLDERS = [
    "date=2020-01-01",
    "tenant=x/date=backup/run_id=7",
    "a#b/a*b[1]/it's {here} 100%/Zürich \N{MONEY BAG}",
]


@pytest.fixture(scope="module")
def world() -> World:
    return World(now=datetime.combine(AS_OF, HOUR), start=FIRST_DAY, automations=8)


@pytest.mark.parametrize("name", FOLDERS)
def test_figures_are_the_same_wherever_the_data_is(
    world: World, tmp_path: Path, name: str
) -> None:
    """Beside a folder that `?` and `*` would find too."""
    folder, twin = tmp_path / name, tmp_path / name.replace("a*b[1]", "axb1")
    with SandboxServer(world, api_key=KEY, shape="live") as server:
        for each in {twin, folder}:
            Nights(server, each, pace(30), FIRST_DAY).extract(AS_OF)
        nights = Nights(server, folder, pace(30), FIRST_DAY)
        nights.extract(AS_OF)

    assert len(complete(Lake(folder / "lake"), USAGE.table)) == 2
    with nights.build_usage(AS_OF) as connection:
        assert usage_daily(connection) == truth(world, AS_OF)
        tenants = connection.execute("select distinct tenant from usage_daily")
        assert tenants.fetchall() == [("sandbox",)]
