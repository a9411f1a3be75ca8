"""Errors of the forecast as it is and as of an earlier revision, by days to come.

The models of both revisions forecast from each day of public run histories, and of the
cost centres of a warehouse, such as the sandbox's after `chargeback run`:

    python bench/forecasts.py data/warehouse.duckdb DE

An error is the sum of what all forecasts were off, over the sum of what came.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipeline.build.variables import VARIABLES
from pipeline.config import holidays
from pipeline.warehouse.macros import create_macros

ROOT = Path(__file__).parents[1]
HISTORIES = Path(__file__).with_name("run_histories.csv")
EARLIER = "54de10c"
FOLDER = "sql/models/analytics"
DAY = timedelta(days=1)
KNOWN_DAYS = 28

# Until when, by the day on which is forecast. A next month is what is forecast until
# its end, less what is until the end of this one.
UNTIL = {
    "1 day": "origin_date + 1",
    "7 days": "origin_date + 7",
    "14 days": "origin_date + 14",
    "21 days": "origin_date + 21",
    "rest of the month": "last_day(origin_date + 1)",
    "two months": "last_day(last_day(origin_date + 1) + 1)",
}
SHOWN = (*list(UNTIL)[:5], "next month", "weeks with a holiday", "other weeks")

# A series has a country, and days with what each cost centre cost.
TABLES = """
create or replace table tenant_daily as
select 'acme' as tenant, date, 'complete' as status, cast(runs as hugeint) as runs
from daily order by date;
create or replace table cost_center_daily as
select
    'acme' as tenant, date, cost_center,
    cast(amount as decimal(33, 6)) as usage_amount,
    usage_amount as gross_usage_amount
from amounts;
create or replace table int_tenant_months as
select
    'acme' as tenant, cast(date_trunc('month', date) as date) as billing_month,
    count(*) as covered_days, day(last_day(billing_month)) as days_in_month
from daily group by billing_month;
"""

ACTUAL = """
select
    origin_date,
    actual.cost_center,
    until_date,
    sum(actual.usage_amount) as actual_amount
from (select origin_date, cast({until} as date) as until_date from _forecast_origins)
inner join cost_center_daily as actual
    on actual.date > origin_date and actual.date <= until_date
group by origin_date, actual.cost_center, until_date
"""


def main() -> None:
    """Print a table: a row a horizon, a column a series; before and now, in percent."""
    table: dict[str, dict[str, str]] = {}
    with duckdb.connect() as connection:
        _prepare(connection)
        for name, country in _series(connection, sys.argv[1:]):
            first, last = _bounds(connection)
            days = holidays(country, first, last)
            connection.execute("set variable holidays = cast($1 as date[])", [days])
            earlier, now = (_errors(connection, one) for one in (EARLIER, None))
            for level in ("sum", "cost centres"):
                table[f"{name} ({country}), {level}"] = {
                    one: f"{earlier[one, level]:.1f} → {now[one, level]:.1f}"
                    for one in SHOWN
                }
    for column, cells in table.items():
        print(column, *(f"{one}: {cell}" for one, cell in cells.items()), sep="\n  ")


def _series(
    connection: duckdb.DuckDBPyConnection, arguments: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The name and country of each series, once its tables are made."""
    connection.execute(f"create table histories as from '{HISTORIES}'")
    names = "select distinct repository, country from histories order by all"
    for name, country in connection.execute(names).fetchall():
        # A day without a row is one without a run.
        connection.execute(
            "create or replace table daily as"
            " with own as (from histories where repository = $1)"
            " select cast(day as date) as date, coalesce(runs, 0) as runs"
            " from (select unnest(generate_series(min(date), max(date),"
            " interval 1 day)) as day from own) left join own on day = date",
            [name],
        )
        connection.execute(
            "create or replace table amounts as"
            " select date, 'all' as cost_center, runs as amount from daily"
        )
        connection.execute(TABLES)
        yield name, country
    if arguments:
        path, country = arguments
        connection.execute(f"attach '{path}' as built (read_only)")
        connection.execute(
            "create or replace table daily as select date, sum(runs) as runs"
            " from built.marts.tenant_daily where status = 'complete' group by date"
        )
        connection.execute(
            "create or replace table amounts as select date, cost_center,"
            " sum(usage_amount) as amount from built.marts.cost_center_daily"
            " where date in (select date from daily) group by date, cost_center"
        )
        connection.execute(TABLES)
        yield path, country


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    for name, dtype in VARIABLES.items():
        connection.execute(f"set variable {name} = cast(null as {dtype})")
    create_macros(connection)


