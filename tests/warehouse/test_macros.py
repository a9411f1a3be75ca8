"""The macros of sql/macros/, each against exact arithmetic; and where they are."""

import subprocess
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from pipeline import warehouse
from pipeline.warehouse.macros import create_macros

BIGGEST = 2**63


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        create_macros(made)
        yield made


def value(connection: duckdb.DuckDBPyConnection, expression: str) -> Any:
    return connection.execute(f"select {expression}").fetchall()[0][0]


def dtype(connection: duckdb.DuckDBPyConnection, expression: str) -> str:
    return str(value(connection, f"typeof({expression})"))


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (0, 2, 0),
        (4, 3, 1),
        (5, 3, 2),
        (5, 2, 3),
        (-4, 3, -1),
        (-5, 3, -2),
        (-5, 2, -3),
        (BIGGEST, 2, 2**62),
        (BIGGEST + 1, 2, 2**62 + 1),
        (-BIGGEST - 1, 2, -(2**62) - 1),
        (1, BIGGEST - 1, 0),
    ],
)
def test_halves_are_rounded_away_from_zero(
    connection: duckdb.DuckDBPyConnection,
    numerator: int,
    denominator: int,
    expected: int,
) -> None:
    assert value(connection, f"half_up({numerator}, {denominator})") == expected


