"""Versions of FOCUS: the columns that each has, and the metadata of its datasets."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from pipeline.export.scope import Row, Table

VERSIONS = ("1.0", "1.2", "1.4")

# Columns of 1.2 that came after 1.0.
_AFTER_1_0 = {
    "billing_account_type",
    "capacity_reservation_id",
    "capacity_reservation_status",
    "commitment_discount_quantity",
    "commitment_discount_unit",
    "invoice_id",
    "pricing_currency",
    "pricing_currency_contracted_unit_price",
    "pricing_currency_effective_cost",
    "pricing_currency_list_unit_price",
    "service_subcategory",
    "sku_meter",
    "sku_price_details",
    "sub_account_type",
}

# From 1.3 on providers have two other names, which replace those of 1.2 in 1.4.
_RENAMED_IN_1_4 = {
    "provider_name": "service_provider_name",
    "publisher_name": "host_provider_name",
}

# Columns of 1.4 that stay empty: nothing is allocated by the provider, there are no
# commitments, and a document has no lines with a number of their own.
_EMPTY_IN_1_4 = (
    "allocated_method_details",
    "allocated_method_id",
    "allocated_resource_id",
    "allocated_resource_name",
    "allocated_tags",
    "commitment_program_eligibility_details",
    "contract_applied",
    "invoice_detail_id",
)

# When the columns were last changed: a schema is created with them.
_CREATED = "2026-11-29T00:00:00Z"
_GENERATOR = "chargeback"
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


def in_version(table: Table, version: str) -> Table:
    """*table*, which has the columns of 1.2 or is the same in all, as *version* has it.

    Columns of ours stay last.
    """
    if "billed_cost" not in table.columns or version == "1.2":
        return table
    renamed = _RENAMED_IN_1_4 if version == "1.4" else {}
    dropped = _AFTER_1_0 if version == "1.0" else set()
    empty = _EMPTY_IN_1_4 if version == "1.4" else ()
    found = {
        renamed.get(name, name): position
        for position, name in enumerate(table.columns)
        if name not in dropped
    }
    names = {*found, *empty}
    own = [name for name in found if name.startswith("x_")]
    columns = (*sorted(names - {*own}), *own)
    positions = [found.get(name) for name in columns]
    types = tuple("VARCHAR" if n is None else table.types[n] for n in positions)
    return replace(table, columns=columns, types=types, rows=_rows(table, positions))


def metadata(version: str, schemas: Mapping[str, Mapping[str, str]]) -> bytes:
    """The data generator, and of each dataset its columns and their types."""
    instances = {
        name: f"{uuid5(NAMESPACE_URL, f'chargeback/{name}')}" for name in schemas
    }
    made: dict[str, Any] = {"DataGenerator": {"DataGenerator": _GENERATOR}}
    if version == "1.4":
        made["DatasetInstance"] = [
            {
                "DatasetInstanceId": instances[name],
                "DatasetInstanceName": name,
                "FocusDatasetId": name,
            }
            for name in schemas
        ]
    made["Schema"] = [
        _schema(version, name, instances[name], columns)
        for name, columns in schemas.items()
    ]
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"


def _schema(
    version: str, name: str, instance: str, columns: Mapping[str, str]
) -> dict[str, Any]:
    # Billing Period came with 1.4, and is written beside earlier versions too.
    own = version if name == "CostAndUsage" else "1.4"
    described = f"chargeback/{name}/{own}/{_CREATED}/{','.join(columns)}"
    return {
        "SchemaId": f"{uuid5(NAMESPACE_URL, described)}",
        "FocusVersion": own,
        "CreationDate": _CREATED,
        **({"DatasetInstanceId": instance} if version == "1.4" else {}),
        "ColumnDefinition": [_column(*one) for one in columns.items()],
    }


def _column(name: str, dtype: str) -> dict[str, Any]:
    if found := _DECIMAL.fullmatch(dtype):
        digits = {"NumericPrecision": int(found[1]), "NumberScale": int(found[2])}
        return {"ColumnName": name, "DataType": "DECIMAL", **digits}
    if dtype.startswith("TIMESTAMP"):
        return {"ColumnName": name, "DataType": "DATETIME"}
    if name == "Tags":
        prefixes = {"ProviderTagPrefixes": ["chargeback"]}
        return {"ColumnName": name, "DataType": "JSON", **prefixes}
    if dtype != "VARCHAR":
        return {"ColumnName": name, "DataType": dtype}
    return {"ColumnName": name, "DataType": "STRING", "StringEncoding": "UTF-8"}


def _rows(table: Table, positions: list[int | None]) -> Iterator[Row]:
    for row in table.rows:
        yield tuple(None if n is None else row[n] for n in positions)