def _bounds(connection: duckdb.DuckDBPyConnection) -> tuple[date, date]:
    query = "select min(date), max(date) from daily"
    [(first, last)] = connection.execute(query).fetchall()
    return first, last


def _sql(model: str, revision: str | None) -> str:
    """The SQL of *model* in the tree, or as of a *revision*."""
    path = f"{FOLDER}/{model}.sql"
    if revision is None:
        return (ROOT / path).read_text("utf-8")
    shown = ["git", "-C", str(ROOT), "show", f"{revision}:{path}"]
    return subprocess.run(shown, check=True, capture_output=True, text=True).stdout  # noqa: S603


def _errors(
    connection: duckdb.DuckDBPyConnection, revision: str | None
) -> dict[tuple[str, str], float]:
    """The error of each horizon, of the sum and of cost centres."""
    first, last = _bounds(connection)
    # A day stands for its month: it is the key of what is forecast on it.
    origin = (
        "select * replace (origin_date as billing_month)"
        f" from ({_sql('_forecast_origins', revision)}) where is_running"
    )
    connection.execute(f"create or replace table _forecast_origins as {origin} limit 0")
    day = first + KNOWN_DAYS * DAY
    while day < last:
        connection.execute("set variable as_of = cast($1 as date)", [day + DAY])
        connection.execute(f"insert into _forecast_origins {origin}")
        day += DAY
    weekdays = _sql("_forecast_weekdays", revision)
    connection.execute(f"create or replace table _forecast_weekdays as {weekdays}")
    return dict(_summed(connection, _sql("_forecasts", revision), last))


def _summed(
    connection: duckdb.DuckDBPyConnection, forecasts: str, last: date
) -> Iterator[tuple[tuple[str, str], float]]:
    end = "last_day(origins.billing_month)"
    for name, until in UNTIL.items():
        own = until.replace("origin_date", "origins.origin_date")
        own_forecasts = forecasts.replace(end, f"cast({own} as date)")
        connection.execute(
            f'create or replace table "{name}" as select actual.*,'
            " coalesce(coming_amount, 0) as coming_amount"
            f" from ({ACTUAL.format(until=until)}) as actual"
            f" left join ({own_forecasts}) as forecasts"
            " on origin_date = billing_month"
            " and actual.cost_center = forecasts.cost_center"
            f" where until_date <= date '{last}'"
        )
    connection.execute(
        'create or replace table "next month" as select two.* replace ('
        " two.coming_amount - rest.coming_amount as coming_amount,"
        " two.actual_amount - rest.actual_amount as actual_amount)"
        ' from "two months" as two inner join "rest of the month" as rest'
        " using (origin_date, cost_center)"
    )
    week = (
        "exists (from unnest(getvariable('holidays')) as known (holiday)"
        " where holiday > origin_date and holiday <= until_date"
        " and isodow(holiday) < 6)"
    )
    for name, which in (("weeks with a holiday", ""), ("other weeks", "not ")):
        connection.execute(
            f'create or replace table "{name}" as from "7 days" where {which}{week}'
        )
    for name in SHOWN:
        for level, key in (("sum", "''"), ("cost centres", "cost_center")):
            query = (
                "select 100 * sum(abs(coming - actual)) / sum(actual) from (select"
                " sum(coming_amount) as coming, sum(actual_amount) as actual"
                f' from "{name}" group by origin_date, {key})'
            )
            [(error,)] = connection.execute(query).fetchall()
            yield (name, level), float(error)


if __name__ == "__main__":
    main()