def test_a_bigint_is_doubled_without_overflow(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    most = f"cast({BIGGEST - 1} as bigint)"

    assert value(connection, f"half_up({most}, {most})") == 1
    assert value(connection, f"whole_part({most}, {most}, {most})") == BIGGEST - 1


def test_what_is_unknown_is_rounded_to_nothing(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert value(connection, "half_up(null, 2)") is None


@pytest.mark.parametrize("weights", [(1, 1, 1), (0, 1, 2), (0, 0), (5,), (0,)])
@pytest.mark.parametrize("whole", [0, 1, 10, BIGGEST])
def test_parts_and_remainders_are_the_whole(
    connection: duckdb.DuckDBPyConnection, whole: int, weights: tuple[int, ...]
) -> None:
    """Nothing is lost, but where nothing has a weight: then there are no parts."""
    total = sum(weights)
    for weight in weights:
        arguments = f"{whole}, {weight}, {total}"
        part = value(connection, f"whole_part({arguments})")
        fraction = value(connection, f"fraction_part({arguments})")

        exact = Fraction(whole * weight, total) if total else Fraction(0)
        assert part == int(exact)
        assert fraction == (exact - int(exact)) * total


@pytest.mark.parametrize(("rank", "expected"), [(1, 4), (2, 4), (3, 3)])
def test_what_is_left_over_goes_to_the_first_in_rank(
    connection: duckdb.DuckDBPyConnection, rank: int, expected: int
) -> None:
    assert value(connection, f"largest_remainder(3, 2, {rank})") == expected


def test_a_division_as_the_macros_say_is_by_largest_remainder(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Random weights, zeros and ties among them; the first of equals is first."""
    random = Random(11)  # noqa: S311 (repeatable, not secret)
    connection.execute("create table shares (key int, name int, whole hugeint, w int)")
    expected = []
    for key in range(60):
        weights = [random.choice((0, 1, 1, 3, 10**6)) for _ in range(1 + key % 6)]
        weights[0] += 1
        whole = random.choice((0, 1, 7, 10**6 + 3, BIGGEST))
        connection.executemany(
            "insert into shares values (?, ?, ?, ?)",
            [(key, name, whole, weight) for name, weight in enumerate(weights)],
        )
        expected += divided(whole, weights)

    made = connection.execute(
        """
        with divisions as (
            select
                *,
                whole_part(whole, w, sum(w) over parts) as part,
                fraction_part(whole, w, sum(w) over parts) as fraction
            from shares
            window parts as (partition by key)
        )
        select largest_remainder(
            part,
            whole - sum(part) over parts,
            row_number() over (parts order by fraction desc, name asc)
        )
        from divisions window parts as (partition by key) order by key, name
        """
    ).fetchall()

    assert [row[0] for row in made] == expected


def divided(whole: int, weights: list[int]) -> list[int]:
    exact = [Fraction(whole * weight, sum(weights)) for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))
    for name in by_remainder[: whole - sum(parts)]:
        parts[name] += 1
    return parts


@pytest.mark.parametrize(
    ("number", "ten_thousandths"),
    [
        ("1.5", 15000),
        ("-0.0001", -1),
        ("0", 0),
        (f"{BIGGEST}.1234", BIGGEST * 10000 + 1234),
        # Of the types of a rate card and of a fixed amount, the largest.
        ("cast(999999999999.999900 as decimal(18, 6))", 9999999999999999),
        ("cast(-999999999999999.999 as decimal(18, 3))", -9999999999999999990),
    ],
)
def test_ten_thousandths_are_exact_there_and_back(
    connection: duckdb.DuckDBPyConnection, number: str, ten_thousandths: int
) -> None:
    assert value(connection, f"to_e4({number})") == ten_thousandths
    assert value(connection, f"to_e6({number})") == ten_thousandths * 100
    back = [f"from_e4({ten_thousandths})", f"from_e6({ten_thousandths} * 100::hugeint)"]
    for one in back:
        assert value(connection, one) == Decimal(ten_thousandths).scaleb(-4)
    assert [dtype(connection, one) for one in back] == [
        "DECIMAL(38,4)",
        "DECIMAL(38,6)",
    ]


@pytest.mark.parametrize(
    ("micros_per_minor", "minor", "amount"),
    [
        (10**6, 150, "150"),  # yen
        (10**4, 150, "1.5"),  # cents
        (10**3, -1, "-0.001"),  # fils
        (10**4, 10**17 - 1, "999999999999999.99"),
        (10**3, 10**21, "1000000000000000000"),
    ],
)
def test_minor_units_are_those_of_the_currency(
    connection: duckdb.DuckDBPyConnection,
    micros_per_minor: int,
    minor: int,
    amount: str,
) -> None:
    connection.execute(
        "set variable micros_per_minor = cast($1 as bigint)", [micros_per_minor]
    )
    made = f"from_minor(cast({minor} as hugeint))"

    assert value(connection, made) == Decimal(amount)
    assert dtype(connection, made) == "DECIMAL(30,3)"


@pytest.mark.parametrize(
    ("base_e4", "base_per_unit", "millionths"),
    [
        (9000 * 10000, 3600, 2_500_000),
        (1, 1, 100),
        (18, 3600, 1),  # half a millionth of an hour
        (17, 3600, 0),
        (-18, 3600, -1),
        (BIGGEST, 10**9, round(Fraction(BIGGEST * 100, 10**9))),
    ],
)
def test_quantities_are_rounded_to_millionths_of_a_billing_unit(
    connection: duckdb.DuckDBPyConnection,
    base_e4: int,
    base_per_unit: int,
    millionths: int,
) -> None:
    made = value(connection, f"billing_e6({base_e4}, {base_per_unit})")

    assert made == millionths


@pytest.mark.parametrize(
    ("day", "begins", "ends", "expected"),
    [
        ("2026-10-01", "2026-10-01", "2026-10-31", True),
        ("2026-10-31", "2026-10-01", "2026-10-31", True),
        ("2026-09-30", "2026-10-01", "2026-10-31", False),
        ("2026-11-01", "2026-10-01", "2026-10-31", False),
        ("2026-09-30", None, "2026-10-31", True),
        ("2026-11-01", "2026-10-01", None, True),
        ("2026-11-01", None, None, True),
    ],
)
def test_the_first_and_the_last_day_are_in_force(
    connection: duckdb.DuckDBPyConnection,
    day: str,
    begins: str | None,
    ends: str | None,
    *,
    expected: bool,
) -> None:
    made = connection.execute(
        "select in_force(cast($1 as date), cast($2 as date), cast($3 as date))",
        [day, begins, ends],
    ).fetchall()

    assert made == [(expected,)]


def test_who_reads_a_warehouse_has_the_macros_and_leaves_none_in_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with warehouse.replacing(path) as connection:
        connection.execute("create table marts.halves as select half_up(5, 2) as half")

    with warehouse.read(path) as reader:
        assert reader.execute("select half_up(half, 2) from halves").fetchall() == [
            (2,)
        ]
    with duckdb.connect(path, read_only=True) as plain:
        left = plain.execute(
            "select function_name from duckdb_functions() where not internal"
        ).fetchall()
        assert left == []


def test_reads_are_found_beside_macros(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "model.sql"
    path.parent.mkdir()
    path.write_text(
        "-- Halves.\n-- grain: a\n\nselect half_up(b, 2) as a from halves\n",
        encoding="utf-8",
    )

    assert warehouse.parse(path).reads == {"halves"}


NAMES = [
    "plain & fine",
    "O'Neil's",
    "$(touch X)",
    "${HOME}",
    "`touch X`",
    '"; touch X; "',
    "a\\b",
    "!history",
    "%PATH%",
    "two\nlines\tand\rmore",
    "\N{RIGHT-TO-LEFT OVERRIDE}\N{ZERO WIDTH SPACE}\N{LINE SEPARATOR}",
    "\N{MONEY BAG}\N{COMBINING ACUTE ACCENT}",
    "' || chr(36) || '",
    "",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_literal_means_the_same_between_the_quotes_of_a_shell(
    connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    ((literal,),) = connection.execute("select text_literal(?)", [name]).fetchall()

    pasted = subprocess.run(
        ["/bin/bash", "-c", f'printf %s "select {literal}"'],
        capture_output=True,
        check=True,
    )

    assert pasted.stdout.decode() == f"select {literal}"
    assert literal.isprintable()
    assert value(connection, literal) == name


@pytest.mark.parametrize(
    ("months", "floor"),
    [
        # The last month that has ended and was read whole.
        ("('2026-08-01', 9000, true), ('2026-09-01', 2500.5, true)", "25.005"),
        ("('2026-09-01', 2500, true), ('2026-10-01', 9000, false)", "25"),
        ("('2026-09-01', 2500, true), ('2026-11-01', 9000, true)", "25"),
        ("('2026-09-01', 99, true)", "1"),
        ("('2026-09-01', -500, true)", "1"),
        ("('2026-10-01', 9000, false)", "1"),
        ("('2026-09-01', null, true)", "1"),
        # All lines of it.
        ("('2026-09-01', 2500, true), ('2026-09-01', -0.001, true)", "24.99999"),
    ],
)
def test_the_floor_of_anomalies_is_a_hundredth_of_a_month(
    connection: duckdb.DuckDBPyConnection, months: str, floor: str
) -> None:
    connection.execute("set variable as_of = date '2026-11-15'")
    connection.execute("set variable anomaly_floor = cast(null as decimal(30, 3))")
    made = (
        "(select anomaly_floor(cast(amount as decimal(30, 3)), cast(month as date),"
        f" is_whole) from (values {months}) as months (month, amount, is_whole))"
    )

    assert value(connection, made) == Decimal(floor)

    connection.execute("set variable anomaly_floor = cast(7 as decimal(30, 3))")

    assert value(connection, made) == 7


@pytest.mark.parametrize(
    ("one", "other", "divisor"),
    [
        (10, 1, 3),
        (8 * 10**24, 10**25, 8 * 10**25),  # a thousand exabytes, in ten-thousandths
        (10**25 - 1, 10**25 - 7, 10**25 - 3),
        (10**24, 10**18 - 1, 10**19),  # an amount in millionths
        (-(10**24), 10**25 - 1, 3 * 10**24),
        (0, 0, 5),
    ],
)
def test_products_of_fifty_digits_are_divided_exactly(
    connection: duckdb.DuckDBPyConnection, one: int, other: int, divisor: int
) -> None:
    sign = -1 if one < 0 else 1
    numbers = ", ".join(f"cast({n} as hugeint)" for n in (one, other, divisor))

    over, left = divmod(abs(one) * other, divisor)

    assert value(connection, f"times_over({numbers})") == sign * over
    assert value(connection, f"times_left({numbers})") == sign * left
