"""The drawings of the overview: bars of months, and how an allowance is used up."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from pipeline.report import burn_down, drawings, plots

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


def row(month: date, label: str | None, amount: int) -> dict[str, Any]:
    return {
        "month": month,
        "label": label,
        "amount": Decimal(amount),
        "is_rest": label is None,
    }


ROWS = [
    row(JULY, "Sales", 100),
    row(AUGUST, "Sales", 60),
    row(JULY, None, 50),
    row(AUGUST, None, 15),
]


def test_a_bar_is_as_high_as_its_parts_and_what_is_to_come() -> None:
    drawn = plots.months(ROWS, {}, Decimal(100))

    july, august = drawn.bars
    assert [(part.series, part.y, part.height) for part in july.parts] == [
        (1, 100.0, 152.0),
        (5, 24.0, 76.0),
    ]
    assert july.coming is None
    assert august.total == 75
    assert august.coming == (100.0, 38.0)
    assert drawn.ticks == [(0, 252.0), (50, 176.0), (100, 100.0), (150, 24.0)]


def test_a_drawing_ends_where_the_amounts_of_its_names_do() -> None:
    """A phone shows its right end first, which would be empty."""
    drawn = plots.months(ROWS, {}, None)

    assert drawn.width - drawn.right == 243
    assert drawn.bars[-1].x < drawn.right < drawn.width


def test_names_stand_beside_their_parts_and_never_on_each_other() -> None:
    rows = [row(AUGUST, name, 1) for name in "abcd"] + [row(AUGUST, "e" * 30, 500)]
    drawn = plots.months(rows, {AUGUST: Decimal(505)}, None)

    places = [name.y for name in drawn.names]
    gaps = [lower - higher for lower, higher in pairwise(places)]
    assert min(gaps) >= 15
    assert [name.kind for name in drawn.names] == ["1", "2", "3", "4", "5", "budget"]
    assert drawn.names[4].label == "e" * 23 + "…"


def test_a_budget_is_a_line_with_steps_and_gaps() -> None:
    months = [date(2026, month, 1) for month in (6, 7, 8, 9)]
    rows = [row(month, "Sales", 100) for month in months]
    budgets = dict(zip(months, map(Decimal, (50, 100)), strict=False))
    budgets[months[3]] = Decimal(100)
    drawn = plots.months(rows, budgets, None)

    assert drawn.budget == "M64.0 138.0H160.0V24.0H256.0M352.0 24.0H448.0"


@pytest.mark.parametrize("amount", [0, -5])
def test_months_of_nothing_and_of_credits_have_bars_without_height(amount: int) -> None:
    drawn = plots.months([row(JULY, "Sales", amount)], {}, None)

    (bar,) = drawn.bars
    assert [part.height for part in bar.parts] == [0.0]
    assert bar.total == amount
    assert drawn.ticks == [(0, 252.0)]


def test_what_is_written_above_a_bar_does_not_meet_the_budget() -> None:
    apart = plots.months([row(JULY, "Sales", 100)], {JULY: Decimal(200)}, None)
    near = plots.months([row(JULY, "Sales", 100)], {JULY: Decimal(103)}, None)

    assert apart.bars[0].text < apart.bars[0].top
    assert near.bars[0].text > near.bars[0].top


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (0, [0]),
        (3, [0, 1, 2, 3]),
        (41, [0, 20, 40]),
        (Decimal("671.40"), [0, 200, 400, 600]),
        (10**15, [0, 5 * 10**14, 10**15]),
    ],
)
def test_ticks_are_few_and_round(largest: Decimal, expected: list[int]) -> None:
    assert drawings.ticks(largest) == expected


def days(first: date, used: list[int], known: int) -> list[dict[str, Any]]:
    return [
        {
            "date": first + timedelta(days=place),
            "all_used": Decimal(value),
            "quota": 30,
            "is_projected": place >= known,
        }
        for place, value in enumerate(used)
    ]


def test_an_allowance_goes_on_from_what_is_used_to_what_is_expected() -> None:
    drawn = burn_down.burn_down(days(AUGUST, [10, 20, 40], 2), days(JULY, [5, 39], 2))

    assert drawn.used == "56.0,142.0 250.0,100.0"
    assert drawn.expected == "250.0,100.0 444.0,16.0"
    assert drawn.before == "56.0,163.0 250.0,20.2"
    assert drawn.mark is not None
    assert (drawn.mark.day, drawn.mark.is_expected) == (date(2026, 8, 3), True)
    # The ends of both lines would be 4 apart.
    assert [place for _, _, place in drawn.ends] == [16.0, 31.0]


def test_an_allowance_that_lasts_has_no_mark() -> None:
    drawn = burn_down.burn_down(days(AUGUST, [0], 1), [])

    assert drawn.mark is None
    assert drawn.expected == drawn.before == ""


def test_a_year_has_few_days_below_it() -> None:
    drawn = burn_down.burn_down(days(AUGUST, list(range(365)), 365), [])

    assert len(drawn.days) == 7
