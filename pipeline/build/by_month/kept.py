"""Months of models: those that are kept, and those that are made and kept from now."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

import duckdb

from pipeline import warehouse
from pipeline.build.by_month import slices
from pipeline.build.by_month.batches import batches
from pipeline.build.by_month.engine import Engine, Inputs
from pipeline.build.by_month.facts import Facts, condition, portable, select_of
from pipeline.build.by_month.keys import Keys
from pipeline.build.by_month.passed_on import PassedOn
from pipeline.build.by_month.repeated import ALL, TenantMonth, seen
from pipeline.errors import PipelineError
from pipeline.formats.plurals import counted
from pipeline.warehouse import Model

log = logging.getLogger(__name__)

# Months of the lake that are made at once, in bytes: what goes into memory together.
TOGETHER = 64 * 2**20

# A larger month is made alone, and written as it is made.
ALONE = 16 * 2**20

# Larger tables are not copied into the warehouse: a view of their files stands there.
LARGE = 32 * 2**20

_SCHEMA = warehouse.SCHEMAS["month"]


@dataclass(frozen=True, slots=True)
class Kept:
    """Makes models by month, one after the other, out of what is kept of them.

    *models* are those of the build, by name.
    """

    connection: duckdb.DuckDBPyConnection
    keys: Keys
    facts: Facts
    models: Mapping[str, Model]
    engine: Engine | None = None
    made: dict[str, dict[TenantMonth, str]] = field(default_factory=dict)
    passed_on: PassedOn = field(init=False)

    def __post_init__(self) -> None:
        models = () if self.engine else self.models.values()  # an engine reads files
        object.__setattr__(self, "passed_on", PassedOn.of(self.connection, models))

    def make(self, model: Model) -> None:
        """Make what *model* lacks, and show all of it as its table."""
        keys = self.keys.of(model)
        if self.passed_on.has(model):
            is_new = self.facts.is_empty
            size = sum(map(self.keys.lake.size_of, keys))
            self.passed_on.show(model, keys if is_new and size <= TOGETHER else ())
            return
        names = {
            month: self.facts.name(model.name, month, key)
            for month, key in keys.items()
        }
        self.made[model.name] = names
        lacking = [month for month, name in names.items() if not self.facts.has(name)]
        if self._is_made_elsewhere(model, lacking):
            self._show(model, list(names.values()))
        else:
            self._make_here(model, lacking)
        months = counted(len(names), "month")
        log.info("%s: %d of %s made", model.name, len(lacking), months)

    def _make_here(self, model: Model, lacking: list[TenantMonth]) -> None:
        names = self.made[model.name]
        together = list(batches(lacking, self._room_of, TOGETHER))
        is_whole = len(together) == 1 and len(lacking) == len(names)
        if is_whole:
            warehouse.make(self.connection, [model])
            self._keep(model, model.table, lacking)
        else:
            for batch in together:
                self._make_batch(model, batch)
            self._show(model, list(names.values()))

    def _is_made_elsewhere(self, model: Model, lacking: list[TenantMonth]) -> bool:
        """Let the engine make what is *lacking*; False if it does not."""
        by = model.by_month
        # What an engine made is checked here.
        is_here = by.of_all_tenants or by.with_month_before or model.folder == "checks"
        if not lacking or not self.engine or is_here:
            return False
        inputs = Inputs(self.connection, self.keys.lake, self._files_of)
        made = self.engine.make(model, lacking, inputs)
        if made is None:
            return False
        source = f"({model.sql}\n)"
        empty = f"select {portable(self.connection, source)} from {source} where false"
        for month in lacking:
            name = self.made[model.name][month]
            if month in made:
                self.facts.take(name, made[month])
            else:
                self.facts.write(self.connection, name, empty)
        return True

    def _files_of(self, name: str, months: Sequence[TenantMonth]) -> list[Path] | None:
        """The files of *months* of a model by month; None if it is none."""
        if name not in self.made:
            return None
        made, own = self.made[name], set(months)
        whole = {one.month for one in months if one.tenant == ALL}
        return [
            self.facts.path(file)
            for one, file in made.items()
            if one in own or one.month in whole
        ]

    def _make_batch(self, model: Model, batch: list[TenantMonth]) -> None:
        """Make *batch* from its own months of what the model reads, and keep it."""
        is_large = self._is_large(model, batch)
        with _joined_as_written(self.connection) if is_large else nullcontext():
            views = self._show_months(model, seen(model, batch))
            own = replace(model, schema="month")
            if is_large:
                self._make_large(own, batch[0])
                views.append(own.table)
            else:
                warehouse.make(self.connection, [own])
                self._keep(model, own.table, batch)
                self.connection.execute(f"drop table {own.table}")
        for view in views:
            self.connection.execute(f"drop view {view}")

    def _show_months(self, model: Model, months: Sequence[TenantMonth]) -> list[str]:
        """Views of what *months* have of the tables that *model* needs."""
        views: list[str] = []
        passed_on = self.passed_on.read_by(model)
        needed = model.needs.union(*(one.needs for one in passed_on))
        for name in sorted(needed - {one.name for one in passed_on}):
            if select := self._select(name, months):
                views.append(f"{_SCHEMA}.{name}")
                self.connection.execute(f"create view {views[-1]} as {select}")
        self.passed_on.show_months(passed_on, self.keys.lake.seen_by(months))
        return [*views, *(one.table for one in passed_on)]

    def _room_of(self, month: TenantMonth) -> int:
        """The bytes that *month* takes of a batch: all of them, if it is large."""
        size = self.keys.lake.size_of(month)
        return max(size, TOGETHER) if size > ALONE else size

    def _is_large(self, model: Model, batch: list[TenantMonth]) -> bool:
        """Whether *batch* is a month that is too large to be made in memory first."""
        size = self.keys.lake.size_of(batch[0])
        is_alone = len(batch) == 1 and not model.by_month.with_month_before
        return is_alone and size > min(ALONE, TOGETHER)

    def _make_large(self, model: Model, month: TenantMonth) -> None:
        """Write *month* as it is made, and prove what was written.

        It is not noted before all models are made, so that a file of which something
        does not hold is not believed.
        """
        start, name = perf_counter(), self.made[model.name][month]
        source = f"(\n{model.sql}\n)"
        with warehouse.making(self.connection, model):
            select = f"select {portable(self.connection, source)} from {source}"
            rows = self.facts.write(self.connection, name, select)
        select = select_of(self.connection, [self.facts.path(name)])
        self.connection.execute(f"create view {model.table} as {select}")
        of_month = condition(model.month_of, month)
        other = f"select count(*) from {model.table} where ({of_month}) is not true"
        if self.connection.execute(other).fetchone() != (0,):
            raise _other_months(model)
        warehouse.prove_grain(self.connection, model, is_large=True)
        warehouse.prove_claims(self.connection, model)
        took = perf_counter() - start
        log.info("%s ok %s %.1fs", model.name, counted(rows, "row"), took)

    def _select(self, name: str, batch: Sequence[TenantMonth]) -> str | None:
        """What the months of *batch* see of a table; None if they see all of it."""
        paths = self._files_of(name, batch)
        if paths:
            return select_of(self.connection, paths)
        if paths is not None:
            return f"from {self._place(name)} where false"
        if name in self.keys.lake.tables:
            return self.keys.lake.select(name, self.keys.lake.seen_by(batch))
        return slices.rows(name, self._place(name), batch)

    def _place(self, name: str) -> str:
        """The table *name* with its schema, of models or of what no model makes."""
        if name in self.models:
            return self.models[name].table
        schema = "finance" if name.startswith("finance_") else "raw"
        return f"{warehouse.SCHEMAS[schema]}.{name}"

    def _keep(self, model: Model, table: str, months: list[TenantMonth]) -> None:
        """Write each of *months* from *table*, which has their rows and no others."""
        names, shown = self.made[model.name], portable(self.connection, table)
        # Large months are alone, and read in parts; small ones need no order.
        order = f" order by {', '.join(model.grain)}" if len(months) == 1 else ""
        kept = 0
        for month in months:
            of_month = condition(model.month_of, month)
            select = f"select {shown} from {table} where {of_month}{order}"
            kept += self.facts.write(self.connection, names[month], select)
        there = self.connection.execute(f"select count(*) from {table}").fetchone()
        if there != (kept,) and not model.by_month.with_month_before:
            raise _other_months(model)

    def _show(self, model: Model, names: Sequence[str]) -> None:
        """The table of *model*; a view of its files if these are large, or scratch."""
        paths = [self.facts.path(name) for name in names]
        select = select_of(self.connection, paths)
        size = sum(self.facts.size(name) for name in names)
        if model.schema not in warehouse.KEPT or size > LARGE:
            self.connection.execute(f"create view {model.table} as {select}")
            return
        order = ", ".join(model.grain)
        self.connection.execute(
            f"create table {model.table} as {select} order by {order}"
        )


@contextmanager
def _joined_as_written(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Within it a join holds its right side in memory, as all SQL here is written.

    How many rows are left of a large month is estimated at a few, so that DuckDB would
    hold the month.
    """
    connection.execute("set disabled_optimizers = 'build_side_probe_side'")
    try:
        yield
    finally:
        connection.execute("reset disabled_optimizers")


def _other_months(model: Model) -> PipelineError:
    return PipelineError(
        f"{model.place}: has rows of months that the lake does not have"
    )
