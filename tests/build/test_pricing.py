"""Pricing holds for any rate card, split, month and credit: nothing lost, nothing made.

The models are the real ones, from the days of automations to the lines of charges;
what they must come to is worked out here anew, in exact fractions.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import duckdb
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import seeds, warehouse
from pipeline.finance import (
    POLICIES,
    TABLES,
    Budget,
    Entitlement,
    FinanceFiles,
    FixedCost,
    Rate,
    Rule,
)
from tools.model_tables import empty_tables, models

pytestmark = [pytest.mark.slow, pytest.mark.endurance]

MONTHS = [date(2026, 9, 1), date(2026, 10, 1)]
DAYS = [date(2026, 9, 7), date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 20)]
TENANTS = ["acme", "beta", "gamma"]
OWNERS = ["o1", "o2", "o3"]
SPACES = ["", "s1"]
AUTOMATIONS = ["a1", "a2", "a3"]
CENTERS = ["A", "B", "C"]
DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}
UNITS = {one.meter: one.base_per_unit for one in seeds.meters()}
KEY = ("tenant", "usage_date", "automation_id", "owner_id", "space_id")
MOST = {"duration_hours": 10**6, "bandwidth_gb": 10**13}

Day = dict[str, Any]
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class World:
    """Some days of some automations, and what finance makes of them."""

    days: list[Day]
    finance: FinanceFiles

    def used(self, month: date, meter: str, tenants: set[str]) -> int:
        """Base units of *meter* that *tenants* used in *month*."""
        return sum(
            day[meter] or 0
            for day in self.days
            if day["usage_date"].replace(day=1) == month and day["tenant"] in tenants
        )


def days() -> st.SearchStrategy[list[Day]]:
    quantity = {
        meter: st.one_of(
            st.none(), st.integers(0, 9), st.integers(0, MOST.get(meter, 5000))
        )
        for meter in UNITS
    }
    day = st.fixed_dictionaries(
        {
            "tenant": st.sampled_from(TENANTS),
            "usage_date": st.sampled_from(DAYS),
            "automation_id": st.sampled_from(AUTOMATIONS),
            "owner_id": st.sampled_from(OWNERS),
            "space_id": st.sampled_from(SPACES),
            **quantity,
        }
    )
    return st.lists(
        day, min_size=1, max_size=25, unique_by=lambda one: tuple(one[k] for k in KEY)
    )


@st.composite
def rate_cards(draw: st.DrawFn, currency: str) -> tuple[Rate, ...]:
    """Of some meters a card from September on, of some of these another later.

    Of some there is a licence of some tenants beside, from the one month or the other.
    """
    rates: list[Rate] = []
    for meter in draw(st.sets(st.sampled_from(list(UNITS)), min_size=1)):
        ends = draw(st.sampled_from([None, date(2026, 9, 30)]))
        rates += draw(rate_set(meter, currency, MONTHS[0], ends))
        if ends:
            rates += draw(rate_set(meter, currency, MONTHS[1], None))
        if named := draw(st.sampled_from(["", "beta", "beta; acme"])):
            begins = draw(st.sampled_from(MONTHS))
            licence = draw(rate_set(meter, currency, begins, ends))
            if ends and begins > ends:
                continue
            rates += [msgspec.structs.replace(one, tenants=named) for one in licence]
    return tuple(rates)


@st.composite
def rate_set(
    draw: st.DrawFn, meter: str, currency: str, begins: date, ends: date | None
) -> list[Rate]:
    prices = draw(st.lists(st.integers(0, 5 * 10**6), min_size=1, max_size=4))
    starts = [0, *sorted(draw(st.sets(st.integers(1, 3000), min_size=3, max_size=3)))]
    included = draw(st.sampled_from([None, Decimal(0), Decimal("7.5"), Decimal(900)]))
    policy = draw(st.sampled_from([None, *POLICIES]))
    return [
        Rate(
            line=2 + tier,
            meter=meter,
            unit_price=Decimal(price).scaleb(-6),
            currency=currency,
            valid_from=begins,
            valid_to=ends,
            tier_from=Decimal(start) / 2,
            included=included if tier == 0 else None,
            policy=policy if tier == 0 else None,
        )
        for tier, (price, start) in enumerate(zip(prices, starts, strict=False))
    ]


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    """Rules by owner, space and automation, split in two or in three or not at all."""
    made: list[Rule] = []
    for priority in range(draw(st.integers(0, 3))):
        where: dict[str, Any] = draw(
            st.fixed_dictionaries(
                {
                    "owner_id": st.sampled_from(["", *OWNERS]),
                    "space": st.sampled_from(["", "personal"]),
                    "space_id": st.sampled_from(["", "s1"]),
                    "automation_id": st.sampled_from(["", *AUTOMATIONS]),
                    "valid_from": st.sampled_from([None, date(2026, 9, 15)]),
                }
            )
        )
        cuts = draw(st.sets(st.integers(1, 9999), max_size=2))
        parts = [b - a for a, b in pairwise([0, *sorted(cuts), 10_000])]
        made += [
            Rule(
                line=2 + len(made) + number,
                priority=priority,
                cost_center=CENTERS[number],
                percent=Decimal(part).scaleb(-2) if len(parts) > 1 else None,
                **where,
            )
            for number, part in enumerate(parts)
        ]
    return tuple(made)


@st.composite
def fixed_costs(draw: st.DrawFn, currency: str) -> tuple[FixedCost, ...]:
    """Fees and credits, each split in another way."""
    minor = st.integers(-(10**6), 10**6)
    return tuple(
        FixedCost(
            line=2 + number,
            item=f"Item {number}",
            amount=Decimal(draw(minor)).scaleb(-DIGITS[currency]),
            currency=currency,
            valid_from=MONTHS[draw(st.integers(0, 1))],
            split=split,
            meter="runs" if split == "proportional" else "",
            shares="A=33.33; B=66.67" if split == "percent" else "",
            tenant=draw(
                st.sampled_from(
                    ["", "beta", *["beta; acme"] * (split == "proportional")]
                )
            ),
        )
        for number, split in enumerate(
            draw(
                st.lists(
                    st.sampled_from(["even", "proportional", "percent", "budget"]),
                    max_size=4,
                )
            )
        )
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    currency = draw(st.sampled_from(list(DIGITS)))
    entitled = [
        Entitlement(
            line=2 + n,
            meter=meter,
            cost_center=center,
            percent=Decimal(percent),
            valid_from=MONTHS[0],
        )
        for n, (meter, center, percent) in enumerate(
            (meter, center, percent)
            for meter in UNITS
            for center, percent in draw(
                st.sampled_from([[], [("A", 50)], [("A", 20), ("B", 80)]])
            )
        )
    ]
    budgets = tuple(
        Budget(line=2 + n, cost_center=center, month=MONTHS[1], amount=Decimal(amount))
        for n, (center, amount) in enumerate(
            draw(st.sampled_from([[], [("B", 10), ("C", 20)], [("A", 0)]]))
        )
    )
    finance = FinanceFiles(
        currency,
        rates=draw(rate_cards(currency)),
        rules=draw(rules()),
        budgets=budgets,
        fixed_costs=draw(fixed_costs(currency)),
        entitlements=tuple(entitled),
    )
    return World(draw(days()), finance)


@pytest.fixture(scope="module")
def tables(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_tables(tmp_path_factory.mktemp("pricing")) as connection:
        # To plan a query takes longer than to answer it, with so few rows.
        connection.execute("pragma disable_optimizer; set threads = 1")
        yield connection


ALL = list(models().values())
# What stands between what was used and what it costs.
NAMES = warehouse.downstream(ALL, ["int_meter_daily", *TABLES])
NAMES &= warehouse.upstream(ALL, ["int_charges"])
PRICING = [model for model in ALL if model.name in NAMES]


def price(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Put *world* into the tables that pricing reads, and price it anew."""
    finance = world.finance
    micros = 10 ** (6 - DIGITS[finance.currency])
    connection.execute(f"set variable micros_per_minor = {micros}")
    connection.execute(f"set variable currency = '{finance.currency}'")
    for name in TABLES:
        fill(connection, name, list(TABLES[name]), finance.rows(name))
    for name, ids in (
        ("automations", AUTOMATIONS),
        ("owners", OWNERS),
        ("spaces", SPACES),
    ):
        rows = [(tenant, one) for tenant in TENANTS for one in ids]
        fill(connection, name, ["tenant", f"{name[:-1]}_id"], rows)
    months = [(tenant, month) for tenant in TENANTS for month in MONTHS]
    fill(connection, "int_tenant_months", ["tenant", "billing_month"], months)
    quantities = [
        (*(day[column] for column in KEY), meter, day[meter])
        for day in world.days
        for meter in UNITS
    ]
    columns = [*KEY, "meter", "base_quantity"]
    fill(connection, "int_meter_daily", columns, quantities)
    dates = [(day["tenant"], day["usage_date"]) for day in world.days]
    fill(connection, "automation_daily", ["tenant", "date"], dates)
    for model in PRICING:
        connection.execute(f"delete from {model.table}")
        connection.execute(f"insert into {model.table} by name from ({model.sql})")


