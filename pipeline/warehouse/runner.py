"""The runner: makes each model's table, and proves its grain and its claims."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter

import duckdb

from pipeline.errors import CheckError, PipelineError
from pipeline.formats.plurals import counted
from pipeline.warehouse.claims import Claim
from pipeline.warehouse.models import KEPT, Model
from pipeline.warehouse.room import described
from pipeline.warehouse.text import first_line

Row = tuple[object, ...]

log = logging.getLogger(__name__)

# A table of fewer rows is not worth a checkpoint, which takes a millisecond.
_LARGE_ROWS = 10_000


def make(connection: duckdb.DuckDBPyConnection, models: Sequence[Model]) -> None:
    """Make each model's table, in order, and prove what its header says.

    In `what_if` only the grain is proved: a table there holds one month, beside tables
    of the build that hold all.

    Raises:
        CheckError: A grain or a claim does not hold, or a figure is too large.
        PipelineError: A model's SQL fails on what it reads, or a claim names no column.
    """
    for number, model in enumerate(models, 1):
        start = perf_counter()
        # Sorted, so that the same lake makes the same table.
        order = f"order by {', '.join(model.grain)}" if model.schema in KEPT else ""
        with making(connection, model):
            made = connection.execute(
                f"create table {model.table} as from (\n{model.sql}\n) {order}"
            ).fetchone()
        rows = made[0] if made else 0
        # Tables in memory are compressed by a checkpoint only: to a tenth, or less.
        if rows >= _LARGE_ROWS:
            connection.execute("checkpoint scratch")
        prove_grain(connection, model)
        if model.schema != "what_if":
            prove_claims(connection, model)
        took = perf_counter() - start
        place = f"[{number:2}/{len(models)}]"
        log.info("%s %s ok %s %.1fs", place, model.name, counted(rows, "row"), took)


@contextmanager
def making(connection: duckdb.DuckDBPyConnection, model: Model) -> Iterator[None]:
    """Say of what fails in it that the SQL of *model* does.

    Raises:
        CheckError: A figure is too large.
        PipelineError: Something else is wrong.
    """
    try:
        yield
    except duckdb.OutOfRangeException as exc:
        raise too_large(model, first_line(exc)) from exc
    except duckdb.Error as exc:
        raise PipelineError(described(connection, model.place, exc)) from exc


def too_large(model: Model, what: str) -> CheckError:
    """The error for a figure that no number of the model can have."""
    return CheckError(
        f"{model.name}: a figure is too large: {what}\n"
        "amounts sum to at most 10^18, quantities to 10^21: look for a price or"
        " a quantity with digits too many"
    )


def prove_grain(
    connection: duckdb.DuckDBPyConnection, model: Model, *, is_large: bool = False
) -> None:
    """Find duplicates or nulls: counting distinct keys would pass over the nulls.

    The keys of a large table are compared by a hash first, which takes a tenth of the
    memory; only if two are the same, by themselves.

    Raises:
        CheckError: There are some.
        PipelineError: The grain names a column that is not there.
    """
    place = f"{model.place}: grain {', '.join(model.grain)}"
    if is_large and not _rows(connection, place, _suspicion_query(model)):
        return
    if wrong := _rows(connection, place, grain_query(model, model.table)):
        raise grain_error(model, wrong)


def grain_query(model: Model, table: str) -> str:
    """The select of keys in *table* that are null or of several rows, and how many."""
    keys = ", ".join(model.grain)
    nulls = " or ".join(f"{column} is null" for column in model.grain)
    return (
        f"select {keys}, count(*) from {table} group by {keys}"
        f" having count(*) > 1 or {nulls}"
    )


def _suspicion_query(model: Model) -> str:
    """The select of anything if keys may be null or of several rows."""
    keys = ", ".join(model.grain)
    nulls = " or ".join(f"{column} is null" for column in model.grain)
    return (
        f"select 1 from {model.table} group by hash({keys}) having count(*) > 1"
        f" union all select 1 from {model.table} where {nulls}"
    )


def grain_error(model: Model, wrong: Sequence[Row]) -> CheckError:
    """The error for rows of `grain_query()`."""
    examples = "; ".join(
        f"{tuple(keys)} ({counted(int(str(count)), 'row')})" for *keys, count in wrong
    )
    return CheckError(
        f"{model.name}: not one row for each {', '.join(model.grain)}\n"
        f"for example {examples}"
    )


def prove_claims(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Compare the model's rows with what its claims say of them.

    Raises:
        CheckError: A claim does not hold.
        PipelineError: A claim names a column that is not there.
    """
    for claim in model.claims:
        if not claim.query:
            continue
        place = f"{model.place}: conserves {claim.words}"
        if wrong := _rows(connection, place, claim.query):
            raise claim_error(model, claim, wrong)


def claim_error(model: Model, claim: Claim, wrong: Sequence[Row]) -> CheckError:
    """The error for rows of the query of *claim*."""
    examples = "; ".join(_example(claim, row) for row in wrong)
    return CheckError(
        f"{model.name}: does not conserve {claim.words}\nfor example {examples}"
    )


def _rows(connection: duckdb.DuckDBPyConnection, place: str, query: str) -> list[Row]:
    """The first three rows of *query*."""
    try:
        return connection.execute(f"{query} order by all limit 3").fetchall()
    except duckdb.Error as exc:
        raise PipelineError(described(connection, place, exc)) from exc


def _example(claim: Claim, row: Row) -> str:
    """Keys by name, then each measure that is not what it should be."""
    count = len(claim.keys)
    keys = ", ".join(
        f"{key} {value}" for key, value in zip(claim.keys, row[:count], strict=True)
    )
    values = zip(claim.measures, row[count::2], row[count + 1 :: 2], strict=True)
    differing = ", ".join(
        f"{measure} is {one}, not {other}"
        for measure, one, other in values
        if one != other
    )
    return f"{keys}: {differing}" if keys else differing
