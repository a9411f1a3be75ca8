"""Charges → FOCUS: Cost and Usage 1.2, Billing Period 1.4, as CSV and as Parquet."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.export.csvs import to_csv
from pipeline.export.parquet import to_parquet
from pipeline.export.scope import Row, Scope, Table

_DATASETS = {"focus": "CostAndUsage", "focus_billing_period": "BillingPeriod"}


def focus_files(scope: Scope) -> dict[str, bytes]:
    """Each dataset in both forms.

    Raises:
        CheckError: The costs are not those of the statements.
    """
    scope.define("focus_charges")
    scope.define("focus")
    scope.verify("assert_focus_sums_to_the_statements")
    files = {}
    for name, dataset in _DATASETS.items():
        stem = f"{scope.stem}-{dataset}"
        files[f"{stem}.csv"] = to_csv(_named(scope.ask(name)), scope.digits)
        table = _named(scope.ask(name))
        files[f"{stem}.parquet"] = to_parquet(table.columns, table.types, table.rows)
    return files


def _named(table: Table) -> Table:
    """*table* with the names of FOCUS, and with moments that say that they are UTC."""
    return replace(
        table,
        columns=tuple(map(_column, table.columns)),
        types=tuple(
            "TIMESTAMP WITH TIME ZONE" if dtype == "TIMESTAMP" else dtype
            for dtype in table.types
        ),
        rows=_zoned(table.rows),
    )


def _column(name: str) -> str:
    """`billed_cost` as `BilledCost`, and `x_status`, which is ours, as `x_Status`."""
    prefix = "x_" if name.startswith("x_") else ""
    words = name.removeprefix("x_").split("_")
    return prefix + "".join(word.capitalize() for word in words)


def _zoned(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        yield tuple(
            value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
            for value in row
        )
