"""The key of a tenant-month of a model: a hash of all that can change its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from hashlib import sha256

import duckdb

from pipeline import seeds
from pipeline.build.by_month import slices
from pipeline.build.by_month.asked import asked, asked_directly, macros_of
from pipeline.build.by_month.lake_files import LakeFiles
from pipeline.build.by_month.repeated import ALL, NO_MONTH, TenantMonth, seen
from pipeline.config import Run
from pipeline.dates import month_of, next_month
from pipeline.errors import PipelineError
from pipeline.resources import resource
from pipeline.warehouse import Model

# Changes when files are written or made otherwise than before.
_FORMAT = 2

_SHORT = 32


# What says of the rows of the lake what they say themselves: none of it is an input.
_IMPLIED = frozenset({"raw_repeated_runs"})

# What the models of a table say of a month: by month, then by tenant, a hash.
_Hashes = dict[date, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of models, in the order in which they are made."""

    connection: duckdb.DuckDBPyConnection
    run: Run
    lake: LakeFiles
    first_days: Mapping[str, date]
    known: dict[str, _Hashes] = field(default_factory=dict)
    slices: dict[str, _Hashes] = field(default_factory=dict)

    def of(self, model: Model) -> dict[TenantMonth, str]:
        """The key of each month of *model*; what it reads is there.

        Raises:
            PipelineError: It reads a table of which nobody says what a month sees.
        """
        stated = [_code(model), *self._variables(model)]
        keys, by_date = {}, _Hashes()
        for month in self._months(model):
            inputs = [*stated, *map(str, month), *self._days(model, month)]
            for name in sorted(model.needs):
                for one in seen(model, [month]):
                    inputs += [name, *self._read(model, name, one)]
            digest = sha256("\n".join(inputs).encode()).hexdigest()
            keys[month] = digest[:_SHORT]
            by_date.setdefault(month.month, {})[month.tenant] = keys[month]
        self.known[model.name] = by_date
        return keys

    def _months(self, model: Model) -> list[TenantMonth]:
        """The months that *model* may have rows of.

        Those of all tenants are also those that only other tables have, such as a month
        of fixed amounts without any usage.
        """
        if model.by_month.last_days is not None:
            return self._last_months(model, model.by_month.last_days)
        if not model.by_month.of_all_tenants:
            return self.lake.months
        days = {one.month for one in self.lake.months}
        for name in model.needs:
            days.update(self.known.get(name) or self._sliced(model, name))
        if model.by_month.with_month_before:
            days.update([next_month(day) for day in days if day > NO_MONTH])
        return [TenantMonth(ALL, day) for day in sorted(days)]

    def _last_months(self, model: Model, last_days: int) -> list[TenantMonth]:
        """Those that have one of the *last_days*, also where nothing new is of them."""
        months = {*self.lake.months}
        for name in model.needs:
            for day, tenants in self._sliced(model, name).items():
                months.update(TenantMonth(tenant, day) for tenant in tenants)
        first = month_of(self.run.as_of - timedelta(last_days))
        return sorted(one for one in months if one.month >= first)

    def _days(self, model: Model, month: TenantMonth) -> list[str]:
        """The first days of tenants, and the day of the run, as *month* sees them.

        Days after the month are none of it, so that it sees the end of it as the day of
        the run.
        """
        if month.tenant == ALL:
            first = f"{self.run.settings.first_day} {sorted(self.first_days.items())}"
        else:
            own = self.first_days.get(month.tenant)
            first = str(own or self.run.settings.first_day)
        as_of = min(self.run.as_of, next_month(month.month))
        return [first, str(as_of) if "as_of" in asked_directly(model) else ""]

    def _variables(self, model: Model) -> list[str]:
        """The values of all other variables that *model* asks for, in macros too."""
        names = asked(model) - {"first_day", "first_days"}
        if "as_of" in asked_directly(model):
            names.discard("as_of")
        stated = []
        for name in sorted(names):
            value = self.connection.execute(f"select getvariable('{name}')").fetchone()
            stated.append(f"{name} {value}")
        return stated

    def _read(self, model: Model, name: str, month: TenantMonth) -> list[str]:
        """What goes into *month* of the table *name*."""
        if name in _IMPLIED:
            return []
        if name in seeds.TABLES:
            return [_seed(name)]
        if name in self.lake.tables:
            own = self.lake.seen_by([month])
            return [text for one in own for text in self.lake.digests(name, one)]
        hashes = self.known.get(name) or self._sliced(model, name)
        found = hashes.get(month.month, {})
        if month.tenant == ALL:
            return [f"{tenant} {found[tenant]}" for tenant in sorted(found)]
        return [found[tenant] for tenant in (month.tenant, ALL) if tenant in found]

    def _sliced(self, model: Model, name: str) -> _Hashes:
        """A hash over the rows of a table that a month sees; none if it is by month."""
        given = (self.known, seeds.TABLES, self.lake.tables, _IMPLIED)
        if any(name in tables for tables in given):
            return {}
        if name not in self.slices:
            self.slices[name] = self._slice(model, name)
        return self.slices[name]

    def _slice(self, model: Model, name: str) -> _Hashes:
        select = slices.select(name)
        if select is None:
            raise PipelineError(
                f"{model.place}: is made by month, and reads {name}: say in"
                f" sql/slices/{name}.sql what a month sees of it"
            )
        months = sorted({one.month for one in self.lake.months})
        with slices.months_known(self.connection, months):
            found = self.connection.execute(
                "select tenant, month, count(*), sum(cast(hash(seen) as hugeint)),"
                f" bit_xor(hash(seen, 1)) from ({select}\n) as seen"
                " where month is not null group by all"
            ).fetchall()
        hashes = _Hashes()
        for tenant, month, *inputs in found:
            hashes.setdefault(month, {})[tenant or ALL] = " ".join(map(str, inputs))
        return hashes


@cache
def _seed(name: str) -> str:
    path = resource("seeds") / f"{name}.csv"
    return sha256(path.read_bytes()).hexdigest()


def _code(model: Model) -> str:
    """The SQL of *model* and of the macros that it calls, and what runs it."""
    stated = [str(_FORMAT), duckdb.__version__, model.sql]
    return "\n".join([*stated, *macros_of(model)])
