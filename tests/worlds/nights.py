"""Nights of a sandbox tenant: extract, build, and what the truth is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import duckdb

from pipeline import build, warehouse
from pipeline.build import checks
from pipeline.config import Extract, Run, Settings, TenantAccess
from pipeline.extract import Extraction, required
from pipeline.extract.progress import Listings
from pipeline.finance import FinanceFiles
from pipeline.lake import Lake, Table
from pipeline.sandbox import SandboxServer, TruthRow, World
from pipeline.tenant import Tenant
from worlds.runs import run_of

KEY = "key-of-the-sandbox"
HOUR = time(2, tzinfo=UTC)
PRICELESS = FinanceFiles("EUR")
USAGE_TABLES = ("usage_daily", "runs", "automations")


@dataclass
class Nights:
    """A tenant and a data folder, a night after the other."""

    server: SandboxServer
    folder: Path
    limits: Extract
    first_day: date | None

    def extract(
        self,
        as_of: date,
        since: date | None = None,
        now: datetime | None = None,
        of_tenant: datetime | None = None,
    ) -> int:
        """Extract up to *as_of*; the number of requests it took.

        The tenant's clock shows *now* too, unless it is another time *of_tenant*.
        """
        access = TenantAccess("sandbox", self.server.url, api_key=KEY)
        moment = now or datetime.combine(as_of, HOUR)
        self.server.world.now = of_tenant or moment
        settings = Settings(
            (access,), self.folder, first_day=self.first_day, extract=self.limits
        )
        run = Run(settings, as_of, moment, since)
        with Tenant(access, self.limits) as tenant:
            required.read(Extraction(tenant, run, Listings(tenant)))
            return tenant.requests_sent

    @property
    def lake(self) -> Lake:
        return Lake(self.folder / "lake")

    def build(self, as_of: date) -> duckdb.DuckDBPyConnection:
        """All tables, which are checked."""
        with warehouse.replacing(self.folder / "warehouse.duckdb") as connection:
            build.build(connection, run_of(self.folder, as_of), PRICELESS)
            checks.check(connection)
        return self.read()

    def build_usage(self, as_of: date) -> duckdb.DuckDBPyConnection:
        """The tables of what was used, which take a third of the time of all."""
        with warehouse.replacing(self.folder / "warehouse.duckdb") as connection:
            run = run_of(self.folder, as_of)
            build.build(connection, run, PRICELESS, only=USAGE_TABLES)
        return self.read()

    def read(self) -> duckdb.DuckDBPyConnection:
        return warehouse.read(self.folder / "warehouse.duckdb", with_macros=False)

    def files(self) -> dict[Path, tuple[bytes, int]]:
        """What the lake holds, to the byte and with its times."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


def pace(run_history_days: int) -> Extract:
    return Extract(requests_per_minute=600_000, run_history_days=run_history_days)


def truth(world: World, before: date) -> dict[tuple[date, str, str], tuple[int, ...]]:
    return {key(row): tuple(row[3:]) for row in world.truth() if row.date < before}


def key(row: TruthRow) -> tuple[date, str, str]:
    return row.date, row.owner_id, row.space_id


def usage_daily(
    connection: duckdb.DuckDBPyConnection,
) -> dict[tuple[date, str, str], tuple[int, ...]]:
    rows = connection.execute(
        "select date, owner_id, space_id, runs, third_party_runs, failed_runs,"
        " duration_seconds, bandwidth_in_bytes, bandwidth_out_bytes"
        " from marts.usage_daily"
    )
    return {
        (d, owner, space): tuple(rest) for d, owner, space, *rest in rows.fetchall()
    }


def complete(lake: Lake, table: Table) -> set[date]:
    return set(lake.coverage("sandbox", table).filter(status="complete")["date"])
