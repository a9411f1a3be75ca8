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

# What models ask for with getvariable(), and its type.
VARIABLES = {
    "as_of": "date",
    "first_day": "date",
    "first_days": "map(varchar, date)",
    "renamed": "map(varchar, varchar)",
    "first_names": "map(varchar, varchar)",
    "closed_unlisted": "map(varchar, struct(listed_until date, next_month date)[])",
    "tenants": "varchar[]",
    "currency": "varchar",
    "priced_currency": "varchar",
    "display_currency": "varchar",
    "display_digits": "bigint",
    "micros_per_minor": "bigint",
    "tolerance_millionths": "bigint",
    "anomaly_floor": "decimal(30, 3)",
    "priced_month": "date",
    "priced_days": "date[]",
    "running_month": "date",
    "owners_shown": "varchar",
    "lost_days": "struct(tenant varchar, source varchar, day date)[]",
}

# The tables that no model makes.
SOURCES = (
    *(f"raw_{table.name}" for table in TABLES),
    "raw_repeated_runs",
    *seeds.TABLES,
    *finance.TABLES,
    *archive.TABLES,
)

# The parts of a lost day.
_LOST = ("tenant", "source", "day")

# A percent in millionths.
_MILLIONTHS = 10_000


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
    priced = files.rates or files.fixed_costs or closed.months
    values = {
        "as_of": run.as_of,
        **_of_tenants(settings),
        **_of_charge(settings),
        "closed_unlisted": bounds.closed_unlisted(closed.months),
        "currency": files.currency,
        # Null: there are no statements.
        "priced_currency": files.currency if priced else None,
        "micros_per_minor": 10 ** (6 - seeds.minor_digits(files.currency)),
        "priced_month": priced_month,
        "priced_days": None,
        "owners_shown": settings.privacy.owners,
        "lost_days": [dict(zip(_LOST, one, strict=True)) for one in run.lost_days],
        "running_month": to_date.running_month(run.as_of),
    }
    for name, dtype in VARIABLES.items():
        typed = f"cast($1 as {dtype})"
        connection.execute(f"set variable {name} = {typed}", [values[name]])
    sources.lake(connection, settings.lake, present.counted(settings))
    for name in seeds.TABLES:
        sources.seed(connection, name)
    for name in finance.TABLES:
        sources.finance_table(connection, name, files)
    for name in archive.TABLES:
        sources.frozen(connection, name, closed)


def _of_tenants(settings: Settings) -> dict[str, object]:
    """The variables that say which tenants there are, since when, and their names."""
    renamed = names_today(settings)
    return {
        "first_day": settings.first_day,
        "first_days": present.first_days(settings),
        "renamed": renamed,
        "first_names": known_tenants.first_names(renamed),
        "tenants": sorted(settings.tenant_names or present.counted(settings)),
    }


def _of_charge(settings: Settings) -> dict[str, object]:
    """The variables that `[charge]` sets."""
    charge = settings.charge
    display = charge.display_currency
    return {
        "display_currency": display,
        "display_digits": display and seeds.minor_digits(display),
        "tolerance_millionths": int(charge.tolerance * _MILLIONTHS),
        "anomaly_floor": charge.anomaly_floor,
    }


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
