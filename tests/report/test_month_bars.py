"""Bars of months: what is drawn, and on which scale."""

from datetime import date
from decimal import Decimal

from pipeline.report.month_bars import month_bars

MONTHS = [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)]


def test_the_largest_amount_or_budget_is_the_highest() -> None:
    amounts = [None, Decimal(20), Decimal(40)]

    chart = month_bars(MONTHS, amounts, Decimal(80))

    unknown, half, whole = chart.bars
    assert (unknown.height, half.height * 2, whole.height * 2) == (0, 53, 106)
    assert chart.budget == whole.y - whole.height
    assert [bar.is_last for bar in chart.bars] == [False, False, True]


def test_an_amount_stands_above_the_budget_that_would_cross_it_out() -> None:
    amounts = [Decimal(10), Decimal(55), Decimal(70)]

    chart = month_bars(MONTHS, amounts, Decimal(60))

    low, near, above = chart.bars
    assert low.text_y == low.y - 5
    assert near.text_y == (chart.budget or 0) - 5 < near.y - 5
    assert above.text_y == above.y - 5


def test_a_credit_hangs_below_the_axis() -> None:
    chart = month_bars(MONTHS, [Decimal(10), Decimal(-10), Decimal(0)], None)

    above, below, nothing = chart.bars
    assert above.y + above.height == below.y == chart.axis
    assert (nothing.height, chart.budget) == (0, None)


def test_nothing_at_all_is_a_line() -> None:
    chart = month_bars(MONTHS, [None, Decimal(0), None], None)

    assert {bar.height for bar in chart.bars} == {0}


def test_long_amounts_are_written_at_the_last_bar_alone() -> None:
    chart = month_bars(MONTHS, [Decimal(10) ** 9] * 3, None)

    assert [bar.is_labelled for bar in chart.bars] == [False, False, True]
    assert chart.bars[-1].anchor == "end"


def test_what_is_still_to_come_stands_on_the_last_bar() -> None:
    amounts = [Decimal(10), Decimal(20), Decimal(40)]

    chart = month_bars(MONTHS, amounts, None, Decimal(80))

    last = chart.bars[-1]
    top, height = chart.coming or (0, 0)
    assert (top + height, height) == (last.y, last.height)
    assert last.text_y == top - 5
    assert month_bars(MONTHS, amounts, None, Decimal(40)).coming is None
