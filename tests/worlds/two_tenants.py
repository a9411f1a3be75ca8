"""Two tenants: a night of each, January closed; their servers can be made to fail."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from pipeline import warehouse
from pipeline.endpoints import TABLES
from pipeline.lake import Lake
from pipeline.sandbox import SandboxServer, World
from tools.commands import KEY, call
from worlds.small_builds import small_builds

TODAY = "2026-02-08"
DAY = date(2026, 2, 2)  # not in the lookback
NIGHT = ("run", "--no-deliver")  # small builds have not what is mailed
_NOW = datetime(2026, 2, 8, 2, tzinfo=UTC)
_START = date(2026, 1, 30)
_RATES = "meter,unit_price,currency,valid_from\nruns,0.5,EUR,2026-01-01\n"


@dataclass
class Night:
    """A folder with two tenants, and the servers that these are."""

    path: Path
    servers: dict[str, SandboxServer]

    def configure(self, extract: str = "", more: str = "") -> None:
        tenants = "".join(
            f'[[tenant]]\nname = "{name}"\nurl = "{one.url}"\n'
            'api_key = "env:SANDBOX_KEY"\n'
            for name, one in self.servers.items()
        )
        (self.path / "chargeback.toml").write_text(f"""
first_day = {_START}
{tenants}
[extract]
requests_per_minute = 600000
retries = 0
{extract}
[charge]
rate_card = "rates.csv"
{more}
""")

    def chargeback(self, *args: str, today: str = TODAY) -> CompletedProcess[str]:
        env = {"SANDBOX_KEY": KEY}
        return call(*args, folder=self.path, env=env, today=today)

    def file(self, name: str) -> Path:
        path = self.path / "data" / name
        assert path.is_file()
        return path

    def lake(self, table: str, day: date = DAY, tenant: str = "acme") -> Path:
        """The file that has a day, which is that of its month if this is closed."""
        (found,) = (one for one in TABLES if one.name == table)
        path = Lake(self.path / "data/lake").path(found, tenant, day)
        assert path.is_file()
        return path

    def records(self) -> list[Path]:
        return sorted((self.path / "data/state/runs").iterdir())

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with warehouse.read(self.path / "data/warehouse.duckdb") as connection:
            return connection.execute(sql).fetchall()

    def figures(self) -> list[Any]:
        names = ("charges", "statement", "automation_daily")
        return [self.ask(f"select * from {name} order by all") for name in names]


@contextmanager
def two_tenants(path: Path) -> Iterator[Night]:
    """The state after the first night, in *path*; builds are small meanwhile."""
    with ExitStack() as stack:
        stack.enter_context(small_builds(pages=True))
        worlds = {
            name: World(now=_NOW, start=_START, automations=8, seed=seed, forgets=False)
            for seed, name in enumerate(("acme", "beta"), 1)
        }
        night = Night(
            path,
            {
                name: stack.enter_context(SandboxServer(world, api_key=KEY))
                for name, world in worlds.items()
            },
        )
        (path / "rates.csv").write_text(_RATES)
        night.configure()
        for args in (NIGHT, ("close", "2026-01"), NIGHT):
            done = night.chargeback(*args)
            assert done.returncode == 0, done.stderr
        yield night
