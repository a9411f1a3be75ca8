"""Lake, seeds and finance files → warehouse: variables, sources, then every model."""

from collections.abc import Sequence
from datetime import date
from functools import cache

import duckdb

from pipeline import finance, seeds, warehouse
from pipeline.build import bounds, by_month, checks, notes, sources, spark, to_date
from pipeline.build.issued import issued, renamed
from pipeline.build.odd_files import naming_odd_files
from pipeline.build.reprice import files_of, pricing, reprice
from pipeline.build.simulate import compare
from pipeline.build.variables import set_variables
from pipeline.closing import archive
from pipeline.closing.archive import Archive
from pipeline.config import Run, Settings
from pipeline.dates import month_before
from pipeline.endpoints import TABLES
from pipeline.finance import FinanceFiles
from pipeline.lake import identity, present
from pipeline.lake import tenants as known_tenants
from pipeline.resources import resource
from pipeline.warehouse import Model

# The tables that no model makes.
SOURCES = (
    *(f"raw_{table.name}" for table in TABLES),
    "raw_repeated_runs",
    *seeds.TABLES,
    *finance.TABLES,
    *archive.TABLES,
)


@cache
def models() -> tuple[Model, ...]:
    """Every model, in the order of the build.

    Raises:
        PipelineError: A header or SQL is wrong.
    """
    return warehouse.load_models(resource("sql") / "models", SOURCES)


def build(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    files: FinanceFiles,
    closed: Archive | None = None,
    only: Sequence[str] = (),
) -> None:
    """Make all tables from the lake and finance *files*, for the days before the run's.

    With *only*, those and what they are made of, without comments: a step on the way.

    The tenants of the settings are those whose days are due; where none is
    configured, all that the lake holds. Of *closed* months those count that had
    ended by the day of the run.

    Raises:
        ConfigError: The currency of *files* has more decimals than amounts have, or
            is not that of a closed month; or a first day is after a closed one.
        CheckError: A model's grain or claim does not hold.
        PipelineError: A file of the lake cannot be read, or a model fails on it.
    """
    ended = (closed or Archive()).until(run.month)
    bounds.check_currency(files.currency, ended.months)
    bounds.check_closed(run.settings, ended.months)
    named = renamed(files, issued(ended.months))
    every = models()
    made = by_month.upstream(every, only) if only else {one.name for one in every}
    needed = [one for one in every if one.name in made]
    with naming_odd_files(run.settings):
        _fill_sources(connection, run, named, ended, None)
        _make(connection, needed, ended, named, run)
    if not only:
        notes.keep(connection)
        _comment(connection, [*needed, notes.model()])


def settled(settings: Settings) -> dict[str, str]:
    """Today's names of renamed tenants; their folders in the lake have them from now.

    Raises:
        ConfigError: A name would mix the history of two tenants.
    """
    known = known_tenants.read(settings.lake)
    identity.check_former(known, settings.tenant_names, settings.renamed)
    identity.check_hosts(settings.tenants, known)
    known_tenants.settle(settings.lake, TABLES, settings.renamed)
    return names_today(settings)


def names_today(settings: Settings) -> dict[str, str]:
    """Today's names of renamed tenants, as the lake has them; nothing is moved."""
    return known_tenants.today(known_tenants.read(settings.lake), settings.renamed)


def finance_files(settings: Settings) -> FinanceFiles:
    """The finance files, in which tenants that left may be named too.

    Raises:
        ConfigError: A file cannot be read or contradicts itself or another.
    """
    return finance.read(settings, present.counted(settings))


def simulate(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    files: FinanceFiles,
    month: date,
) -> duckdb.DuckDBPyConnection:
    """What *month* is charged by each way to share an allowance: the rows to show.

    Raises:
        ConfigError: Nothing is included in *month*, or nothing of it was used.
        CheckError: A model's grain or claim does not hold.
        PipelineError: A file of the lake cannot be read, or a model fails on it.
    """
    _fill_sources(connection, run, files, Archive(), month)
    return compare(connection, models(), files, month)


def _fill_sources(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    files: FinanceFiles,
    closed: Archive,
    priced_month: date | None,
) -> None:
    """Set the variables, and make the tables that no model makes.

    *priced_month* is the one month that is priced, None for all.
    """
    settings = run.settings
    set_variables(connection, run, files, closed, priced_month)
    sources.lake(connection, settings.lake, present.counted(settings))
    for name in seeds.TABLES:
        sources.seed(connection, name)
    for name in finance.TABLES:
        sources.finance_table(connection, name, files)
    for name in archive.TABLES:
        sources.frozen(connection, name, closed)


def _make(
    connection: duckdb.DuckDBPyConnection,
    every: Sequence[Model],
    closed: Archive,
    files: FinanceFiles,
    run: Run,
) -> None:
    """Make *every* model; those that need what is priced again come last."""
    as_of = run.as_of
    last = warehouse.downstream(every, {"raw_repriced", "raw_prior_to_date"})
    first = [one for one in every if one.name not in last]
    with spark.started(run.settings) as engine:
        maker = by_month.maker(connection, run, every, engine)
        maker.make(first)
        if any("raw_repriced" in one.needs for one in every):
            reprice(connection, every, closed.months, files)
        if any("raw_prior_to_date" in one.needs for one in every):
            then = files_of(month_before(as_of), closed.months, files)
            to_date.price_to_date(connection, pricing(every), then, as_of)
        maker.make([one for one in every if one.name in last])
        maker.keep(checks.every())


def _comment(connection: duckdb.DuckDBPyConnection, every: Sequence[Model]) -> None:
    """Say in the warehouse what its tables and columns mean."""
    comments = warehouse.load_comments(resource("sql"))
    connection.execute("begin")  # each comment by itself would be a commit
    for model in every:
        if model.schema in warehouse.KEPT:
            warehouse.comment(connection, model, comments)
    connection.execute("commit")
