"""What a model reads, as views of Spark: lake, files of months, and small tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from re import sub
from typing import Any

import duckdb
import polars as pl

from pipeline import warehouse
from pipeline.build import snapshots
from pipeline.build.by_month.engine import Inputs
from pipeline.build.by_month.repeated import TenantMonth
from pipeline.build.spark.dialect import Dialect
from pipeline.endpoints import TABLES
from pipeline.lake.tables import ROW_DATE

# Types of columns that both engines know; another column is not there for Spark.
TYPES = {
    "VARCHAR": "string",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "HUGEINT": "decimal(38, 0)",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp_ntz",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
}

_LAKE_TYPES = {
    pl.String: "string",
    pl.Int64: "bigint",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "timestamp",
}

# A file as Spark names it has some signs as numbers; a plus stands for itself.
_PATH = "url_decode(replace(_metadata.file_path, '+', '%2B'))"


@dataclass(frozen=True, slots=True)
class Views:
    """Views for one model after the other; *folder* has what DuckDB hands over."""

    spark: Any
    folder: Path
    handed: set[str] = field(default_factory=set)

    def show(
        self, name: str, months: Sequence[TenantMonth], inputs: Inputs, dialect: Dialect
    ) -> None:
        """Let table *name* have its rows of *months*, or all if it is not by month."""
        if name in inputs.lake.tables:
            self._show_lake(name, months, inputs, dialect)
        elif (paths := inputs.made(name, months)) is not None:
            columns = types_of(inputs.connection, name)
            if not paths:
                self._show_nothing(name, columns)
                return
            self.show_files(name, columns, [located(path) for path in paths])
        elif name not in self.handed:
            self._hand_over(name, inputs.connection)
            self.handed.add(name)

    def show_files(
        self, name: str, columns: Mapping[str, str], paths: Sequence[str]
    ) -> None:
        """Let table *name* be what Parquet *paths* have, with these columns."""
        schema = schema_of(columns)
        rows = self.spark.read.schema(schema).parquet(*paths)
        rows.createOrReplaceTempView(name)

    def _show_lake(
        self, name: str, months: Sequence[TenantMonth], inputs: Inputs, dialect: Dialect
    ) -> None:
        table = next(one for one in TABLES if f"raw_{one.name}" == name)
        columns = {
            column: _LAKE_TYPES[dtype if isinstance(dtype, type) else type(dtype)]
            for column, dtype in table.stored.items()
        }
        paths = [located(path) for path in inputs.lake.paths(name, months)]
        if not paths:
            empty = {**columns, "tenant": "string", "date": "date"}
            self._show_nothing(name, empty)
            return
        schema = schema_of({**columns, ROW_DATE: "date"})
        rows = self.spark.read.schema(schema).parquet(*paths)
        rows.selectExpr(
            *(f"`{column}`" for column in columns),
            f"regexp_extract({_PATH}, 'tenant=([^/]*)/[^/]*/[^/]*$', 1) as tenant",
            f"coalesce({ROW_DATE}, cast("
            f"regexp_extract({_PATH}, 'date=([^/]*)/[^/]*$', 1) as date)) as date",
        ).createOrReplaceTempView(name)
        counted = f"select * from {name} where {inputs.lake.condition(name, months)}"
        made = snapshots.made_again(table, counted) if table.is_snapshot else counted
        self.spark.sql(dialect.spark(made)).createOrReplaceTempView(name)

    def _show_nothing(self, name: str, columns: Mapping[str, str]) -> None:
        nulls = ", ".join(
            f"cast(null as {dtype}) as `{column}`" for column, dtype in columns.items()
        )
        empty = self.spark.sql(f"select {nulls} where false")
        empty.createOrReplaceTempView(name)

    def _hand_over(self, name: str, connection: duckdb.DuckDBPyConnection) -> None:
        """Write a table of DuckDB for Spark to read."""
        columns = types_of(connection, name)
        path = self.folder / f"{name}.parquet"
        shown = ", ".join(
            f'cast("{column}" as decimal(38, 0)) as "{column}"'
            if dtype == TYPES["HUGEINT"]
            else f'"{column}"'
            for column, dtype in columns.items()
        )
        connection.execute(
            f"copy (select {shown} from {name}) to {warehouse.quoted(str(path))}"
            " (format parquet)"
        )
        self.show_files(name, columns, [located(path)])


def types_of(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    """The columns of a table or select that both engines know, with Spark's types."""
    described = connection.execute(f"describe from {source}").fetchall()
    return {column: TYPES[dtype] for column, dtype, *_ in described if dtype in TYPES}


def schema_of(columns: Mapping[str, str]) -> str:
    """The schema of files with these columns."""
    return ", ".join(f"`{column}` {dtype}" for column, dtype in columns.items())


def located(path: Path) -> str:
    """A path as Spark reads it: of this machine's files, and no pattern."""
    return "file:" + sub(r"[][{}*?\\]", r"\\\g<0>", str(path.absolute()))
