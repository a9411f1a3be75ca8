"""Days and months, at the ends of months, years and the calendar."""

from datetime import UTC, date, datetime

import pytest

from pipeline import dates

LAST_OF_ALL = date(9999, 12, 31)


@pytest.mark.parametrize(
    ("day", "before", "following", "last"),
    [
        (date(2026, 1, 31), date(2025, 12, 1), date(2026, 2, 1), date(2026, 1, 31)),
        (date(2026, 12, 1), date(2026, 11, 1), date(2027, 1, 1), date(2026, 12, 31)),
        (date(2028, 2, 29), date(2028, 1, 1), date(2028, 3, 1), date(2028, 2, 29)),
    ],
)
def test_months_follow_each_other(
    day: date, before: date, following: date, last: date
) -> None:
    assert dates.month_before(day) == before
    assert dates.next_month(day) == following
    assert dates.last_day(day) == last
    assert dates.month_of(day) == day.replace(day=1)


@pytest.mark.parametrize(
    ("day", "days"),
    [
        (date(2026, 11, 1), None),
        (date(2026, 11, 21), (date(2026, 11, 20), date(2026, 10, 20))),
        (date(2026, 3, 31), (date(2026, 3, 30), date(2026, 2, 28))),
        (date(2028, 3, 30), (date(2028, 3, 29), date(2028, 2, 29))),
        (date(2026, 1, 2), (date(2026, 1, 1), date(2025, 12, 1))),
    ],
)
def test_a_month_is_compared_with_as_many_days_of_the_one_before(
    day: date, days: tuple[date, date] | None
) -> None:
    assert dates.same_days(day) == days


def test_the_last_month_of_the_calendar_has_a_last_day() -> None:
    """A price may be valid until then."""
    assert dates.last_day(LAST_OF_ALL.replace(day=5)) == LAST_OF_ALL


def test_days_between_includes_both_and_is_empty_backwards() -> None:
    first, second = date(2026, 2, 28), date(2026, 3, 1)

    assert dates.days_between(first, second) == [first, second]
    assert dates.days_between(second, first) == []


def test_midnight_is_utc() -> None:
    assert dates.midnight(date(2026, 3, 29)) == datetime(2026, 3, 29, tzinfo=UTC)
