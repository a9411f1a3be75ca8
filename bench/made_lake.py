"""A lake of any size, the same for the same seed, written as the extraction writes it.

`bench/made_lake.py FOLDER --runs 1000000` makes a data folder with a lake, a
configuration and finance files, on which `chargeback build` works.
"""

import argparse
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb
import polars as pl

from pipeline.endpoints import AUTOMATIONS, CONNECTORS, RUNS, SPACES, USAGE, USERS
from pipeline.lake import DayCoverage, Lake, Table, tenants

TENANT = "acme"
DAY = timedelta(days=1)
# The day after the last one that is whole: the day of the run.
AS_OF = date(2026, 11, 1)
OWNERS, SPACES_COUNT, CENTERS = 500, 60, 25
METRICS = 7
MEMORY_LIMIT = "1500MB"


@dataclass(frozen=True, slots=True)
class Size:
    """How much a lake has; *months* end with the month before `AS_OF`."""

    runs: int
    usage: int
    automations: int
    months: int
    seed: int = 1

    @property
    def first_day(self) -> date:
        """The first day that the lake has."""
        year, month = divmod(AS_OF.year * 12 + AS_OF.month - 1 - self.months, 12)
        return date(year, month + 1, 1)

    @property
    def days(self) -> list[date]:
        """Every day of the lake."""
        count = (AS_OF - self.first_day).days
        return [self.first_day + number * DAY for number in range(count)]


_MACROS = """
create macro uniform(n, salt) as (
    hash(n, salt, getvariable('seed')) / 18446744073709551616.0
);
create macro uuid_of(n, salt) as (
    with digits as (select md5(concat(n, '-', salt, '-', getvariable('seed'))) as d)
    select
        concat_ws('-', d[1:8], d[9:12], '4' || d[14:16], 'a' || d[18:20], d[21:32])
    from digits
);
"""

# Who an automation belongs to, and in which space it runs, changes for some each month.
_KNOWN = """
create or replace table known as
select
    n,
    uuid_of(n, 'automation') as automation_id,
    'Automation ' || n || if(moved, ' of ' || getvariable('month'), '') as name,
    'owner-' || (n % $1 + case when moved then 1 else 0 end) % $1 as owner_id,
    case
        when n % 97 = 0 then ''
        else 'space-' || (n % $2 + case when moved then 1 else 0 end) % $2
    end as space_id,
    n % 3 = 0 as is_third_party,
    case n % 4 when 0 then 'triggered' when 1 then 'webhook' else 'scheduled' end
        as run_mode
from (
    select
        n,
        n % 50 = getvariable('month_number') % 50 as moved
    from range($3) as numbers (n)
)
"""

# The automations of each day, in an order of which the first ones run the most.
_ACTIVE = """
create or replace table active as
select
    day,
    n,
    row_number() over (partition by day order by uniform(n, day)) - 1 as place
from known
cross join (select unnest($1) as day)
qualify place < $2
"""

_RUNS = """
create or replace table listed as
with numbered as (
    select
        day,
        number,
        case
            when number < $3 then number
            else cast(floor(pow(uniform(number, day), 3) * $3) as bigint)
        end as place,
        cast(floor(uniform(number, day + 1) * 86100) as bigint) as second
    from (select unnest($1) as day)
    cross join range($2) as numbers (number)
),
timed as (
    select
        numbered.*,
        known.*,
        uuid_of(number, day) as run_id,
        uniform(number, 'status') as chance,
        cast(day as timestamp) + to_seconds(second) as started_at,
        least(second, cast(number % 40 as bigint)) as waited,
        5 + cast(floor(pow(uniform(number, 'seconds'), 4) * 295) as bigint) as took
    from numbered
    inner join active using (day, place)
    inner join known using (n)
)
select
    day,
    n,
    run_id,
    automation_id,
    space_id,
    owner_id,
    owner_id as executed_by_id,
    case
        when chance < 0.03 then 'failed'
        when chance < 0.04 then 'exceeded limit'
        else 'finished'
    end as status,
    case when chance < 0.03 then 'Request failed with status 4' || number % 30 end
        as error,
    case run_mode when 'scheduled' then 'scheduler' else run_mode end as context,
    false as is_test,
    is_third_party as billable,
    took as duration_seconds,
    case run_mode when 'scheduled' then started_at - to_seconds(waited) end
        as scheduled_at,
    started_at - to_seconds(waited) as created_at,
    started_at,
    started_at + to_seconds(took) as stopped_at,
    started_at + to_seconds(took) as updated_at
from timed
"""

