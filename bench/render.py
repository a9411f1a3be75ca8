"""All pages of a large tenant: seconds, sizes, and how soon the first chart is drawn.

10,000 automations of 500 owners in 60 spaces, 25 cost centres, 13 months. The lake is
made up by DuckDB, the warehouse built of it by the models, and only the pages timed.
"""

import shutil
import sys
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter

import duckdb

from pipeline.config import Run, Settings

AS_OF = date(2026, 11, 24)
FIRST_DAY = date(2025, 11, 1)
AUTOMATIONS, OWNERS, SPACES, CENTERS = 10_000, 500, 60, 25

# An automation runs once every five days, and each is in the space of its owner.
_ACTIVE = f"""
    select
        n,
        'auto-' || n as automation_id,
        'owner-' || n % {OWNERS} as owner_id,
        'space-' || n % {SPACES} as space_id,
        date '{{day}}' as day
    from range({AUTOMATIONS}) as known (n)
    where (n + {{number}}) % 5 = 0
"""
_TABLES = {
    "usage": """
        select
            automation_id,
            metric,
            cast(value as bigint) as value,
            'Automation ' || n as automation_name,
            owner_id
        from active
        cross join lateral (
            values
            ('runs', 1),
            ('duration', 5 + n % 300),
            ('bandwidthIn', 40000 * (n % 97)),
            ('bandwidthOut', 9000 * (n % 89))
        ) as metered (metric, value)
    """,
    "runs": """
        select
            'run-' || n || '-' || day as run_id,
            automation_id,
            space_id,
            owner_id,
            owner_id as executed_by_id,
            case when n % 31 = 0 then 'failed' else 'finished' end as status,
            case when n % 3 = 0 then 'webhook' else 'scheduler' end as context,
            false as is_test,
            n % 4 != 0 as billable,
            cast(null as bigint) as duration_seconds,
            cast(null as timestamptz) as scheduled_at,
            started_at as created_at,
            started_at,
            started_at + to_seconds(cast(5 + n % 300 as integer)) as stopped_at,
            started_at as updated_at
        from active
        cross join lateral (
            select cast(day as timestamptz) + to_seconds(cast(n * 7 as integer))
                as started_at
        ) as times
    """,
    "coverage": """
        select
            source,
            'complete' as status,
            cast(1 as bigint) as rows,
            cast(null as varchar) as missing,
            cast(any_value(day) + interval 26 hour as timestamptz) as extracted_at
        from active
        cross join (values ('usage'), ('runs')) as sources (source)
        group by source
    """,
}
_SNAPSHOTS = {
    "automations": f"""
        select
            'auto-' || n as automation_id,
            'Automation ' || n as name,
            'owner-' || n % {OWNERS} as owner_id,
            'space-' || n % {SPACES} as space_id,
            'available' as state,
            'scheduled' as run_mode,
            'finished' as last_run_status,
            cast(null as timestamptz) as last_run_at,
            cast(null as timestamptz) as created_at,
            cast(null as timestamptz) as updated_at
        from range({AUTOMATIONS}) as known (n)
    """,
    "users": f"""
        select
            'owner-' || n as user_id,
            'Owner ' || n as name,
            'owner' || n || '@acme.example' as email,
            '' as subject,
            'active' as status,
            cast(null as timestamptz) as created_at
        from range({OWNERS}) as known (n)
    """,
    "spaces": f"""
        select
            'space-' || n as space_id,
            'Space ' || n as name,
            'shared' as type,
            '' as owner_id,
            cast(null as timestamptz) as created_at,
            cast(null as timestamptz) as updated_at
        from range({SPACES}) as known (n)
    """,
}
RATES = """\
meter,unit_price,currency,valid_from,valid_to
third_party_runs,0.35,EUR,2025-01-01,
duration_hours,1.2,EUR,2025-01-01,
bandwidth_gb,0.08125,EUR,2025-01-01,
"""


def fill(lake: Path) -> None:
    """A lake of 13 months under *lake*."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for number in range((AS_OF - FIRST_DAY).days):
            day = FIRST_DAY + timedelta(days=number)
            active = _ACTIVE.format(day=day, number=number)
            connection.execute(f"create or replace temp table active as {active}")
            for table, sql in _TABLES.items():
                write(connection, lake, table, day, sql)
        for table, sql in _SNAPSHOTS.items():
            write(connection, lake, table, AS_OF - timedelta(days=1), sql)


def write(
    connection: duckdb.DuckDBPyConnection, lake: Path, table: str, day: date, sql: str
) -> None:
    """The file of a *table* and *day*, with the rows of a select."""
    path = lake / table / "tenant=acme" / f"date={day}" / f"{table}.parquet"
    path.parent.mkdir(parents=True)
    connection.execute(f"copy ({sql}) to '{path}' (format parquet)")


def build(folder: Path) -> Path:
    """The warehouse of the lake in *folder*, with a rule for each space."""
    from pipeline import build, finance, warehouse
    from pipeline.build import checks
    from pipeline.config import Charge

    rates, rules = folder / "rates.csv", folder / "cost_centers.csv"
    rates.write_text(RATES, encoding="utf-8")
    lines = ["priority,cost_center,tenant,space,owner,automation"]
    lines += [f"10,CC-{n % CENTERS:02},,Space {n},," for n in range(SPACES)]
    rules.write_text("\n".join(lines) + "\n", encoding="utf-8")
    card = finance.load(Charge(rates, rules), "EUR")
    path = folder / "warehouse.duckdb"
    with warehouse.replacing(path) as connection:
        build.build(connection, run_of(folder), card)
        checks.check(connection)
    return path


def run_of(folder: Path) -> Run:
    """A run over the lake in *folder*."""
    moment = datetime.combine(AS_OF, time(2), UTC)
    return Run(Settings((), folder), AS_OF, moment)


def first_chart(page: Path) -> float | None:
    """Seconds from opening *page* in Chromium until a chart stands; None without it."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        window = browser.new_page()
        start = perf_counter()
        window.goto(page.as_uri(), wait_until="commit")
        window.wait_for_selector(".chart .main-svg")
        took = perf_counter() - start
        browser.close()
    return took


def render(folder: Path) -> None:
    """Write all pages of the warehouse in *folder*, and say what they weigh."""
    from pipeline import report

    start = perf_counter()
    database = folder / "warehouse.duckdb"
    index = report.render(database, folder / "reports", run_of(folder))
    took = perf_counter() - start
    sizes = {page.name: page.stat().st_size for page in index.parent.iterdir()}
    print(f"{len(sizes)} pages in {took:.2f} s, {sum(sizes.values()):,} bytes")
    for page in sorted(sizes, key=lambda one: -sizes[one])[:5]:
        print(f"  {page} {sizes[page]:,} bytes")


def show(folder: Path) -> None:
    """Say how soon the trends in *folder* show their first chart."""
    seconds = first_chart(folder / "reports" / "trends.html")
    if seconds is not None:
        print(f"first chart of trends.html after {seconds:.2f} s")


def main() -> None:
    """Make warehouse and pages; one of them alone, in a folder that is named."""
    only = dict([sys.argv[1:3]]) if len(sys.argv) > 1 else {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(*only.values()) if only else Path(name)
        if "--render" not in only:
            fill(folder / "lake")
            start = perf_counter()
            build(folder)
            print(f"warehouse built in {perf_counter() - start:.1f} s")
        if "--build" not in only:
            render(folder)
        if not only:
            show(folder)


if __name__ == "__main__":
    main()
