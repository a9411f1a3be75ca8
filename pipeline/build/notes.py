"""Notes and disputes → `marts.statement_notes`, beside the statements that stand."""

from collections.abc import Sequence
from functools import cache

import duckdb

from pipeline import finance, warehouse
from pipeline.build.issued import Issued, renamed
from pipeline.closing.archive import ClosedMonth
from pipeline.config import Charge
from pipeline.errors import ConfigError
from pipeline.finance import FinanceFiles
from pipeline.resources import resource
from pipeline.warehouse import Model


@cache
def model() -> Model:
    """The select of the table, which is made after the models."""
    path = resource("sql") / "notes" / "statement_notes.sql"
    return warehouse.parse(path)


def keep(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table.

    Raises:
        CheckError: Its grain does not hold.
    """
    warehouse.make(connection, [model()])


def frozen_notes(
    months: Sequence[ClosedMonth], names: Issued
) -> list[tuple[object, ...]]:
    """The rows of `raw_closed_notes`: the file as it was frozen with each month.

    Cost centres have the names that statements have.
    """
    read: dict[object, FinanceFiles] = {}
    found: list[tuple[object, ...]] = []
    for month in months:
        if month.finance.notes is None:
            continue
        key = month.finance_hashes
        if key not in read:
            read[key] = renamed(_frozen(month), names)
        found += [
            (month.tenant, month.month, *row) for row in read[key].rows("finance_notes")
        ]
    return found


def _frozen(month: ClosedMonth) -> FinanceFiles:
    """The frozen notes, and the rules by which cost centres are named; if readable."""
    files, currency = month.finance, month.manifest.currency
    try:
        own = Charge(cost_centers=files.cost_centers, notes=files.notes)
        return finance.load_frozen(own, currency)
    except ConfigError:
        return FinanceFiles(currency)
