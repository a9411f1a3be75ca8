"""Days and months → text, as a locale writes them."""

from datetime import date, datetime

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton


def month(value: date, locale: Locale) -> str:
    """The month that *value* is in."""
    return format_skeleton("yMMMM", value, locale=locale)


def short_month(value: date, locale: Locale) -> str:
    """The month that *value* is in, short, for the head of a narrow column."""
    return format_skeleton("yMMM", value, locale=locale)


def month_name(value: date, locale: Locale) -> str:
    """The month that *value* is in, as short as it gets, and without its year."""
    return format_skeleton("MMM", value, locale=locale)


def long_day(value: date, locale: Locale) -> str:
    """A day without its year, in a sentence."""
    return format_skeleton("MMMMd", value, locale=locale)


def day_range(days: tuple[date, date], locale: Locale) -> str:
    """The first and the last of some *days*, without their year, in a sentence."""
    return format_interval(*days, "MMMMd", locale=locale)


def short_day(value: date, locale: Locale) -> str:
    """A day without its year, for the head of a narrow column."""
    return format_skeleton("MMMd", value, locale=locale)


def day(value: date, locale: Locale) -> str:
    """A day with its year."""
    return format_date(value, "medium", locale=locale)


def names_of_dates(locale: Locale) -> dict[str, list[str]] | None:
    """The days, from Sunday, and months as Plotly wants them; None of English."""
    if locale.language == "en":
        return None
    days, months = locale.days["stand-alone"], locale.months["stand-alone"]
    week = (6, 0, 1, 2, 3, 4, 5)
    return {
        "days": [days["wide"][day] for day in week],
        "shortDays": [days["abbreviated"][day] for day in week],
        "months": list(months["wide"].values()),
        "shortMonths": list(months["abbreviated"].values()),
    }


def moment(value: datetime, locale: Locale) -> str:
    """A day, and the time to the minute, UTC."""
    return f"{day(value, locale)} {value:%H:%M}"
