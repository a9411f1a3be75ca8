"""Lake and seeds → warehouse: variables, sources, then every model."""

import logging
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
from babel.numbers import get_currency_precision

from pipeline import seeds as finance
from pipeline import warehouse
from pipeline.config import Charge
from pipeline.entities import TABLES, Table
from pipeline.errors import ConfigError, PipelineError
from pipeline.resources import resource
from pipeline.seeds import Seeds

log = logging.getLogger(__name__)

_TYPES = {
    pl.String: "varchar",
    pl.Int64: "bigint",
    pl.Boolean: "boolean",
    pl.Datetime: "timestamptz",
}

# What models ask for with getvariable(), and its type.
_VARIABLES = {
    "as_of": "date",
    "first_day": "date",
    "tenants": "varchar[]",
    "currency": "varchar",
    "micros_per_minor": "bigint",
    "tolerance_millionths": "bigint",
    "anomaly_floor": "decimal(18, 3)",
    "priced_month": "date",
}

# Amounts are DECIMAL(18,3): no currency in use has more than three decimals.
_MOST_DIGITS = 3

# A percent in millionths.
_MILLIONTHS = 10_000

_DEFAULTS = Charge()


def build(  # noqa: PLR0913 (each of them is a fact of its own)
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    seeds: Seeds,
    as_of: date,
    *,
    tenants: tuple[str, ...] = (),
    first_day: date | None = None,
    charge: Charge = _DEFAULTS,
    priced_month: date | None = None,
) -> None:
    """Make all tables anew from *lake* and *seeds*, for the days before *as_of*.

    *tenants* are those whose days are due from *first_day* on; where none is named,
    all that the lake holds. Of *charge* only its numbers are asked: *seeds* are what
    its files say. *priced_month* is the one month that is priced, None for all.

    Raises:
        ConfigError: The currency of *seeds* has more decimals than amounts have.
        CheckError: A model's grain does not hold.
        PipelineError: A file of the lake cannot be read, or a model fails on it.
    """
    held = {path.name.removeprefix("tenant=") for path in lake.glob("*/tenant=*")}
    variables = {
        "as_of": as_of,
        "first_day": first_day,
        "tenants": sorted(tenants or held),
        "currency": seeds.currency,
        "micros_per_minor": _micros_per_minor(seeds.currency),
        "tolerance_millionths": int(charge.tolerance * _MILLIONTHS),
        "anomaly_floor": charge.anomaly_floor,
        "priced_month": priced_month,
    }
    for name, dtype in _VARIABLES.items():
        value = f"cast($1 as {dtype})"
        connection.execute(f"set variable {name} = {value}", [variables[name]])
    known = [_raw(connection, lake, table) for table in TABLES]
    known += [_seed(connection, name, seeds) for name in finance.TABLES]
    models = warehouse.load_models(resource("sql"), known)
    warehouse.make(connection, models)
    comments = warehouse.load_comments(resource("sql") / "columns.toml")
    for model in models:
        if model.layer == "marts":
            warehouse.comment(connection, model, comments)


def _micros_per_minor(currency: str) -> int:
    """How many millionths make the currency's smallest coin."""
    digits = get_currency_precision(currency)
    if digits > _MOST_DIGITS:
        raise ConfigError(f"currency: {currency} has {digits} decimals, over 3")
    return int(10 ** (6 - digits))


def _raw(connection: duckdb.DuckDBPyConnection, lake: Path, table: Table) -> str:
    """A lake table as `raw_<table>`: typed also where no file is there yet."""
    name = f"raw_{table.name}"
    columns = {**_columns(table), "tenant": "varchar", "date": "date"}
    _create(connection, f"{warehouse.SCHEMAS['raw']}.{name}", columns)
    if files := sorted(lake.glob(f"{table.name}/tenant=*/date=*/*.parquet")):
        try:
            connection.execute(_view_of(name, columns, files))
        except duckdb.Error as exc:
            raise PipelineError(
                f"{lake}: {warehouse.first_line(exc)}\nrestore the file from a backup,"
                " or move it away and extract its day again with --since"
            ) from exc
    return name


def _view_of(name: str, columns: Mapping[str, str], files: list[Path]) -> str:
    """The statement that puts a view of *files* in place of the empty table."""
    schema = warehouse.SCHEMAS["raw"]
    paths = ", ".join(warehouse.quoted(str(file)) for file in files)
    # Union by name: a file may be older than one of our columns.
    return (
        f"alter table {schema}.{name} rename to typed_{name};"
        f" create view {schema}.{name} as select {', '.join(columns)} from ("
        f" from {schema}.typed_{name} union all by name"
        f" from read_parquet([{paths}], union_by_name = true,"
        " hive_partitioning = true, hive_types = {tenant: varchar, date: date}))"
    )


def _seed(connection: duckdb.DuckDBPyConnection, name: str, seeds: Seeds) -> str:
    """A finance file as a table; empty where it is not configured."""
    table = f"{warehouse.SCHEMAS['seeds']}.{name}"
    columns = finance.TABLES[name]
    _create(connection, table, columns)
    if rows := seeds.rows(name):
        places = ", ".join("?" for _ in columns)
        connection.executemany(f"insert into {table} values ({places})", rows)
    log.info("%s: %d rows", name, len(rows))
    return name


def _columns(table: Table) -> dict[str, str]:
    return {
        name: _TYPES[dtype if isinstance(dtype, type) else type(dtype)]
        for name, dtype in table.columns.items()
    }


def _create(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]
) -> None:
    typed = ", ".join(f'"{name}" {dtype}' for name, dtype in columns.items())
    connection.execute(f"create table {table} ({typed})")