def fill(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[str], rows: Rows
) -> None:
    connection.execute(f"delete from {table}")
    if rows:
        names = ", ".join(f'"{column}"' for column in columns)
        values = ", ".join(f"unnest(${n})" for n in range(1, len(columns) + 1))
        connection.execute(
            f"insert into {table} ({names}) select {values}",
            [list(column) for column in zip(*rows, strict=True)],
        )


def charges(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    answer = connection.execute("from int_charges order by all")
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def half_up(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def sets_of(world: World, month: date) -> Iterator[tuple[set[str], list[Rate]]]:
    """The tiers of each meter that hold in *month*, and whose they are."""
    sets: dict[tuple[str, tuple[str, ...]], list[Rate]] = defaultdict(list)
    for rate in world.finance.rates:
        if rate.valid_from <= month and (not rate.valid_to or rate.valid_to >= month):
            sets[rate.meter, rate.of_tenants].append(rate)
    for (meter, tenants), tiers in sets.items():
        named = {one for other, some in sets if other == meter for one in some}
        yield {*tenants} or {*TENANTS} - named, tiers


def graduated(used: Fraction, tiers: list[Rate]) -> list[Fraction]:
    """How much of *used* is in each of *tiers*, in billing units."""
    starts = [Fraction(tier.tier_from) for tier in tiers]
    ends = [*starts[1:], max(used, starts[-1])]
    return [
        max(min(used, end) - start, Fraction(0))
        for start, end in zip(starts, ends, strict=True)
    ]


common = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@common
@given(world=worlds())
def test_what_was_used_is_charged_once_by_the_tiers_of_its_month(
    tables: duckdb.DuckDBPyConnection, world: World
) -> None:
    price(tables, world)

    for model in PRICING:
        warehouse.prove_claims(tables, model)
    lines = charges(tables)
    for month in MONTHS:
        for tenants, tiers in sets_of(world, month):
            meter = tiers[0].meter
            own = [
                line
                for line in lines
                if line["billing_month"] == month
                and line["meter"] == meter
                and line["tenant"] in tenants
            ]
            used = world.used(month, meter, tenants)
            included = sum(line["included_base_quantity"] for line in own)
            allowance = (tiers[0].included or 0) * UNITS[meter]
            billable = Fraction(used) - Fraction(included)
            expected = graduated(billable / UNITS[meter], tiers)
            assert sum(line["base_quantity"] for line in own) == used
            assert included == min(allowance, used)
            for tier, quantity in enumerate(expected, 1):
                assert quantity * UNITS[meter] == sum(
                    Fraction(line["base_quantity"] - line["included_base_quantity"])
                    for line in own
                    if line["tier"] == tier
                )


@common
@given(world=worlds())
def test_every_statement_line_is_rounded_once_and_divided_without_loss(
    tables: duckdb.DuckDBPyConnection, world: World
) -> None:
    price(tables, world)

    minor = 10 ** DIGITS[world.finance.currency]
    sums: dict[Any, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * 4)
    for line in charges(tables):
        if line["kind"] == "usage":
            key = ("tenant", "billing_month", "cost_center", "meter", "rate_from")
            group = (*(line[k] for k in key), line["tier"], line["unit_price"])
            own = [
                line["base_quantity"],
                line["base_quantity"] - line["included_base_quantity"],
                line["gross_amount"] * minor,
                line["amount"] * minor,
            ]
            assert line["gross_amount"] - line["included_amount"] == line["amount"]
            assert 0 <= line["amount"] <= line["gross_amount"]
            assert all(Fraction(value).denominator == 1 for value in own[2:])
            sums[group] = [
                so_far + Fraction(value)
                for so_far, value in zip(sums[group], own, strict=True)
            ]
    for group, (base, billable, gross, net) in sums.items():
        exact = Fraction(group[-1]) * minor / UNITS[group[3]]
        assert net == half_up(exact * billable)
        assert gross == half_up(exact * base)


@common
@given(world=worlds())
def test_fixed_amounts_and_credits_are_charged_to_the_minor_unit(
    tables: duckdb.DuckDBPyConnection, world: World
) -> None:
    price(tables, world)

    found: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for line in charges(tables):
        if line["kind"] == "fixed":
            found[line["item"], line["billing_month"]] += line["amount"]
    assert found == {
        (cost.item, month): cost.amount
        for cost in world.finance.fixed_costs
        for month in MONTHS
        if month >= cost.valid_from
    }


@common
@given(world=worlds(), seed=st.integers())
def test_the_order_of_rows_does_not_matter(
    tables: duckdb.DuckDBPyConnection, world: World, seed: int
) -> None:
    price(tables, world)
    before = charges(tables)

    shuffled = list(world.days)
    Random(seed).shuffle(shuffled)  # noqa: S311 (repeatable, not secret)
    price(tables, World(shuffled, world.finance))

    assert charges(tables) == before
