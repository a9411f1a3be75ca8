"""Small drawings: their coordinates, and what of them is never drawn."""

from decimal import Decimal

import pytest

from pipeline.report import drawings
from pipeline.report.drawings import Point, Span


def test_a_sparkline_has_its_highest_value_at_the_top_and_0_at_the_bottom() -> None:
    drawn = drawings.sparkline([Decimal(0), Decimal(5), Decimal(10)])

    assert drawn.lines == ["2.0,18.0 48.0,10.0 94.0,2.0"]
    assert drawn.end == Point(94.0, 2.0)
    assert drawn.coming is None


def test_a_sparkline_goes_on_to_what_is_coming() -> None:
    drawn = drawings.sparkline([Decimal(5), Decimal(10)], Decimal(0))

    assert drawn.lines == ["2.0,10.0 48.0,2.0"]
    assert drawn.coming == "48.0,2.0 94.0,18.0"


def test_a_sparkline_has_gaps_where_nothing_is_known() -> None:
    drawn = drawings.sparkline([Decimal(1), None, Decimal(1)])

    assert drawn.lines == ["2.0,2.0", "94.0,2.0"]


@pytest.mark.parametrize(
    ("values", "coming"), [([], None), ([None], None), ([], Decimal(3))]
)
def test_a_sparkline_of_nothing_known_has_no_line(
    values: list[Decimal | None], coming: Decimal | None
) -> None:
    drawn = drawings.sparkline(values, coming)

    assert drawn.lines == []
    assert drawn.coming is None


def test_a_sparkline_of_credits_has_0_above_them() -> None:
    drawn = drawings.sparkline([Decimal(0), Decimal(-4)])

    assert drawn.lines == ["2.0,2.0 94.0,18.0"]


def test_spark_bars_stand_on_the_ground() -> None:
    """The second of four is as high as all; what is unknown or a credit has none."""
    drawn = drawings.spark_bars([Decimal(0), Decimal(4), None, Decimal(-2)])

    assert drawn == ("M24.0 20v-20.0h23.0v20.0z", "")


def test_the_last_spark_bar_is_alone_and_a_small_one_can_be_seen() -> None:
    drawn = drawings.spark_bars([Decimal(1000), Decimal(1)])

    assert drawn == ("M0.0 20v-20.0h47.0v20.0z", "M48.0 20v-1h47.0v1z")
    assert drawings.spark_bars([]) == ("", "")


def test_a_budget_stands_in_the_same_place_in_each_row() -> None:
    small = drawings.budget_bar(Decimal(10), Decimal(40), Decimal(20))
    large = drawings.budget_bar(Decimal(3000), Decimal(2000), Decimal(3500))

    assert small is not None
    assert large is not None
    assert small.budget == large.budget == 47.27
    assert small.within == Span(0, 11.82)
    assert small.expected == Span(11.82, 11.82)
    assert small.above is None
    assert large.within == Span(0, 47.27)
    assert large.above == Span(47.27, 23.64)
    assert large.expected == Span(70.91, 11.82)


def test_a_bar_ends_where_its_place_does() -> None:
    drawn = drawings.budget_bar(Decimal(900), Decimal(100), Decimal(1000))

    assert drawn is not None
    assert drawn.is_cut
    assert drawn.above is not None
    assert drawn.above.start + drawn.above.size == pytest.approx(104)
    assert drawn.expected is None


@pytest.mark.parametrize("budget", [None, Decimal(-1)])
def test_without_a_budget_there_is_no_bar(budget: Decimal | None) -> None:
    assert drawings.budget_bar(Decimal(10), budget) is None


def test_of_a_budget_of_nothing_anything_is_too_much() -> None:
    some = drawings.budget_bar(Decimal(1), Decimal(0))
    nothing = drawings.budget_bar(Decimal(0), Decimal(0))

    assert some is not None
    assert some.is_cut
    assert nothing is not None
    assert nothing.within.size == 0
    assert not nothing.is_cut


def test_a_bullet_has_one_scale_for_all_it_shows() -> None:
    drawn = drawings.bullet(
        Decimal(51), Decimal(100), Decimal("76.5"), (Decimal(51), Decimal(102))
    )

    assert drawn.budget == 96.12
    assert drawn.amount == Span(0, 49.02)
    assert drawn.expected == Span(49.02, 24.51)
    assert drawn.band == Span(49.02, 49.02)


@pytest.mark.parametrize("amount", [Decimal(0), Decimal(-5)])
def test_a_bullet_of_nothing_is_empty(amount: Decimal) -> None:
    drawn = drawings.bullet(amount)

    assert drawn.amount.size == 0
    assert drawn.expected is None
    assert drawn.band is None
    assert drawn.budget is None


def test_a_waterfall_steps_from_the_start_to_the_end() -> None:
    steps = drawings.waterfall(Decimal(40), [Decimal(60), Decimal(-20)], Decimal(80))

    assert [step.kind for step in steps] == ["start", "adds", "takes", "end"]
    assert [step.span for step in steps] == [
        Span(0, 40),
        Span(40, 60),
        Span(80, 20),
        Span(0, 80),
    ]


def test_a_waterfall_below_0_begins_left_of_it() -> None:
    steps = drawings.waterfall(Decimal(10), [Decimal(-20)], Decimal(-10))

    assert [step.span for step in steps] == [Span(50, 50), Span(0, 100), Span(0, 50)]


def test_a_waterfall_of_nothing_has_no_bars() -> None:
    steps = drawings.waterfall(Decimal(0), [], Decimal(0))

    assert {step.span for step in steps} == {Span(0, 0)}