_USAGE = """
create or replace table metered as
select
    day,
    known.automation_id,
    metric,
    case metric
        when 'runs' then runs
        when 'duration' then seconds
        when 'scheduledRuns' then if(known.run_mode = 'scheduled', runs, 0)
        when 'triggeredRuns' then if(known.run_mode = 'triggered', runs, 0)
        when 'webhookRuns' then if(known.run_mode = 'webhook', runs, 0)
        when 'bandwidthIn' then runs * (40000 + known.n * 97)
        else runs * (9000 + known.n * 89)
    end as value,
    known.name as automation_name,
    known.owner_id,
    day + 1 as read_on
from (
    select
        day,
        n,
        count(*) as runs,
        cast(sum(duration_seconds) as bigint) as seconds
    from listed
    group by day, n
)
inner join known using (n)
cross join (
    values
    ('runs'), ('duration'), ('scheduledRuns'), ('triggeredRuns'), ('webhookRuns'),
    ('bandwidthIn'), ('bandwidthOut')
) as metrics (metric)
"""

_SNAPSHOT = """
select
    automation_id,
    name,
    owner_id,
    space_id,
    'available' as state,
    run_mode,
    'finished' as last_run_status
from known
"""


def fill(folder: Path, size: Size) -> None:
    """A data folder with the lake of *size*, its configuration and finance files."""
    lake = Lake(folder / "data" / "lake")
    days = size.days
    with tempfile.TemporaryDirectory(dir=folder) as spill, duckdb.connect() as tables:
        tables.execute(f"set temp_directory = '{spill}'; set memory_limit = '4GB'")
        tables.execute(f"set timezone = 'UTC'; set variable seed = {size.seed}")
        tables.execute(_MACROS)
        for number, month in enumerate(sorted({day.replace(day=1) for day in days})):
            tables.execute("set variable month = $1", [f"{month:%Y-%m}"])
            tables.execute("set variable month_number = $1", [number])
            own = [day for day in days if day.replace(day=1) == month]
            _month(tables, lake, own, size, Path(spill))
    _people(lake)
    for table in (
        USAGE.table,
        RUNS.table,
        AUTOMATIONS.table,
        USERS.table,
        SPACES.table,
    ):
        read = {day: _coverage(day) for day in lake.days(table, TENANT)}
        lake.cover(table, TENANT, read)
    known = tenants.KnownTenant(TENANT, "tenant-of-the-bench", "acme.example")
    tenants.write(folder / "data" / "lake", [known])
    configure(folder, size)


def change(folder: Path, days: int) -> None:
    """Let the last *days* of the lake have other usage, and later records of runs."""
    lake = Lake(folder / "data" / "lake")
    more = (pl.col("metric") == "bandwidthIn").cast(pl.Int64)
    for day in lake.days(USAGE.table, TENANT)[-days:]:
        usage = lake.read(USAGE.table, TENANT, day)
        usage = usage.with_columns(value=pl.col("value") + more)
        lake.replace(USAGE.table, TENANT, day, usage)
        runs = lake.read(RUNS.table, TENANT, day)
        runs = runs.with_columns(updated_at=pl.col("updated_at") + timedelta(seconds=1))
        lake.replace(RUNS.table, TENANT, day, runs)


def _coverage(day: date) -> DayCoverage:
    return DayCoverage("complete", datetime.combine(day + DAY, time(2), UTC))


