"""The key of a tenant-month of a model: a hash of all that can change its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from hashlib import sha256

import duckdb

from pipeline import seeds
from pipeline.build.by_month.lake_files import LakeFiles
from pipeline.build.by_month.repeated import TenantMonth
from pipeline.config import Run
from pipeline.dates import next_month
from pipeline.errors import PipelineError
from pipeline.resources import resource
from pipeline.warehouse import Model

# Changes when files are written or made otherwise than before.
_FORMAT = 1

_SHORT = 32


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of models, in the order in which they are made."""

    connection: duckdb.DuckDBPyConnection
    run: Run
    lake: LakeFiles
    first_days: Mapping[str, date]
    known: dict[str, dict[TenantMonth, str]] = field(default_factory=dict)
    slices: dict[str, dict[TenantMonth, str]] = field(default_factory=dict)

    def of(self, model: Model) -> dict[TenantMonth, str]:
        """The key of each month of *model*; what it reads is there.

        Raises:
            PipelineError: It reads a table of which nobody says what a month sees.
        """
        code = _code(model)
        keys = {}
        for month in self.lake.months:
            inputs = [code, *map(str, month), *self._variables(model, month)]
            for name in sorted(model.needs):
                inputs += [name, *self._read(model, name, month)]
            digest = sha256("\n".join(inputs).encode()).hexdigest()
            keys[month] = digest[:_SHORT]
        self.known[model.name] = keys
        return keys

    def _variables(self, model: Model, month: TenantMonth) -> list[str]:
        """The variables that a model by month may ask for, as of *month*.

        Days after the month are none of it, so that it sees the end of it as the day of
        the run.
        """
        first = self.first_days.get(month.tenant) or self.run.settings.first_day
        as_of = min(self.run.as_of, next_month(month.month))
        asks = "getvariable('as_of')" in f"{model.sql} {model.claims}"
        return [str(first), str(as_of) if asks else ""]

    def _read(self, model: Model, name: str, month: TenantMonth) -> list[str]:
        """What goes into *month* of the table *name*."""
        if name in self.known:
            return [self.known[name][month]]
        if name in seeds.TABLES:
            return [_seed(name)]
        if name in self.lake.tables:
            return self.lake.digests(name, month)
        if name not in self.slices:
            self.slices[name] = self._slice(model, name)
        return [self.slices[name].get(month, "")]

    def _slice(self, model: Model, name: str) -> dict[TenantMonth, str]:
        """A hash over the rows of table *name* that a month sees, for each month."""
        path = resource("sql") / "slices" / f"{name}.sql"
        if not path.is_file():
            raise PipelineError(
                f"{model.place}: is made by month, and reads {name}: say in"
                f" sql/slices/{name}.sql what a month sees of it"
            )
        found = self.connection.execute(
            "select tenant, month, count(*), sum(cast(hash(seen) as hugeint)),"
            " bit_xor(hash(seen, 1))"
            f" from ({path.read_text(encoding='utf-8')}\n) as seen group by all"
        )
        return {
            TenantMonth(tenant, month): " ".join(map(str, inputs))
            for tenant, month, *inputs in found.fetchall()
        }


@cache
def _seed(name: str) -> str:
    path = resource("seeds") / f"{name}.csv"
    return sha256(path.read_bytes()).hexdigest()


def _code(model: Model) -> str:
    """The SQL of *model* and of all macros, and what runs it."""
    macros = sorted((resource("sql") / "macros").glob("*.sql"))
    bodies = [path.read_text(encoding="utf-8") for path in macros]
    return "\n".join([str(_FORMAT), duckdb.__version__, model.sql, *bodies])
