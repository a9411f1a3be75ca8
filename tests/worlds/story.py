"""A company that changes from run to run, beside the reference of its charges."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipeline import nightly, warehouse
from pipeline.closing import archive
from pipeline.config import Charge, Run
from pipeline.dates import last_day
from pipeline.endpoints import AUTOMATIONS, RUNS, SPACES, USAGE, USERS
from pipeline.lake import DayCoverage, Lake
from worlds.lake import put
from worlds.runs import HOUR, run_of
from worlds.truth import MATCHES, Facts, Fee, Finance, Price, Reading, Rule, owed

FIRST_DAY = date(2026, 1, 1)
DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}

# Rules need not name them all; fees may.
CENTERS = ["Finance", "Sales", "Legal", "IT"]

# When snapshots are taken and everything is made anew, one after the other; usage is of
# three days of each month.
NIGHTS = [
    date(2026, 1, 12),
    date(2026, 2, 2),
    date(2026, 2, 21),
    date(2026, 3, 3),
    date(2026, 3, 30),
    date(2026, 4, 2),
    date(2026, 5, 4),
]
DAYS = [date(2026, month, day) for month in (1, 2, 3, 4) for day in (5, 20, 28)]

_TABLES = {"automation": AUTOMATIONS, "owner": USERS, "space": SPACES}
_COLUMNS = {
    "automation": {"name": "name", "owner": "owner_id", "space": "space_id"},
    "owner": {"name": "name", "email": "email"},
    "space": {"name": "name"},
}
_IDS = {"automation": "automation_id", "owner": "user_id", "space": "space_id"}
_FINANCE = Finance(
    prices=(Price("runs", FIRST_DAY, None, ((0, 250_000),)),), rules=(), fees=()
)


def directory() -> dict[str, dict[str, dict[str, str]]]:
    """Who and what a tenant lists on its first night."""
    return {
        "automation": {
            "a1": {"name": "Invoices", "owner": "o1", "space": "s1"},
            "a2": {"name": "Orders", "owner": "o2", "space": "s2"},
            "a3": {"name": "Payroll", "owner": "o1", "space": ""},
        },
        "owner": {
            "o1": {"name": "Ann", "email": "ann@x.eu"},
            "o2": {"name": "Bob", "email": "bob@x.eu"},
        },
        "space": {"s1": {"name": "Finance"}, "s2": {"name": "Sales"}},
    }


@dataclass
class Story:
    """A working folder, the tenants as they are today, and what they said so far."""

    path: Path
    tenants: tuple[str, ...] = ("acme",)
    currency: str = "EUR"
    night: int = -1
    finance: Finance = _FINANCE
    facts: Facts = field(default_factory=Facts)
    today: dict[str, dict[str, dict[str, dict[str, str]]]] = field(default_factory=dict)
    unread: set[tuple[str, str]] = field(default_factory=set)
    runs: int = 0

    def __post_init__(self) -> None:
        self.path.mkdir(parents=True)
        self.today = {tenant: directory() for tenant in self.tenants}
        self.set_finance(self.finance)

    @property
    def as_of(self) -> date:
        return NIGHTS[self.night]

    @property
    def closed(self) -> Path:
        return self.path / "data" / "closed"

    @property
    def lake(self) -> Lake:
        return Lake(self.path / "data" / "lake")

    def run_on(self, as_of: date) -> Run:
        files = ("rates", "rules", "fixed")
        rates, rules, fixed = (self.path / f"{name}.csv" for name in files)
        return run_of(
            self.path / "data",
            as_of,
            tenants=self.tenants,
            charge=Charge(rate_card=rates, cost_centers=rules, fixed_costs=fixed),
            currency=self.currency,
            first_day=FIRST_DAY,
        )

    # What happens at the tenant.

    def dawn(self) -> None:
        """The next night: what was used since the last one, and today's snapshots."""
        before = self.as_of if self.night >= 0 else FIRST_DAY
        self.night += 1
        last = max((day for day in DAYS if day < before), default=None)
        for tenant in self.tenants:
            if last:
                self.read_again(tenant, last)
            for day in DAYS:
                if before <= day < self.as_of:
                    self.ordinary(tenant, day)
            for kind, listed in self.today[tenant].items():
                if (tenant, kind) not in self.unread:
                    self.snapshot(tenant, kind, listed)
        self.unread.clear()

    def create(self, tenant: str, kind: str, name: str, called: str) -> None:
        """Something new, or what was deleted, under another name."""
        columns = {"name": called, "email": "new@y.eu", "owner": "o1", "space": "s1"}
        one = {column: columns[column] for column in _COLUMNS[kind]}
        self.today[tenant][kind][name] = one

    def read_again(self, tenant: str, day: date) -> None:
        """The same figures as before, under the names of today."""
        self.use(
            tenant,
            day,
            {
                name: (one["runs"], one["duration_hours"])
                for (of, used_on, name), one in self.facts.metered.items()
                if (of, used_on) == (tenant, day)
            },
        )

    def ordinary(self, tenant: str, day: date) -> None:
        """Some runs of each automation; of every other one they are listed, too."""
        listed = enumerate(self.today[tenant]["automation"].items())
        metered: dict[str, tuple[int, int]] = {}
        runs: list[tuple[str, str, str, int]] = []
        for n, (name, one) in listed:
            metered[name] = 7 + 5 * n + day.day, 900 * (n + day.month)
            if (n + day.day) % 2:
                runs.append((name, one["owner"], one["space"], 1 + n))
        self.use(tenant, day, metered)
        self.list_runs(tenant, day, runs)

    def snapshot(
        self, tenant: str, kind: str, listed: Mapping[str, Mapping[str, str]]
    ) -> None:
        columns = _COLUMNS[kind]
        rows = [
            {_IDS[kind]: name, **{columns[key]: one[key] for key in columns}}
            for name, one in listed.items()
        ]
        put(self.lake, _TABLES[kind].table, self.as_of, rows, tenant)
        taken = (self.as_of, copy.deepcopy(dict(listed)))
        self.facts.snapshots[tenant, kind].append(taken)

    def use(
        self, tenant: str, day: date, metered: Mapping[str, tuple[int, int]]
    ) -> None:
        """Runs and seconds of automations on a day, instead of what was said before."""
        rows: list[dict[str, Any]] = []
        for name, (runs, seconds) in metered.items():
            key = (tenant, day, name)
            self.facts.metered[key] = {"runs": runs, "duration_hours": seconds}
            one = self.today[tenant]["automation"].get(name, {})
            first = Reading(max(self.as_of, day), one.get("name"), one.get("owner"))
            self.facts.readings.setdefault(key, first)
            who = {"automation_name": first.name, "owner_id": first.owner}
            ids = {"automation_id": name, "read_on": first.day}
            rows += (
                {**ids, **who, "metric": metric, "value": value}
                for metric, value in (("runs", runs), ("duration", seconds))
            )
        put(self.lake, USAGE.table, day, rows, tenant)
        read_at = datetime.combine(max(self.as_of, day), HOUR)
        read = {day: DayCoverage("complete", read_at)}
        self.lake.cover(USAGE.table, tenant, read)

    def list_runs(
        self, tenant: str, day: date, runs: Sequence[tuple[str, str, str, int]]
    ) -> None:
        """Further runs of 2 minutes: automation, owner, space, and how many."""
        start = datetime.combine(day, HOUR)
        rows: list[dict[str, Any]] = []
        for name, owner, space, number in runs:
            for _ in range(number):
                self.runs += 1
                rows.append(
                    {
                        "run_id": f"r{self.runs}",
                        "automation_id": name,
                        "owner_id": owner,
                        "space_id": space,
                        "status": "finished",
                        "created_at": start,
                        "started_at": start,
                        "stopped_at": start + timedelta(seconds=120),
                        "updated_at": start,
                    }
                )
            listed = self.facts.listed.setdefault((tenant, day, name), {})
            own = listed.setdefault((owner, space), {"runs": 0, "duration_hours": 0})
            own["runs"] += number
            own["duration_hours"] += 120 * number
        if rows:
            put(self.lake, RUNS.table, day, rows, tenant)

    # What finance sets.

    def set_finance(self, finance: Finance) -> None:
        self.finance = finance
        (self.path / "rates.csv").write_text(self._rates(finance.prices))
        (self.path / "rules.csv").write_text(_rules(finance.rules))
        (self.path / "fixed.csv").write_text(self._fees(finance.fees))

    def _rates(self, prices: Sequence[Price]) -> str:
        lines = ["meter,unit_price,currency,valid_from,valid_to,tier_from,included"]
        for price in prices:
            for number, (start, micros) in enumerate(price.tiers):
                amount = Decimal(micros).scaleb(-6)
                span = f"{price.first},{price.last or ''}"
                included = price.included or "" if number == 0 else ""
                lines.append(
                    f"{price.meter},{amount:f},{self.currency},{span},{start},{included}"
                )
        return "\n".join([*lines, ""])

    def _fees(self, fees: Sequence[Fee]) -> str:
        lines = ["item,amount,currency,valid_from,split,meter,shares,tenant"]
        for fee in fees:
            amount = Decimal(fee.minor).scaleb(-DIGITS[self.currency])
            meter = "runs" if fee.split == "proportional" else ""
            shares = ";".join(f"{name}={n / 100:.2f}" for name, n in fee.shares)
            lines.append(
                f"{fee.item},{amount:f},{self.currency},{fee.first:%Y-%m},{fee.split},"
                f"{meter},{shares},{fee.tenant}"
            )
        return "\n".join([*lines, ""])

    # What the pipeline makes of it.

    def build(self, as_of: date | None = None) -> None:
        nightly.build(self.run_on(as_of or self.as_of))

    def close(self, month: date) -> None:
        nightly.close(self.run_on(self.as_of), month, "a story has few days")

    def reverse(self, month: date) -> None:
        nightly.reverse(self.run_on(self.as_of), month, "as the story goes")

    @property
    def standing(self) -> set[tuple[str, date]]:
        """The tenants' months that are closed, and not reversed."""
        return {(one.tenant, one.month) for one in archive.load(self.closed).months}

    @property
    def due(self) -> list[date]:
        """The months that are over and not closed for every tenant, in order."""
        closed = self.standing
        ended = {day.replace(day=1) for day in DAYS if last_day(day) < self.as_of}
        return sorted(
            month
            for month in ended
            if any((tenant, month) not in closed for tenant in self.tenants)
        )

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        database = self.path / "data" / "warehouse.duckdb"
        with warehouse.read(database, with_macros=False) as connection:
            yield connection

    def files(self) -> dict[str, bytes]:
        """All that is closed, without what is hidden beside it."""
        found = (path for path in self.closed.rglob("*") if path.is_file())
        names = {path.relative_to(self.closed).as_posix(): path for path in found}
        return {
            name: path.read_bytes()
            for name, path in names.items()
            if not any(part.startswith(".") for part in name.split("/"))
        }

    def truth(self) -> dict[tuple[str, date, str], Decimal]:
        """The charges by today's facts and finance, by tenant, month, cost centre."""
        facts = self.facts
        months_closed = archive.load(self.closed).months
        facts.closed = {
            (one.tenant, one.month): one.manifest.as_of for one in months_closed
        }
        months = {
            day.replace(day=1)
            for day in [*DAYS, FIRST_DAY]
            if day.replace(day=1) < self.as_of
        }
        due = [(tenant, month) for tenant in self.tenants for month in months]
        digits = DIGITS[self.currency]
        coins = owed(facts, self.finance, due, digits)
        return {key: Decimal(value).scaleb(-digits) for key, value in coins.items()}


def _rules(rules: Sequence[Rule]) -> str:
    columns = tuple(MATCHES)
    lines = [f"priority,cost_center,percent,valid_from,valid_to,{','.join(columns)}"]
    lines += [f",{center},,,{',' * len(columns)}" for center in CENTERS]
    for priority, rule in enumerate(rules):
        patterns = dict(rule.patterns)
        values = ",".join(patterns.get(column, "") for column in columns)
        for center, share in rule.parts:
            percent = f"{share / 100:.2f}" if len(rule.parts) > 1 else ""
            lines.append(
                f"{priority},{center},{percent},{rule.first or ''},{rule.last or ''},"
                f"{values}"
            )
    return "\n".join([*lines, ""])