def _month(
    tables: duckdb.DuckDBPyConnection,
    lake: Lake,
    days: list[date],
    size: Size,
    spill: Path,
) -> None:
    """The files of *days*, which are those of a month."""
    count = len(size.days)
    active = min(max(size.usage // METRICS // count, 1), size.automations)
    tables.execute(_KNOWN, [OWNERS, SPACES_COUNT, size.automations])
    tables.execute(_ACTIVE, [days, active])
    tables.execute(_RUNS, [days, max(size.runs // count, active), active])
    tables.execute(_USAGE)
    for table, name in ((RUNS.table, "listed"), (USAGE.table, "metered")):
        for day in days:
            rows = _rows(tables, f"from {name} where day = date '{day}'", table, spill)
            lake.replace(table, TENANT, day, rows)
    snapshot = _rows(tables, _SNAPSHOT, AUTOMATIONS.table, spill)
    for day in days:
        # Taken on the morning after the day.
        lake.replace(AUTOMATIONS.table, TENANT, day + DAY, snapshot)


def _rows(
    tables: duckdb.DuckDBPyConnection, select: str, table: Table, spill: Path
) -> pl.DataFrame:
    """The rows of *select* with the columns of *table*; those it lacks are null."""
    path = spill / "rows.parquet"
    tables.execute(f"copy ({select}) to '{path}' (format parquet, compression snappy)")
    rows = pl.read_parquet(path)
    return rows.select(
        pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        if isinstance(dtype, pl.Datetime) and name in rows.columns
        else (pl.col(name) if name in rows.columns else pl.lit(None))
        .cast(dtype)
        .alias(name)
        for name, dtype in table.columns.items()
    )


def _people(lake: Lake) -> None:
    """Users, spaces and connectors, as they were listed last."""
    users = [
        (f"owner-{n}", f"Owner {n}", f"owner{n}@acme.example", "", "active", None)
        for n in range(OWNERS)
    ]
    spaces = [
        (f"space-{n}", f"Space {n}", "shared", f"owner-{n}", None, None)
        for n in range(SPACES_COUNT)
    ]
    connectors = [(f"connector-{n}", f"Connector {n}", n % 3 == 0) for n in range(40)]
    for endpoint, rows in ((USERS, users), (SPACES, spaces), (CONNECTORS, connectors)):
        lake.replace(endpoint.table, TENANT, AS_OF, endpoint.table.frame(rows))


def configure(folder: Path, size: Size) -> None:
    """The configuration of the data folder, and its finance files.

    What DuckDB may take is set, so that memory says the same on any machine.
    """
    first = size.first_day
    files = {
        "chargeback.toml": (
            'data_dir = "data"\n'
            f'currency = "EUR"\nfirst_day = {first}\n\n'
            f'[[tenant]]\nname = "{TENANT}"\nurl = "https://acme.example"\n'
            'api_key = "env:ACME_API_KEY"\n\n'
            '[charge]\nrate_card = "rates.csv"\ncost_centers = "cost_centers.csv"\n'
            'budgets = "budgets.csv"\nfixed_costs = "fixed_costs.csv"\n\n'
            f'[engine]\nmemory_limit = "{MEMORY_LIMIT}"\n'
        ),
        "rates.csv": (
            "meter,unit_price,currency,valid_from,valid_to,tier_from,included\n"
            f"third_party_runs,0.085,EUR,{first},,0,50000\n"
            f"third_party_runs,0.06,EUR,{first},,200000,\n"
            f"duration_hours,0.42,EUR,{first},,,\n"
            f"bandwidth_gb,0.08125,EUR,{first},,,\n"
        ),
        "cost_centers.csv": _rules(),
        "budgets.csv": "cost_center,month,amount\n"
        + "".join(
            f"CC-{n:02},{month:%Y-%m},{1000 + n}\n"
            for month in sorted({day.replace(day=1) for day in size.days})
            for n in range(CENTERS)
        ),
        "fixed_costs.csv": (
            "item,amount,currency,valid_from,valid_to,split,meter\n"
            f"Licence fee,1000,EUR,{first:%Y-%m},,proportional,runs\n"
        ),
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")


def _rules() -> str:
    """A rule for each space but the personal ones; one space is split 60 to 40."""
    lines = ["priority,cost_center,tenant,space,owner,automation,percent"]
    lines += [f"10,CC-{n % CENTERS:02},,Space {n},,," for n in range(1, SPACES_COUNT)]
    lines += ["20,CC-01,,Space 0,,,60", "20,CC-02,,Space 0,,,40"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Make the lake that the arguments describe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--usage", type=int)
    parser.add_argument("--automations", type=int, default=10_000)
    parser.add_argument("--months", type=int, default=13)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    usage = given.usage or given.runs // 2
    size = Size(given.runs, usage, given.automations, given.months, given.seed)
    fill(given.folder, size)


if __name__ == "__main__":
    main()
