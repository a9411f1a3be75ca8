"""Values → text, as a locale writes them; what is not known says so, and is never 0."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
    get_decimal_symbol,
    get_group_symbol,
    parse_pattern,
)

UNKNOWN = "unknown"
NONE = "none"

_PRICE_DIGITS = 6
_SECONDS_PER_HOUR = 3600
_BYTES_PER_GB = 10**9

# Cells that are no numbers.
_CELLS = {
    "name": "name",
    "title": "name",
    "words": "name",
    "text": "text",
    "badge": "text",
    "share": "share",
    "month_link": "date",
}
_WORDS = {
    "runs": "Runs",
    "third_party_runs": "Third-party runs",
    "duration_hours": "Duration",
    "duration_seconds": "Duration, seconds",
    "bandwidth_gb": "Bandwidth",
}

Filter = Callable[..., str]


def parse_locale(name: str) -> Locale:
    """The locale *name*, spelled `de_CH` or `de-CH`."""
    return Locale.parse(name.replace("-", "_"))


def separators(locale: Locale) -> str:
    """The decimal and the group sign, as Plotly wants them."""
    return get_decimal_symbol(locale) + get_group_symbol(locale)


def filters(currency: str, locale: Locale) -> Mapping[str, Filter]:
    """The filters of the templates; `shown(kind)` is the one named by its argument."""
    of_money: dict[str, Any] = {"currency": currency, "locale": locale}
    kinds: dict[str, Filter] = {
        "words": words,
        "text": str,
        "money": partial(money, **of_money),
        "change": partial(change, **of_money),
        "price": partial(price, **of_money),
    }
    for show in _NUMBERS_AND_DATES:
        kinds[show.__name__] = partial(show, locale=locale)
    known = {kind: partial(_known, UNKNOWN, show) for kind, show in kinds.items()}
    optional = {
        f"optional_{kind}": partial(_known, NONE, show) for kind, show in kinds.items()
    }
    shown = {**known, **optional, "rest": optional["optional_money"]}
    return {
        **shown,
        "shown": lambda value, kind: shown[kind](value),
        "cell_class": cell_class,
    }


def cell_class(kind: str) -> str:
    """How a cell of *kind* is aligned: as a name, text, a date or a number."""
    return _CELLS.get(kind, "number")


def money(amount: Decimal, currency: str, locale: Locale) -> str:
    """*amount* to the currency's minor unit."""
    return format_currency(amount, currency, locale=locale)


def change(amount: Decimal, currency: str, locale: Locale) -> str:
    """An amount that is a difference: its sign is always there."""
    return _sign(amount) + money(amount, currency, locale)


def price(amount: Decimal, currency: str, locale: Locale) -> str:
    """A unit price: at least the currency's digits, all that the price has."""
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (get_currency_precision(currency), _PRICE_DIGITS)
    return format_currency(
        amount, currency, pattern, locale=locale, currency_digits=False
    )


def integer(value: int, locale: Locale) -> str:
    """A count."""
    return format_decimal(value, "#,##0", locale=locale)


def difference(value: int, locale: Locale) -> str:
    """A count that is a difference: its sign is always there."""
    return _sign(value) + integer(value, locale)


def quantity(value: Decimal, locale: Locale) -> str:
    """A metered quantity in the unit that it is priced in, every digit of it."""
    return format_decimal(value, "#,##0.######", locale=locale)


def hours(seconds: int, locale: Locale) -> str:
    """Whole seconds as hours."""
    value = Decimal(int(seconds)) / _SECONDS_PER_HOUR
    return format_decimal(value, "#,##0.00", locale=locale)


def gigabytes(size: int, locale: Locale) -> str:
    """Bytes as GB of 10^9 bytes."""
    value = Decimal(int(size)) / _BYTES_PER_GB
    return format_decimal(value, "#,##0.000", locale=locale)


def percent(ratio: Decimal, locale: Locale) -> str:
    """A share of 1 as percent."""
    return format_percent(ratio, "#,##0.0%", locale=locale)


def growth(ratio: Decimal, locale: Locale) -> str:
    """A relative change: its sign is always there."""
    return _sign(ratio) + percent(ratio, locale)


def month(value: date, locale: Locale) -> str:
    """The month that *value* is in."""
    return format_skeleton("yMMMM", value, locale=locale)


def short_month(value: date, locale: Locale) -> str:
    """The month that *value* is in, for the head of a narrow column."""
    return format_skeleton("yMMM", value, locale=locale)


def day(value: date, locale: Locale) -> str:
    """A day of the calendar."""
    return format_date(value, "medium", locale=locale)


def words(name: str) -> str:
    """What finance calls a meter or a metric; any other name as it is."""
    return _WORDS.get(name, name)


def _known(otherwise: str, show: Filter, value: object) -> str:
    return otherwise if value is None else show(value)


def _sign(value: Decimal | int) -> str:
    return "+" if value > 0 else ""


_NUMBERS_AND_DATES: tuple[Callable[..., str], ...] = (
    integer,
    difference,
    quantity,
    hours,
    gigabytes,
    percent,
    growth,
    month,
    short_month,
    day,
)
