"""Charges → FOCUS: Cost and Usage 1.0, 1.2 or 1.4, Billing Period, and their schema.

By the FinOps Open Cost and Usage Specification, github.com, FOCUS_Spec.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.export.csvs import to_csv
from pipeline.export.focus_versions import in_version, metadata
from pipeline.export.parquet import to_parquet
from pipeline.export.scope import Row, Scope, Table

# The steps of Cost and Usage, each after those that it reads.
_VIEWS = (
    "document_heads",
    "focus_resources",
    "focus_weighted",
    "focus_days",
    "focus_usage",
    "focus_fixed",
    "focus_charges",
    "focus",
)
# What the days of usage are weighed by, which a reversed version has too.
_SHARED = ("focus_weights", "focus_charged_days")
_DATASETS = {"focus": "CostAndUsage", "focus_billing_period": "BillingPeriod"}

# Columns of Cost and Usage that stay empty: there are no zones, regions, reserved
# capacity and discounts for commitments.
_EMPTY = {
    "focus": {
        "availability_zone": "VARCHAR",
        "capacity_reservation_id": "VARCHAR",
        "capacity_reservation_status": "VARCHAR",
        "commitment_discount_category": "VARCHAR",
        "commitment_discount_id": "VARCHAR",
        "commitment_discount_name": "VARCHAR",
        "commitment_discount_quantity": "DECIMAL(20,6)",
        "commitment_discount_status": "VARCHAR",
        "commitment_discount_type": "VARCHAR",
        "commitment_discount_unit": "VARCHAR",
        "region_id": "VARCHAR",
        "region_name": "VARCHAR",
        "sku_price_details": "VARCHAR",
    }
}


def focus_files(scope: Scope) -> dict[str, bytes]:
    """Each dataset in both forms.

    Raises:
        CheckError: The costs are not those of the statements.
    """
    _define(scope)
    scope.verify("assert_focus_sums_to_the_statements")
    files: dict[str, bytes] = {}
    schemas: dict[str, dict[str, str]] = {}
    for name, dataset in _DATASETS.items():
        stem = f"{scope.stem}-{dataset}"
        files[f"{stem}.csv"] = to_csv(_asked(scope, name), scope.digits)
        table = _asked(scope, name)
        files[f"{stem}.parquet"] = to_parquet(table.columns, table.types, table.rows)
        schemas[dataset] = dict(zip(table.columns, table.types, strict=True))
    files[f"{scope.stem}-metadata.json"] = metadata(scope.focus, schemas)
    return files


def focus_tables(scope: Scope) -> Iterator[tuple[str, Table]]:
    """Each dataset by its name, as it is written."""
    _define(scope)
    for name, dataset in _DATASETS.items():
        yield dataset, _asked(scope, name)


def _define(scope: Scope) -> None:
    for name in _SHARED:
        scope.share(name)
    for view in _VIEWS:
        scope.define(view)


def _asked(scope: Scope, name: str) -> Table:
    """The dataset *name*, with all columns that FOCUS gives it."""
    found = scope.ask_part(name)
    return _named(in_version(_completed(found, _EMPTY.get(name, {})), scope.focus))


def _completed(table: Table, empty: Mapping[str, str]) -> Table:
    """*table* with *empty* columns among its own, by name, and those of ours last."""
    types = dict(zip(table.columns, table.types, strict=True)) | dict(empty)
    own = [name for name in table.columns if name.startswith("x_")]
    columns = (*sorted(types.keys() - set(own)), *own)
    positions = {name: place for place, name in enumerate(table.columns)}
    order = [positions.get(name) for name in columns]
    rows = (
        tuple(None if place is None else row[place] for place in order)
        for row in table.rows
    )
    return Table(columns, tuple(types[name] for name in columns), rows)


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
