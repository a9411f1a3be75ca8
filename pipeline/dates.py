"""Days and months, UTC; a month is its first day."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

DAY = timedelta(days=1)


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


def last_day(day: date) -> date:
    """The last day of the month of *day*."""
    return day.replace(day=monthrange(day.year, day.month)[1])
