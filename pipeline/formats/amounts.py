"""Amounts of money → text, in the currency of charges and in the one for display."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from babel import Locale
from babel.numbers import format_currency, format_decimal, parse_pattern

from pipeline import seeds
from pipeline.formats.numerals import MINUS_SIGN, with_minus

# ISO 4217 has a code for it; where no prices are set, no money is shown.
NO_CURRENCY = "XXX"

# What stands for an amount in the second currency that is not known.
NOT_KNOWN = "—"

_PRICE_DIGITS = 6
_EXACT_DIGITS = 9
_USUAL_DIGITS = 2


class Shown(NamedTuple):
    """An amount in the currency for display, or None for what is not known."""

    amount: Decimal | None
    currency: str | None


def with_display(row: Mapping[str, Any]) -> dict[str, Any]:
    """*row* with its amount for display as one value, `display`."""
    return {**row, "display": Shown(row["display_amount"], row["display_currency"])}


def displayed(shown: Shown, locale: Locale) -> str:
    """An amount in the currency for display, to that currency's minor unit."""
    if shown.amount is None or shown.currency is None:
        return NOT_KNOWN
    digits = display_digits(shown.currency)
    return _of_currency(shown.amount, shown.currency, locale, (digits, digits))


def rate(value: Decimal, locale: Locale) -> str:
    """An exchange rate with all its digits."""
    return format_decimal(value, "#,##0.##########", locale=locale)


def digits_of(currency: str) -> int:
    """The decimals of amounts; where no currency is involved there are none."""
    return 0 if currency == NO_CURRENCY else seeds.minor_digits(currency)


def money(amount: Decimal, currency: str, locale: Locale) -> str:
    """*amount* to the currency's minor unit."""
    digits = digits_of(currency)
    return _of_currency(amount, currency, locale, (digits, digits))


def figure(amount: Decimal, currency: str, locale: Locale) -> str:
    """*amount* to the currency's minor unit; the currency stands in the head."""
    digits = digits_of(currency)
    return _figure(amount, (digits, digits), locale)


def signed(write: Callable[[Decimal], str], amount: Decimal) -> str:
    """What *write* makes of the size of *amount*, after a plus or a minus sign."""
    size = write(abs(amount))
    return f"+{size}" if amount > 0 else f"{MINUS_SIGN}{size}" if amount < 0 else size


def price(amount: Decimal, currency: str, locale: Locale) -> str:
    """A unit price with all its digits, and at least those of the currency."""
    digits = digits_of(currency), _PRICE_DIGITS
    return _of_currency(amount, currency, locale, digits)


def price_figure(amount: Decimal, locale: Locale) -> str:
    """A unit price with four to six decimals; the currency stands in the head."""
    return format_decimal(amount, "#,##0.0000##", locale=locale)


def exact(amount: Decimal, currency: str, locale: Locale) -> str:
    """An amount before it is rounded, to a billionth; the currency is in the head."""
    return _figure(amount, (digits_of(currency), _EXACT_DIGITS), locale)


def display_digits(currency: str) -> int:
    """The decimals of a currency that may have gone since a month was closed in it."""
    known = (one.minor_digits for one in seeds.currencies() if one.currency == currency)
    digits = next(known, None)
    return _USUAL_DIGITS if digits is None else digits


def _figure(amount: Decimal, digits: tuple[int, int], locale: Locale) -> str:
    """*amount* with the least and the most *digits*, without its currency."""
    pattern = parse_pattern(locale.decimal_formats[None].pattern)
    pattern.frac_prec = digits
    return with_minus(pattern.apply(amount, locale))


def _of_currency(
    amount: Decimal, currency: str, locale: Locale, digits: tuple[int, int]
) -> str:
    """*amount* with the least and the most *digits*; babel's are not ISO 4217's."""
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = digits
    return with_minus(
        format_currency(amount, currency, pattern, locale=locale, currency_digits=False)
    )
