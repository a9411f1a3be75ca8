"""Tenant-months of a model, made by Spark: a file each, its grain and claims proved."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

from py4j.protocol import Py4JError
from pyspark.errors import (
    AnalysisException,
    ArithmeticException,
    PySparkException,
)

from pipeline import files, warehouse
from pipeline.build.by_month.batches import batches
from pipeline.build.by_month.engine import Inputs
from pipeline.build.by_month.repeated import NO_MONTH, TenantMonth
from pipeline.build.spark.dialect import Dialect
from pipeline.build.spark.nodes import UnsupportedSqlError
from pipeline.build.spark.views import TYPES, Views, located, types_of
from pipeline.errors import PipelineError
from pipeline.warehouse import Model

log = logging.getLogger(__name__)

# Months of the lake that are made in one go, in bytes: files that Spark has to list.
_TOGETHER = 16 * 2**30

_FOLDER = ".spark"

_Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What Spark runs for a model: its select, and queries that find exceptions."""

    model: Model
    columns: dict[str, str]
    select: str
    grain: str
    claims: tuple[str, ...]


class SparkEngine:
    """Makes months in a folder of *root*, from where they are moved to their places."""

    def __init__(self, spark: Any, root: Path) -> None:
        self._spark = spark
        self._folder = root / _FOLDER
        self._views = Views(spark, self._folder)

    def __enter__(self) -> Self:
        files.discard(self._folder)  # of a build that was killed
        files.make_folder(self._folder)
        return self

    def __exit__(self, *_: object) -> None:
        files.discard(self._folder)

    def make(
        self, model: Model, months: Sequence[TenantMonth], inputs: Inputs
    ) -> dict[TenantMonth, Path] | None:
        """The files that have the rows of *months*; None if Spark cannot make them.

        Raises:
            CheckError: A grain or a claim does not hold, or a figure is too large.
            PipelineError: The model fails on what it reads.
        """
        dialect = Dialect.of(inputs.connection)
        made: dict[TenantMonth, Path] = {}
        try:
            plan = _planned(model, inputs, dialect)
            together = batches(months, inputs.lake.size_of, _TOGETHER)
            for number, batch in enumerate(together):
                folder = self._folder / f"{model.name}-{number}"
                with _described(model):
                    self._make_batch(plan, batch, folder, inputs, dialect)
                made |= _files_of(model, folder, batch)
        except UnsupportedSqlError as exc:
            log.info("%s: made by DuckDB: Spark has no rule for %s", model.name, exc)
            return None
        return made

    def _make_batch(
        self,
        plan: _Plan,
        batch: Sequence[TenantMonth],
        folder: Path,
        inputs: Inputs,
        dialect: Dialect,
    ) -> None:
        for name in sorted(plan.model.needs):
            self._views.show(name, batch, inputs, dialect)
        files.discard(folder)
        self._write(plan, folder)
        self._prove(plan, folder)

    def _write(self, plan: _Plan, folder: Path) -> None:
        """Write the rows of *plan*: those of a month are in one file, by themselves."""
        months = ["_tenant", "_month"]
        rows = self._spark.sql(plan.select).repartition(*months)
        rows = rows.sortWithinPartitions(*months, *plan.model.grain)
        rows.write.partitionBy(*months).parquet(f"file:{folder.absolute()}")

    def _prove(self, plan: _Plan, folder: Path) -> None:
        """Find what is not as the header of the model says, in what was written."""
        model = plan.model
        self._views.show_files(model.name, plan.columns, [located(folder)])
        if wrong := self._rows(plan.grain):
            raise warehouse.grain_error(model, wrong)
        claims = [one for one in model.claims if one.query]
        for claim, query in zip(claims, plan.claims, strict=True):
            if wrong := self._rows(query):
                raise warehouse.claim_error(model, claim, wrong)

    def _rows(self, query: str) -> list[_Row]:
        return [tuple(row) for row in self._spark.sql(query).collect()]


def _planned(model: Model, inputs: Inputs, dialect: Dialect) -> _Plan:
    """What Spark runs for *model*.

    Raises:
        UnsupportedSqlError: It has something that no rule knows.
    """
    source = f"({model.sql}\n)"
    columns = types_of(inputs.connection, source)
    for name, dtype, *_ in inputs.connection.execute(
        f"describe from {source}"
    ).fetchall():
        if dtype not in TYPES:
            raise UnsupportedSqlError(f"{name}, which is a {dtype}")
    select = dialect.spark(
        "select *, tenant as _tenant,"
        f" cast(date_trunc('month', {model.month_of}) as date) as _month"
        f" from {source} as made"
    )
    shown = ", ".join(
        f"cast(`{column}` as {dtype}) as `{column}`"
        for column, dtype in columns.items()
    )
    # The year has four digits, as names of files have.
    month = f"coalesce(date_format(_month, 'yyyy-MM'), '{NO_MONTH.isoformat()[:7]}')"
    queries = [one.query for one in model.claims if one.query]
    grain, *claims = (
        dialect.spark(f"{one} order by all limit 3")
        for one in (warehouse.grain_query(model, model.name), *queries)
    )
    return _Plan(
        model,
        columns,
        f"select {shown}, _tenant, {month} as _month from ({select}) as made",
        grain,
        tuple(claims),
    )


def _files_of(
    model: Model, folder: Path, months: Sequence[TenantMonth]
) -> dict[TenantMonth, Path]:
    """The file of each of *months* that has rows."""
    made: dict[TenantMonth, Path] = {}
    for path in sorted(folder.glob("_tenant=*/_month=*/*.parquet")):
        tenant = path.parent.parent.name.removeprefix("_tenant=")
        month = date.fromisoformat(f"{path.parent.name.removeprefix('_month=')}-01")
        one = TenantMonth(tenant, month)
        if one in made or one not in months:
            raise PipelineError(
                f"{model.place}: Spark made rows of {tenant}, {month:%Y-%m}, which are"
                " of another month or in another file"
            )
        made[one] = path
    return made


@contextmanager
def _described(model: Model) -> Iterator[None]:
    """Within it, what Spark raises is an error that names *model*.

    Raises:
        UnsupportedSqlError: Spark does not take the query.
        CheckError: A figure is too large.
        PipelineError: Anything else.
    """
    try:
        yield
    except ArithmeticException as exc:
        raise warehouse.too_large(model, _first_line(exc)) from exc
    except AnalysisException as exc:  # nothing was made yet
        raise UnsupportedSqlError(_first_line(exc)) from exc
    except (PySparkException, Py4JError) as exc:
        raise PipelineError(f"{model.place}: Spark: {_first_line(exc)}") from exc


def _first_line(exc: Exception) -> str:
    return str(exc).strip().partition("\n")[0]
