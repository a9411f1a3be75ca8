"""Rows of a query → Parquet, with the types that DuckDB gave their columns."""

import io
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import polars as pl

_BATCH = 10_000


def to_parquet(
    names: Sequence[str], types: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> bytes:
    """A file of *rows*, whose columns are *names* of DuckDB's *types*."""
    schema = dict(zip(names, map(_dtype, types), strict=True))
    each = iter(rows)
    frames = [pl.DataFrame([], schema=schema, orient="row")]
    while batch := list(islice(each, _BATCH)):
        frames.append(pl.DataFrame(batch, schema=schema, orient="row"))
    content = io.BytesIO()
    pl.concat(frames, how="vertical_relaxed").write_parquet(content)
    return content.getvalue()


def _dtype(dtype: str) -> Any:
    """The type in Parquet of a type of DuckDB; None leaves the choice to polars."""
    if dtype.startswith("DECIMAL"):
        precision, scale = dtype.removeprefix("DECIMAL(").rstrip(")").split(",")
        return pl.Decimal(int(precision), int(scale))
    if dtype == "HUGEINT":
        return pl.Decimal(38, 0)
    return {
        "VARCHAR": pl.String,
        "BIGINT": pl.Int64,
        "INTEGER": pl.Int32,
        "BOOLEAN": pl.Boolean,
        "DATE": pl.Date,
        "TIMESTAMP": pl.Datetime("us"),
        "TIMESTAMP WITH TIME ZONE": pl.Datetime("us", "UTC"),
    }.get(dtype)
