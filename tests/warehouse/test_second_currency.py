"""Conversions: a statement as a whole, its lines as parts of it, to the last unit."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.warehouse.macros import create_macros

MOST = 10**15
AMOUNTS = st.one_of(
    st.integers(-MOST * 1000, MOST * 1000),
    st.integers(-100_000, 100_000),
    st.sampled_from((0, 5, -5, MOST * 1000)),
)
RATES = st.one_of(
    st.integers(1, 10**18 - 1),
    st.sampled_from((1, 5 * 10**9, 10**10, 16_000 * 10**10, 10**18 - 1)),
)


# As statement_lines has it, with the places of amounts as the order of lines.
_LINES = """
with given as (
    select
        unnest(cast($1 as decimal(30, 3)[])) as amount,
        generate_subscripts(cast($1 as decimal(30, 3)[]), 1) as place,
        cast($2 as decimal(18, 10)) as rate,
        cast($3 as bigint) as digits
),

placed as (
    select
        *,
        converted(sum(amount) over (), rate, digits) as whole,
        units_cut(amount, rate, digits) as cut,
        units_left(amount, rate, digits) as rest
    from given
)

select
    whole,
    converted_line(
        cut,
        to_units(whole, digits) - sum(cut) over (),
        row_number() over (order by rest desc, place asc),
        row_number() over (order by rest asc, place asc),
        digits
    )
from placed
order by place
"""


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        create_macros(made)
        yield made


def converted(
    connection: duckdb.DuckDBPyConnection,
    thousandths: list[int],
    rate: int,
    digits: int,
) -> tuple[Decimal, list[Decimal]]:
    """A statement of these amounts in the other currency, and each of its lines."""
    amounts = [Decimal(one).scaleb(-3) for one in thousandths]
    values = [amounts, Decimal(rate).scaleb(-10), digits]
    rows = connection.execute(_LINES, values).fetchall()
    return rows[0][0], [line for _, line in rows]


@given(
    thousandths=st.lists(AMOUNTS, min_size=1, max_size=12),
    rate=RATES,
    digits=st.sampled_from((0, 2, 3)),
)
@settings(deadline=None, max_examples=150)
def test_lines_sum_to_the_statement_and_are_off_by_less_than_a_unit(
    connection: duckdb.DuckDBPyConnection,
    thousandths: list[int],
    rate: int,
    digits: int,
) -> None:
    total, lines = converted(connection, thousandths, rate, digits)

    exact = [Fraction(one, 1000) * Fraction(rate, 10**10) for one in thousandths]
    unit = Fraction(1, 10**digits)
    whole = sum(exact, Fraction(0))
    half_up = int(abs(whole) / unit + Fraction(1, 2)) * unit * (1 if whole > 0 else -1)
    assert Fraction(total) == half_up
    assert sum(map(Fraction, lines)) == half_up
    opposite = converted(connection, [-one for one in thousandths], rate, digits)
    assert opposite == (-total, [-line for line in lines])
    for line, expected in zip(lines, exact, strict=True):
        assert abs(Fraction(line) - expected) < unit
        assert line or abs(expected) < unit
        assert expected or line == 0


def test_what_is_left_over_goes_to_the_largest_remainders_then_by_place(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """10.845, 10.845 and 10.845 are 32.54; 0.003, 0.003, 0.006 and 0.008 are 0.02."""
    assert converted(connection, [10_000] * 3, 10_845_000_000, 2) == (
        Decimal("32.54"),
        [Decimal("10.85"), Decimal("10.85"), Decimal("10.84")],
    )
    assert converted(connection, [3, 3, 6, 8], 10**10, 2) == (
        Decimal("0.02"),
        [Decimal(0), Decimal(0), Decimal("0.01"), Decimal("0.01")],
    )


def test_half_a_unit_is_rounded_away_from_zero(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert converted(connection, [5], 10**10, 2)[0] == Decimal("0.01")
    assert converted(connection, [-5], 10**10, 2)[0] == Decimal("-0.01")
