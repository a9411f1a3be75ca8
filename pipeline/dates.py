"""Days and months of UTC: the steps between them."""

from datetime import UTC, date, datetime, time, timedelta

DAY = timedelta(days=1)


def days_between(first: date, last: date) -> list[date]:
    """The days from *first* to *last*, both included."""
    return [first + n * DAY for n in range((last - first).days + 1)]


def midnight(day: date) -> datetime:
    """When *day* begins."""
    return datetime.combine(day, time(), UTC)


def next_month(month: date) -> date:
    """The first day of the month after that of *month*."""
    return (month.replace(day=28) + 4 * DAY).replace(day=1)


def month_before(day: date) -> date:
    """The first day of the month before that of *day*."""
    return (day.replace(day=1) - DAY).replace(day=1)
