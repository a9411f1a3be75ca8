"""Values → text, as a locale writes them; what is not known says so, and is never 0."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
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

_PRICE_DIGITS = 6
_SECONDS_PER_HOUR = 3600
_BYTES_PER_GB = 10**9

Filter = Callable[..., str]


def parse_locale(name: str) -> Locale:
    """The locale *name*, spelled `de_CH` or `de-CH`."""
    return Locale.parse(name.replace("-", "_"))


def separators(locale: Locale) -> str:
    """The decimal and the group sign, as Plotly wants them."""
    return get_decimal_symbol(locale) + get_group_symbol(locale)


def filters(currency: str, locale: Locale) -> Mapping[str, Filter]:
    """Every filter of the templates by name; None is `unknown` in each."""
    return {
        name: partial(_known, partial(show, locale=locale)) for name, show in _PLAIN
    } | {
        "money": partial(_known, partial(money, currency=currency, locale=locale)),
        "change": partial(_known, partial(change, currency=currency, locale=locale)),
        "price": partial(_known, partial(price, currency=currency, locale=locale)),
        "text": partial(_known, str),
    }


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


def day(value: date, locale: Locale) -> str:
    """A day of the calendar."""
    return format_date(value, "medium", locale=locale)


def moment(value: datetime, locale: Locale) -> str:
    """A UTC time, to the minute."""
    return f"{format_datetime(value, 'yyyy-MM-dd HH:mm', locale=locale)} UTC"


def _known(show: Filter, value: object) -> str:
    return UNKNOWN if value is None else show(value)


def _sign(value: Decimal) -> str:
    return "+" if value > 0 else ""


_PLAIN: tuple[tuple[str, Filter], ...] = (
    ("integer", integer),
    ("quantity", quantity),
    ("hours", hours),
    ("gigabytes", gigabytes),
    ("percent", percent),
    ("growth", growth),
    ("month", month),
    ("day", day),
    ("moment", moment),
)
