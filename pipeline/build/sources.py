"""Lake, seeds, finance files and closed months as the tables that models read."""

import logging
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from pipeline import finance, seeds, warehouse
from pipeline.build import frozen_rows, snapshots
from pipeline.build.issued import issued
from pipeline.build.notes import frozen_notes
from pipeline.closing import archive
from pipeline.closing.archive import Archive
from pipeline.endpoints import TABLES
from pipeline.finance import FinanceFiles
from pipeline.formats.plurals import counted
from pipeline.lake import Table, folders
from pipeline.lake.tables import ROW_DATE, DType

log = logging.getLogger(__name__)

_TYPES = {
    pl.String: "varchar",
    pl.Int64: "bigint",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "timestamptz",
}

# Runs that have several records, of which one counts.
REPEATED = f"{warehouse.SCHEMAS['raw']}.raw_repeated_runs"
REPEATED_COLUMNS = {"tenant": "varchar", "run_id": "varchar"}

# Files of a closed month, and the tables that they are in.
_CLOSED_FILES = {
    "raw_closed_charges": "charges.parquet",
    "raw_closed_statement": "statement.parquet",
    "raw_closed_labels": frozen_rows.LABELS,
}

# Files may have names from before a tenant was renamed.
_RENAMED = {
    "tenant": "coalesce(getvariable('renamed')[tenant], tenant)",
    "tenants": "list_transform(tenants, "
    "lambda one: coalesce(getvariable('renamed')[one], one))",
}


def lake(
    connection: duckdb.DuckDBPyConnection, root: Path, tenants: Container[str]
) -> None:
    """Every table of the lake *root*, and the runs that have several records in it."""
    for table in TABLES:
        raw(connection, root, table, tenants)
    connection.execute(
        f"create view {REPEATED} as select tenant, run_id from raw_runs"
        " group by tenant, run_id having count(*) > 1"
    )


def raw(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    table: Table,
    tenants: Container[str],
) -> None:
    """A lake table of *tenants* as `raw_<table>`, also where it has no file yet."""
    name = f"{warehouse.SCHEMAS['raw']}.raw_{table.name}"
    files = folders.files(lake, table.name, tenants)
    if not files:
        columns = {**columns_of(table), "tenant": "varchar", "date": "date"}
        create(connection, name, columns)
        return
    connection.execute(f"create view {name} as {select_of(table, files)}")


def seed(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """A shipped table of rules, which came with this code."""
    table = f"{warehouse.SCHEMAS['seeds']}.{name}"
    create(connection, table, seeds.columns(name))
    _fill(connection, table, seeds.rows(name))


def finance_table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: FinanceFiles,
    schema: str = warehouse.SCHEMAS["finance"],
) -> None:
    """A finance file as a table of *schema*; empty where it is not configured."""
    table = f"{schema}.{name}"
    columns = finance.TABLES[name]
    create(connection, table, columns)
    _fill(connection, table, rows.rows(name))
    for column, renamed in _RENAMED.items():
        if column in columns:
            connection.execute(f"update {table} set {column} = {renamed}")


def frozen(connection: duckdb.DuckDBPyConnection, name: str, closed: Archive) -> None:
    """What is closed, as a table; empty where nothing is."""
    table, columns = f"{warehouse.SCHEMAS['raw']}.{name}", archive.TABLES[name]
    months = closed.months
    create(connection, table, columns)
    if name == "raw_register":
        _fill(connection, table, frozen_rows.documents(closed))
    named = [month.folder / _CLOSED_FILES.get(name, "") for month in months]
    # Months that were closed by earlier versions may have no such file.
    if files := [file for file in named if file.is_file()]:
        for column, former in archive.OLDER_NAMES.items():
            if column in columns:
                connection.execute(
                    f"alter table {table} add {former} {columns[column]}"
                )
        shown = [_of_any_version(column, columns[column]) for column in columns]
        connection.execute(_view_of(name, shown, files))
    if name == "raw_closed_months":
        _fill(connection, table, [frozen_rows.month(one) for one in months])
    if name == "raw_closed_cost_centers":
        _fill(connection, table, issued(months).rows())
    if name == "raw_closed_notes":
        _fill(connection, table, frozen_notes(months, issued(months)))
        _keep_own_notes(connection, table)


