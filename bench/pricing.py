"""Pricing of 10,000 automations and 13 months: seconds, model by model.

A row of usage for each automation and day, a rate card with an allowance and tiers,
twenty cost centres of which one is split, a fixed amount; every model from the daily
quantities of meters to the lines of statements is made anew, as by each run.
"""

import sys
import tempfile
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import duckdb

from pipeline import build, warehouse
from pipeline.config import Run, Settings, TenantAccess
from pipeline.finance import FinanceFiles, FixedCost, Rate, Rule
from pipeline.warehouse import Model

AUTOMATIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
FIRST_DAY = date(2025, 10, 1)
AS_OF = date(2026, 11, 1)

# 13 months, each automation on each day, in spaces that have a rule each.
USAGE = """
insert into int_meter_daily by name
select
    'acme' as tenant,
    cast(day as date) as usage_date,
    'automation-' || n as automation_id,
    'owner-' || n % 500 as owner_id,
    'space-' || n % 21 as space_id,
    meter,
    case meter
        when 'runs' then 1 + (n * 7 + day_number) % 40
        when 'third_party_runs' then (n + day_number) % 9
        when 'duration_hours' then (n * 31 + day_number * 17) % 5000
        when 'bandwidth_gb' then (n * 131 + day_number * 171) % 50000000
    end as base_quantity
from range($1) as automations (n),
    (
        select
            day,
            row_number() over () as day_number
        from range($2, $3, interval 1 day) as days (day)
    ),
    seed_meters
"""


def card() -> FinanceFiles:
    """A rate card as finance would have one."""
    prices = (
        ("duration_hours", "0.42", "0", None),
        ("bandwidth_gb", "2.5", "0", None),
        ("third_party_runs", "0.085", "0", Decimal(50_000)),
        ("third_party_runs", "0.06", "200000", None),
        ("third_party_runs", "0.045", "400000", None),
    )
    rates = [
        Rate(
            line=2 + number,
            meter=meter,
            unit_price=Decimal(price),
            currency="EUR",
            valid_from=FIRST_DAY,
            tier_from=Decimal(begins),
            included=included,
        )
        for number, (meter, price, begins, included) in enumerate(prices)
    ]
    rules = [
        Rule(line=2 + n, priority=n, cost_center=f"Centre {n:02}", space=f"space-{n}")
        for n in range(1, 20)
    ]
    rules += [
        Rule(
            line=30 + n,
            priority=30,
            cost_center=f"Centre {n:02}",
            space="space-0",
            percent=Decimal(percent),
        )
        for n, percent in ((1, 60), (2, 40))
    ]
    fee = FixedCost(
        line=2,
        item="Licence fee",
        amount=Decimal(1000),
        currency="EUR",
        valid_from=FIRST_DAY,
        split="proportional",
        meter="runs",
    )
    return FinanceFiles("EUR", tuple(rates), tuple(rules), fixed_costs=(fee,))


def pricing() -> list[Model]:
    """What stands between the days of automations and the lines of statements."""
    models = build.models()
    names = warehouse.downstream(models, ["int_meter_daily", "int_billing_days"])
    names &= warehouse.upstream(models, ["statement", "statement_lines"])
    names |= {"int_billing_days", "_patterns_matched"}
    return [model for model in models if model.name in names]


def main() -> None:
    """Fill, then time each model of the pricing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with warehouse.replacing(folder / "warehouse.duckdb") as connection:
            tenants = (TenantAccess("acme", "http://127.0.0.1:1"),)
            settings = Settings(tenants, folder, first_day=FIRST_DAY)
            moment = datetime.combine(AS_OF, time(2), UTC)
            build.build(connection, Run(settings, AS_OF, moment), card())
            measure(connection)


def measure(connection: duckdb.DuckDBPyConnection) -> None:
    """Price the usage three times, and print the best."""
    connection.execute(USAGE, [AUTOMATIONS, FIRST_DAY, AS_OF])
    connection.execute(
        "insert into automation_daily by name select tenant, usage_date as date"
        " from int_meter_daily group by tenant, usage_date"
    )
    connection.execute(
        "insert into name_history by name select 'acme' as tenant, 'space' as"
        " dimension, 'space-' || n as entity_id, entity_id as name, date '0001-01-01'"
        " as valid_from, date '9999-12-31' as valid_until from range(21) as spaces (n)"
    )
    models = pricing()
    times: dict[str, list[float]] = {model.name: [] for model in models}
    for _ in range(3):
        for model in models:
            connection.execute(f"drop table {model.table}")
            start = perf_counter()
            connection.execute(f"create table {model.table} as {model.sql}")
            times[model.name].append(perf_counter() - start)
    for name, seconds in times.items():
        rows = connection.execute(f"select count(*) from {name}").fetchall()[0][0]
        print(f"{min(seconds):6.2f} s {rows:>10,} rows  {name}")
    total = sum(min(seconds) for seconds in times.values())
    first = min(times["int_usage_by_period"])
    print(f"{total:6.2f} s in all, {total - first:.2f} s after the days are summed")


if __name__ == "__main__":
    main()
