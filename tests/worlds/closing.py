"""A small company's lake and finance files, and the commands over them."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from pipeline import warehouse
from pipeline.endpoints import RUNS, USAGE
from pipeline.lake import Lake
from tools.commands import call
from worlds.lake import cover, keep, new_folder

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))
RATES = "meter,unit_price,currency,valid_from,valid_to\nruns,0.5,EUR,2026-01-01,\n"
RULES = "priority,cost_center,automation_id\n10,Finance,a1\n10,Sales,a2\n"
FIXED = (
    "item,amount,currency,valid_from,valid_to,split,meter,shares,tenant\n"
    "Licence fee,100,EUR,2026-01,,even,,,\n"
)
BUDGETS = "cost_center,month,amount\nFinance,2026-01,200\nFinance,2026-02,300\n"
FILES = {"rates": RATES, "rules": RULES, "fixed": FIXED, "budgets": BUDGETS}

_DAY = timedelta(days=1)


@dataclass
class Company:
    """A working folder with a lake of two automations, 3 and 2 runs a day."""

    path: Path
    tenants: tuple[str, ...] = ("acme",)

    def start(self, until: date, **files: str) -> None:
        """Finance files, and a lake from January to the day before *until*."""
        for name, text in {**FILES, **files}.items():
            self.write(name, text)
        self.configure()
        made = _made(until, self.tenants)
        shutil.copytree(made.path, self.path, dirs_exist_ok=True)

    def configure(
        self, more: str = "", first_day: date = JANUARY, of_tenant: str = ""
    ) -> None:
        tenants = "".join(
            f'[[tenant]]\nname = "{name}"\nurl = "http://127.0.0.1:{port}"\n'
            f'api_key = "env:COMPANY_KEY"\n{of_tenant}\n'
            for port, name in enumerate(self.tenants, 1)
        )
        keys = ("rate_card", "cost_centers", "fixed_costs", "budgets")
        names = dict(zip(keys, FILES, strict=True))
        charge = "".join(f'{key} = "{name}.csv"\n' for key, name in names.items())
        (self.path / "chargeback.toml").write_text(
            f"first_day = {first_day}\n{more}\n{tenants}[charge]\n{charge}"
        )

    def write(self, name: str, text: str) -> None:
        (self.path / f"{name}.csv").write_text(text)

    def use(self, day: date, runs: Mapping[str, int], tenant: str = "acme") -> None:
        """What the tenant says of *day*, read on the next morning."""
        lake = Lake(self.path / "data" / "lake")
        rows = [
            {"automation_id": name, "metric": "runs", "value": count, "owner_id": "o1"}
            for name, count in runs.items()
        ]
        keep(lake, USAGE.table, day, rows, tenant)
        cover(lake, RUNS.table, day, tenant)

    def forget(self, day: date, tenant: str = "acme") -> None:
        """As if *day* had never been read."""
        for table in ("usage", "coverage"):
            folder = self.path / "data/lake" / table / f"tenant={tenant}"
            (folder / f"date={day}" / f"{table}.parquet").unlink()

    @property
    def env(self) -> dict[str, str]:
        return {"COMPANY_KEY": "a key"}

    def chargeback(self, *args: str) -> subprocess.CompletedProcess[str]:
        """What a command says, without what checks warn of: the lake is a poor one."""
        done = call(*args, folder=self.path, env=self.env)
        lines = done.stderr.splitlines(keepends=True)
        reported = "".join(one for one in lines if not one.startswith("warning: warn_"))
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout, reported
        )

    def close(
        self, month: str, as_of: str, *more: str
    ) -> subprocess.CompletedProcess[str]:
        return self.chargeback("close", month, "--as-of", as_of, "--quiet", *more)

    def build(self, as_of: str) -> None:
        result = self.chargeback("build", "--as-of", as_of, "--quiet")
        assert (result.returncode, result.stderr) == (0, "")

    def folder(self, month: str, tenant: str = "acme") -> Path:
        return self.path / "data/closed" / f"tenant={tenant}" / f"month={month}"

    def manifest(self, month: str, tenant: str = "acme") -> dict[str, Any]:
        text = (self.folder(month, tenant) / "manifest.json").read_text()
        manifest: dict[str, Any] = json.loads(text)
        return manifest

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        path = self.path / "data" / "warehouse.duckdb"
        with warehouse.read(path, with_macros=False) as connection:
            return connection.execute(sql).fetchall()

    def adjustments(self) -> dict[tuple[str, ...], Decimal]:
        """Month and cost centre with cause, and what is corrected."""
        rows = self.ask(
            "select strftime(month, '%Y-%m'), strftime(corrects_month, '%Y-%m'),"
            " cost_center, coalesce(meter, item), cause, amount from charges"
            " where kind = 'adjustment'"
        )
        return {tuple(row[:-1]): row[-1] for row in rows}

    def files(self) -> dict[Path, bytes]:
        """All that is closed, and what is beside, to the byte."""
        root = self.path / "data" / "closed"
        return {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}


@cache
def _made(until: date, tenants: tuple[str, ...]) -> Company:
    """A company that has nothing but a lake, from January to the day before *until*."""
    company = Company(new_folder(), tenants)
    for tenant in tenants:
        for n in range((until - JANUARY).days):
            company.use(JANUARY + n * _DAY, {"a1": 3, "a2": 2}, tenant)
    return company