def _keep_own_notes(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Leave each tenant the notes that name it, or none."""
    own = f"list_contains({_RENAMED['tenants']}, tenant)"
    connection.execute(f"delete from {table} where not {own}")


def _of_any_version(column: str, dtype: str) -> str:
    """A column of what is closed, whatever version closed it, as a select has it."""
    if column == "tenant":
        return f"{_RENAMED[column]} as tenant"
    earlier = archive.OLDER_NAMES.get(column) or archive.LATER_COLUMNS.get(column)
    if earlier is None:
        return column
    return f"cast(coalesce({column}, {earlier}) as {dtype}) as {column}"


def select_of(table: Table, files: Sequence[Path]) -> str:
    """The select of all rows that *files* of a lake table say, or are changes of.

    A column that a file lacks is null in it.
    """
    rows = _stored(table, files)
    return snapshots.made_again(table, rows) if table.is_snapshot else rows


def _stored(table: Table, files: Sequence[Path]) -> str:
    """The select of what is stored in *files* of a lake table.

    The schema is stated, so that no file is opened before its rows are read: a union by
    name would open all of them for each query. DuckDB's own way to take tenant and date
    from a path takes the first folder of that name, also one above the lake.
    """
    columns = _typed(table.stored)
    paths = ", ".join(warehouse.quoted(warehouse.literal(file)) for file in files)
    schema = ", ".join(
        f"'{name}': {{'name': '{name}', 'type': '{dtype}', 'default_value': null}}"
        for name, dtype in {**columns, ROW_DATE: "date"}.items()
    )
    return (
        f"select {', '.join(columns)},"
        " regexp_extract(lake_file, 'tenant=([^/]*)/[^/]*/[^/]*$', 1) as tenant,"
        f" coalesce({ROW_DATE}, cast("
        "regexp_extract(lake_file, 'date=([^/]*)/[^/]*$', 1) as date)) as date"
        f" from read_parquet([{paths}], schema = map {{{schema}}},"
        " filename = 'lake_file')"
    )


def _view_of(name: str, columns: Iterable[str], files: Sequence[Path]) -> str:
    """The statement that puts a view of *files* in place of the empty table."""
    schema = warehouse.SCHEMAS["raw"]
    paths = ", ".join(warehouse.quoted(warehouse.literal(file)) for file in files)
    # Union by name: a file may be older than one of our columns.
    return (
        f"alter table {schema}.{name} rename to typed_{name};"
        f" create view {schema}.{name} as select {', '.join(columns)} from ("
        f" from {schema}.typed_{name} union all by name"
        f" from read_parquet([{paths}], union_by_name = true,"
        " hive_partitioning = false))"
    )


def create(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]
) -> None:
    """Make an empty *table*."""
    typed = ", ".join(f'"{name}" {dtype}' for name, dtype in columns.items())
    connection.execute(f"create table {table} ({typed})")


def fill(
    connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[object, ...]]
) -> None:
    """Put *rows* into *table*."""
    if rows:
        # One statement for all rows: one for each takes half a millisecond a row.
        columns = [list(column) for column in zip(*rows, strict=True)]
        values = ", ".join(f"unnest(${n})" for n in range(1, len(columns) + 1))
        connection.execute(f"insert into {table} select {values}", columns)


def _fill(
    connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[object, ...]]
) -> None:
    fill(connection, table, rows)
    log.info("%s: %s", table.rpartition(".")[2], counted(len(rows), "row"))


def columns_of(table: Table) -> dict[str, str]:
    """The columns of a lake table, with their types."""
    return _typed(table.columns)


def _typed(columns: Mapping[str, DType]) -> dict[str, str]:
    return {
        name: _TYPES[dtype if isinstance(dtype, type) else type(dtype)]
        for name, dtype in columns.items()
    }
