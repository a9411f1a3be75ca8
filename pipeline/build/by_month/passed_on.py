"""Models by month that are not kept: what reads them selects their rows again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import duckdb

from pipeline import warehouse
from pipeline.build.by_month.repeated import TenantMonth
from pipeline.warehouse import Model


@dataclass(frozen=True, slots=True)
class PassedOn:
    """Such *models* by name, and of which of their months the header is *proved*."""

    connection: duckdb.DuckDBPyConnection
    models: Mapping[str, Model]
    proved: set[tuple[str, TenantMonth]] = field(default_factory=set)

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> Self:
        """Those of *models* that are not kept."""
        named = {one.name: one for one in models if one.by_month.is_passed_on}
        return cls(connection, named)

    def has(self, model: Model) -> bool:
        """Whether *model* is one of them."""
        return model.name in self.models

    def read_by(self, model: Model) -> list[Model]:
        """Those that *model* reads or is compared with, as tables of its months."""
        named = sorted(model.needs & self.models.keys())
        return [replace(self.models[name], schema="month") for name in named]

    def show(self, model: Model, at_once: Collection[TenantMonth]) -> None:
        """Show *model* as a view, or as a table if all that reads it is made *at_once*.

        As a view it is proved month by month, with the first model that reads one.
        """
        if at_once:
            warehouse.make(self.connection, [model])
            self.proved.update((model.name, month) for month in at_once)
        else:
            self._view(model)

    def show_months(
        self, models: Iterable[Model], months: Sequence[TenantMonth]
    ) -> None:
        """Show *models* of `read_by()`, of which the tables they read have *months*."""
        for model in models:
            self._view(model)
            new = {(model.name, month) for month in months} - self.proved
            if new:
                warehouse.prove_grain(self.connection, model, is_large=True)
                warehouse.prove_claims(self.connection, model)
                self.proved.update(new)

    def _view(self, model: Model) -> None:
        self.connection.execute(f"create view {model.table} as {model.sql}")
