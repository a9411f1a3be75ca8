"""Nights of the optional sources: a tenant that has forgotten most of its runs."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from pipeline import config
from pipeline.config import Extract, Settings, Sources, TenantAccess
from pipeline.endpoints import AUTOMATIONS, RUNS
from pipeline.extract import Extraction, optional
from pipeline.extract.progress import Listings
from pipeline.lake import Lake, Table
from pipeline.sandbox import SandboxServer, World
from pipeline.sandbox.world.population import DAY
from pipeline.sandbox.world.runs import Run
from pipeline.tenant import Tenant

KEY = "key-of-the-sandbox"
AS_OF = date(2026, 11, 17)
NOW = datetime.combine(AS_OF, time(2, tzinfo=UTC))
LIMITS = Extract(requests_per_minute=600_000, retries=0)
EVENTS = Sources(audit_events=True)

# Every source that is switched on, as settings and as a section of the configuration.
_SWITCHES = [one.name for one in msgspec.structs.fields(Sources) if one.type is bool]
EVERY_SOURCE = msgspec.convert(dict.fromkeys(_SWITCHES, True), Sources)
EVERY_SECTION = "[sources]\n" + "".join(f"{name} = true\n" for name in _SWITCHES)


def connect(url: str) -> Tenant:
    access = TenantAccess("acme", url, api_key=KEY)
    return Tenant(access, LIMITS)


def extraction(
    tenant: Tenant, folder: Path, wanted: Sources, lookback_days: int = 3, **run: Any
) -> Extraction:
    """What the optional sources that are *wanted* are read with."""
    limits = msgspec.structs.replace(LIMITS, lookback_days=lookback_days)
    settings = Settings((), folder, extract=limits, sources=wanted)
    span = {"as_of": AS_OF, "now": NOW, **run}
    return Extraction(tenant, config.Run(settings, **span), Listings(tenant))


@dataclass
class Night:
    """A tenant, a lake, and what is read of the one into the other."""

    server: SandboxServer
    folder: Path
    listed: int = 0

    @property
    def lake(self) -> Lake:
        return Lake(self.folder / "lake")

    def tenant(self) -> Tenant:
        return connect(self.server.url)

    def read(self, wanted: Sources, **run: Any) -> None:
        with self.tenant() as tenant:
            optional.read(extraction(tenant, self.folder, wanted, **run))

    def list_runs(self) -> None:
        """What a night's extraction leaves: the automations, and all listed runs."""
        with self.tenant() as tenant:
            automations = pl.concat(tenant.pages(AUTOMATIONS))
            self.lake.merge(AUTOMATIONS.table, "acme", AS_OF, automations)
            for automation_id in automations["automation_id"]:
                pages = list(tenant.pages(RUNS, automation_id))
                rows = pl.concat(pages).select(*RUNS.table.columns)
                for (day,), runs in rows.group_by(pl.col("created_at").dt.date()):
                    assert isinstance(day, date)
                    self.lake.merge(RUNS.table, "acme", day, runs)

    def rows(self, table: Table) -> pl.DataFrame:
        """All that the lake holds of *table*, with its day."""
        parts = [
            self.lake.read(table, "acme", day).with_columns(date=pl.lit(day))
            for day in self.lake.days(table, "acme")
        ]
        empty = table.frame([]).with_columns(date=pl.lit(None, pl.Date))
        return pl.concat([empty, *parts])

    def bytes(self) -> dict[Path, bytes]:
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in paths}

    def asked(self) -> list[str]:
        return [request.path for request in self.server.requests]

    def ended(self, first: date) -> dict[str, Run]:
        """The sandbox's own runs that ended from *first* on, the forgotten ones too."""
        world = self.server.world
        since = datetime.combine(first, time(), UTC).timestamp()
        days = range(int(since) // DAY - 14, world.second // DAY + 1)
        first_day = int(datetime.combine(world.start, time(), UTC).timestamp()) // DAY
        return {
            run.id: run
            for automation in world.all_automations
            for day in days
            if day >= first_day
            for run in world.runs_created(automation, day)
            if since <= run.stopped_at <= world.second
        }


def forgetful() -> World:
    """A tenant that has forgotten most of its runs."""
    return World(now=NOW, start=AS_OF - timedelta(days=100), automations=24, owners=9)
