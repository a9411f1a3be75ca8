"""Two tenants' autumn with allowance, tiers, splits and fees, for files of it."""

import subprocess
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from pipeline import build, warehouse
from pipeline.build import checks
from pipeline.config import Charge
from pipeline.endpoints import AUTOMATIONS, SPACES, USAGE, USERS
from pipeline.lake import Lake
from tools.commands import call
from worlds import finance_files
from worlds.lake import keep
from worlds.runs import run_of
from worlds.small_builds import small_builds

AS_OF = date(2026, 11, 12)
FIRST_DAY = date(2026, 9, 20)
OCTOBER = date(2026, 10, 1)
RATE = "1.08457"
LONG = "long " * 8000
# What a journal of theirs is posted to, in each layout.
LEDGER = """
expense_account = "6815"
clearing_account = "8990"
sending_cost_center = "900"
company_code = "1000"
[expense_accounts]
"Licence fee" = "6816"
[cost_centers]
"CC-100 Finance" = "100"
'=CC-200 "Sales", EMEA' = "200"
"CC-300 Ops" = "300"
[tenants]
acme = "AC"
beta = "BE"
[unallocated]
account = "6999"
cost_center = "999"
[sap]
[datev]
consultant = 29098
client = 55003
transfer_account = "1590"
[dynamics]
journal_name = "GenJrn"
account = "{account}-{cost_center}-"
[netsuite]
"""
HOSTILE = (
    '=HYPERLINK("http://evil.example";"click")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\tTab\nand newline;=1+1",
    LONG,
    "\u200f\u202eמחירון\u202c 🚀",  # noqa: RUF001 (from right to left)
    "<r><t>rich</t></r>",
    "bell \a _x0041_ & <b>",
    'quote " and comma, and ; semicolon',
)

_DAY = timedelta(days=1)
_RATES = """\
runs,0.02,{0},2026-01-01,,0,100,pro_rata
runs,0.015,{0},2026-01-01,,400,,
duration_hours,0.4,{0},2026-01-01,,,,
bandwidth_gb,0.081255,{0},2026-01-01,,,,
"""
_RULES = """\
10,CC-100 Finance,,Finance,,,,,60
10,"=CC-200 ""Sales"", EMEA",,Finance,,,,,40
20,CC-300 Ops,,Ops,,,,,
"""
_FIXED = """\
Licence fee,310,{0},2026-09,,even,,,
Support,100,{0},2026-09,,proportional,runs,,
-Goodwill,-7,{0},2026-10,2026-10,percent,,CC-100 Finance=100,acme
"""
_BUDGETS = "CC-100 Finance,2026-10,200\n"


# What exports of statements read beside what is built in any case.
_READ = frozenset(
    {"cost_center_daily", "cost_center_rollup", "statement_lines", "tie_out"}
)


@dataclass
class Folder:
    """A working folder with a configuration and a warehouse."""

    path: Path

    @property
    def warehouse(self) -> Path:
        return self.path / "warehouse.duckdb"

    def export(
        self, form: str, out: str, *more: str, month: str = "2026-10"
    ) -> subprocess.CompletedProcess[str]:
        command = ["export", month, "--format", form, "--out", out, *more]
        return call(*command, folder=self.path, env={"KEY": "x"})

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with warehouse.read(self.warehouse, with_macros=False) as connection:
            return connection.execute(sql).fetchall()


def make_folder(  # noqa: PLR0913 (what a test chooses)
    path: Path,
    *,
    currency: str = "EUR",
    closed: bool = False,
    hostile: bool = True,
    charge: str = "",
    display: str | None = None,
    small: bool = False,
) -> Folder:
    """A folder in which a night has built a warehouse of two tenants.

    Its October has corrections, and is *closed* or open. Names are *hostile*, or plain
    and in ASCII. Amounts are in the currency *display* too, if it is set. A *small*
    build makes what exports of statements read, and nothing else.
    """
    config = f"""
data_dir = "."
currency = "{currency}"
[[tenant]]
name = "acme"
url = "https://acme.example"
api_key = "env:KEY"
[charge]
{charge}
"""
    (path / "chargeback.toml").write_text(config)
    folder = Folder(path)
    content = warehouse_of(currency, display, hostile=hostile, small=small)
    folder.warehouse.write_bytes(content)
    with duckdb.connect(folder.warehouse) as connection:
        _correct(connection, currency)
        if closed:
            connection.execute(_CLOSE)
    return folder


