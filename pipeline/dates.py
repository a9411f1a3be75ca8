"""Days and months, UTC; a month is its first day."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

DAY = timedelta(days=1)

# No automation ran before, and nobody plans further ahead.
EARLIEST_DAY = date(2015, 1, 1)
FARTHEST_DAY = date(2100, 1, 1)


def is_plausible(day: date) -> bool:
    """Whether *day* can be meant; systems write 0001-01-01 or 9999-12-31 for none."""
    return EARLIEST_DAY <= day < FARTHEST_DAY


def days_between(first: date, last: date) -> list[date]:
    """The days from *first* to *last*, both included."""
    return [first + n * DAY for n in range((last - first).days + 1)]


def midnight(day: date) -> datetime:
    """When *day* begins."""
    return datetime.combine(day, time(), UTC)


def month_of(day: date) -> date:
    """The month of *day*."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The month after that of *day*."""
    return month_of(day.replace(day=28) + 4 * DAY)


def month_before(day: date) -> date:
    """The month before that of *day*."""
    return month_of(month_of(day) - DAY)


def months_before(day: date, count: int) -> date:
    """The month that is *count* months before that of *day*."""
    months = day.year * 12 + day.month - 1 - count
    return date(max(months // 12, 1), months % 12 + 1, 1)


def same_days(day: date) -> tuple[date, date] | None:
    """The last day before *day* in its month, and the same of the month before.

    A month is compared up to there with the one before, or with all of that if it is
    shorter. None on the first of a month: the one that has ended is compared whole.
    """
    if day.day == 1:
        return None
    yesterday = day - DAY
    prior = month_before(day)
    return yesterday, min(last_day(prior), prior + (yesterday.day - 1) * DAY)


def last_day(day: date) -> date:
    """The last day of the month of *day*."""
    return day.replace(day=monthrange(day.year, day.month)[1])
