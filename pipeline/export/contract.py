"""The data contract of all exports: what each file holds, column by column.

By the Open Data Contract Standard 3.1.0: github.com, bitol-io,
open-data-contract-standard. Names, types and meanings are those of the selects, of the
data dictionary, and of the layouts: nothing is written down twice.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from pipeline import warehouse
from pipeline.export import Focus, Selection, select, targets
from pipeline.export.focus import focus_tables
from pipeline.export.focus_versions import VERSIONS
from pipeline.export.ledgers import columns_of, name_of
from pipeline.export.marts.tables import marts
from pipeline.export.printed import printed
from pipeline.export.scope import Scope, Table
from pipeline.export.sheets import SHEETS, in_order, title_of
from pipeline.resources import resource

# Semantic: the first number counts changes that break a reader, who finds a file or
# column gone, or of another type or meaning; the second one counts what is added.
VERSION = "4.0.0"

_API = "v3.1.0"
_MONTH = date(2000, 1, 1)  # any: columns and types are those of every month
_DIGITS = 2
_KINDS = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "number",
    "BIGINT": "integer",
    "INTEGER": "integer",
    "HUGEINT": "integer",
}

# The tables that say what the columns of an export mean, beside those of its own.
_HEADS = ("exports_statement", "cost_center_rollup", "issued_statements")
_MEANT = {
    "statement": ("statement", *_HEADS),
    "statement_lines": ("statement_lines", "statement"),
    "lines": ("charges", "statement"),
    "tie_out": ("tie_out",),
    "documents": ("issued_statements", "statement"),
    "notes": ("statement_notes", "statement"),
    "journal": ("statement",),
    "focus": ("exports_lines", "charges", "statement", *_HEADS),
}

Columns = Iterable[tuple[str, str, str]]  # name, DuckDB's type, meaning


def export_contract(database: Path, out: Path, kept: Sequence[Path]) -> list[Path]:
    """Write the contract of the exports of *database* to *out*; the file.

    Raises:
        ConfigError: *out* is a folder, no export, or among what is *kept*.
        PipelineError: The warehouse cannot be read, or *out* cannot be written.
    """
    with warehouse.read(database) as connection:
        content = contract(connection)
    targets.replace({out: content}, kept, out)
    return [out]


def contract(connection: duckdb.DuckDBPyConnection) -> bytes:
    """The contract as JSON; the same of every warehouse of this version."""
    made = {
        "apiVersion": _API,
        "kind": "DataContract",
        "id": "chargeback-exports",
        "name": "Exports of chargeback",
        "version": VERSION,
        "status": "active",
        "description": {
            "purpose": "What the files of `chargeback export` hold.",
            "usage": "docs/exports.md of the project",
        },
        "schema": list(_objects(connection)),
    }
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"


def _objects(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    scope = _scope(connection, Selection(_MONTH, "journal"))
    for view in ("charged_before", "document_heads", "postings"):
        scope.define(view)
    for part in SHEETS:
        file = f"chargeback-MONTH-{part}.csv"
        yield _object(f"csv.{part}", file, _said(part), _meant(part, scope.ask(part)))
    for part, sheet in SHEETS.items():
        asked = printed(part, scope.ask(part), _DIGITS, scope.language)
        table, _ = in_order(part, asked)
        columns = ((title_of(n), kind, said) for n, kind, said in _meant(part, table))
        file = f"chargeback-MONTH.xlsx, sheet {sheet}"
        yield _object(f"xlsx.{part}", file, _said(part), columns)
    found = _meant("journal", scope.ask("journal"))
    file = "chargeback-MONTH-journal.csv"
    yield _object("journal.generic", file, _said("journal"), found)
    for layout, names in columns_of().items():
        said = "Postings as this ledger imports them: docs/exports.md."
        cells = ((name, "VARCHAR", "") for name in names)
        file = name_of("chargeback-MONTH", layout)
        yield _object(f"journal.{layout}", file, said, cells)
    for version in VERSIONS:
        yield from _focus(connection, version)
    for mart in marts(connection, are_owners_named=True):
        typed = ((one.name, one.dtype, one.meaning) for one in mart.columns)
        yield _object(f"marts.{mart.name}", mart.file, mart.meaning, typed)


def _focus(
    connection: duckdb.DuckDBPyConnection, version: str
) -> Iterator[dict[str, Any]]:
    selection = Selection(_MONTH, "focus", focus=Focus(version, "day"))
    for dataset, table in focus_tables(_scope(connection, selection)):
        said = f"{dataset} of FOCUS {version}: focus.finops.org has its columns."
        file = f"chargeback-MONTH-{dataset}.csv and .parquet"
        columns = _meant("focus", table)
        yield _object(f"focus-{version}.{dataset}", file, said, columns)


def _scope(connection: duckdb.DuckDBPyConnection, selection: Selection) -> Scope:
    select(connection, selection, None, _DIGITS)
    version = selection.focus.version
    return Scope(connection, _MONTH, None, _DIGITS, has_display=True, focus=version)


def _said(name: str) -> str:
    """What the header of a select says it is."""
    return warehouse.parse(resource("sql") / "exports" / f"{name}.sql").description


def _meant(name: str, table: Table) -> Columns:
    """The columns of *table* with what they mean in the export *name*."""
    comments = warehouse.load_comments(resource("sql"))
    for column, kind in zip(table.columns, table.types, strict=True):
        tables: Sequence[str] = (f"exports_{name}", *_MEANT.get(name, (name,)))
        # Columns of ours in FOCUS, x_OwnerName, are owner_name elsewhere.
        own = re.sub(r"(?<!^)(?=[A-Z])", "_", column.removeprefix("x_")).lower()
        said = (comments.of(one, own) for one in tables)
        is_standard = name == "focus" and not column.startswith("x_")
        yield column, kind, next((one for one in said if one and not is_standard), "")


def _object(name: str, file: str, said: str, columns: Columns) -> dict[str, Any]:
    return {
        "name": name,
        "physicalName": file,
        "physicalType": "file",
        "logicalType": "object",
        "description": said,
        "properties": [_property(*one) for one in columns],
    }


def _property(name: str, kind: str, said: str) -> Mapping[str, Any]:
    meaning = {"description": said} if said else {}
    if kind.endswith("]"):
        inner = _logical(kind.removesuffix("[]"))
        return {
            "name": name,
            "logicalType": "array",
            "physicalType": kind,
            **meaning,
            "items": {"logicalType": inner},
        }
    return {
        "name": name,
        "logicalType": _logical(kind),
        "physicalType": kind,
        **meaning,
    }


def _logical(kind: str) -> str:
    if kind.startswith("TIMESTAMP"):
        return "timestamp"
    return _KINDS.get(kind, "number" if kind.startswith("DECIMAL") else "string")