@cache
def warehouse_of(
    currency: str, display: str | None = None, *, hostile: bool, small: bool = False
) -> bytes:
    """The file that the models make of the two tenants' lake, once a process."""
    with TemporaryDirectory() as name:
        path = Path(name)
        lake = Lake(path / "lake")
        plain = tuple(f"Job {number}" for number in range(len(HOSTILE)))
        _fill(lake, "acme", HOSTILE if hostile else plain)
        _fill(lake, "beta", plain[:1])
        seeds = finance_files.load(
            path,
            rates=finance_files.TIERS + "\n" + _RATES.format(currency),
            rules=finance_files.SPLITS + "\n" + _RULES,
            budgets=finance_files.BUDGETS + _BUDGETS,
            fixed=finance_files.FIXED + _FIXED.format(currency),
            exchange=f"currency,valid_from,rate\n{display},2026-10-01,{RATE}\n"
            if display
            else None,
            currency=currency,
            tenants=("acme", "beta"),
        )
        with (
            small_builds(also=_READ) if small else nullcontext(),
            warehouse.replacing(path / "warehouse.duckdb") as connection,
        ):
            charge = Charge(display_currency=display)
            run = run_of(path, AS_OF, first_day=FIRST_DAY, charge=charge)
            build.build(connection, run, seeds)
            checks.check(connection)
        return (path / "warehouse.duckdb").read_bytes()


_CLOSE = """
update marts.statement
set closed = true, status = 'FINAL', statement_version = 1, seal = sha256(cost_center),
statement_number = tenant || '-2026-10-' || substr(sha256(cost_center), 1, 3)
where month = date '2026-10-01';
insert into marts.closed_months by name
select tenant, month, timestamp '2026-11-05 09:00' as closed_at
from marts.statement where month = date '2026-10-01' group by all
"""


def _correct(connection: duckdb.DuckDBPyConnection, currency: str) -> None:
    """Corrections of September in October, a credit and a charge, as closing has it."""
    for cost_center, sign in (("CC-100 Finance", -1), ("CC-300 Ops", 1)):
        connection.execute(
            "insert into marts.charges by name select tenant, month,"
            " max(line) + 1 as line, 'adjustment' as kind, $1 as cost_center,"
            " 'runs' as meter, $2 * 50 as quantity, 'runs' as unit,"
            " $2 as gross_amount, 0 as included_amount, $2 as amount, $3 as currency,"
            " date '2026-09-01' as corrects_month,"
            " 'acme-2026-09-002' as corrects_statement, 'usage' as cause"
            " from marts.charges where tenant = 'acme' and month = date '2026-10-01'"
            " group by all",
            [cost_center, sign, currency],
        )
        connection.execute(
            "update marts.statement set amount = amount + $2,"
            " adjustment_amount = $2, ytd_amount = ytd_amount + $2"
            " where tenant = 'acme' and month = date '2026-10-01' and cost_center = $1",
            [cost_center, sign],
        )
        connection.execute(
            "insert into marts.statement_lines by name select tenant, month,"
            " cost_center, 99 as position, kind, meter, quantity, unit, gross_amount,"
            " included_amount, amount, currency, corrects_month, corrects_statement,"
            " cause, 1 as charges, 'select' as trace_query from marts.charges"
            " where kind = 'adjustment' and cost_center = $1",
            [cost_center],
        )


def _fill(lake: Lake, tenant: str, names: tuple[str, ...]) -> None:
    for day in (FIRST_DAY + n * _DAY for n in range((AS_OF - FIRST_DAY).days)):
        rows = [row for n in range(len(names)) for row in _usage(n, day, names[n])]
        keep(lake, USAGE.table, day, rows, tenant)
    for day in (FIRST_DAY, AS_OF - _DAY):
        _snapshot(lake, tenant, day, names)


def _snapshot(lake: Lake, tenant: str, day: date, names: tuple[str, ...]) -> None:
    users = [{"user_id": f"u{n}", "name": name} for n, name in enumerate(names[:3])]
    spaces = [
        {"space_id": "s0", "name": "Finance", "type": "shared"},
        {"space_id": "s1", "name": "Ops", "type": "shared"},
        {"space_id": "s2", "name": "=Elsewhere", "type": "shared"},
    ]
    automations = [
        {
            "automation_id": f"a{n}",
            "name": name,
            "owner_id": f"u{n % 3}",
            "space_id": f"s{n % 3}",
            "state": "available",
        }
        for n, name in enumerate(names)
    ]
    keep(lake, USERS.table, day, users, tenant)
    keep(lake, SPACES.table, day, spaces, tenant)
    keep(lake, AUTOMATIONS.table, day, automations, tenant)


def _usage(number: int, day: date, name: str) -> list[dict[str, Any]]:
    values = {
        "runs": 1 + (day.toordinal() * (number + 3)) % 4,
        "duration": 61 * (number + 1) + day.day,
        "bandwidthIn": 310_000_007 * (number + 1),
        "bandwidthOut": 12_345_678,
    }
    return [
        {
            "automation_id": f"a{number}",
            "metric": metric,
            "value": value,
            "automation_name": name[:50],
            "owner_id": f"u{number % 3}",
        }
        for metric, value in values.items()
    ]
