"""Values → text, as a locale writes them; an unknown value is never shown as 0."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from babel import Locale
from babel.numbers import (
    format_decimal,
    format_percent,
    get_decimal_symbol,
    get_group_symbol,
    parse_pattern,
)

from pipeline.formats import quantities, terms
from pipeline.formats.amounts import NO_CURRENCY as NO_CURRENCY
from pipeline.formats.amounts import (
    digits_of,
    displayed,
    exact,
    figure,
    price_figure,
    rate,
    signed,
    with_display,
)
from pipeline.formats.amounts import display_digits as display_digits
from pipeline.formats.amounts import money as money
from pipeline.formats.amounts import price as price
from pipeline.formats.classes import cell_class as cell_class
from pipeline.formats.days import day as day
from pipeline.formats.days import (
    day_range,
    long_day,
    moment,
    month_name,
    short_day,
    short_month,
)
from pipeline.formats.days import month as month
from pipeline.formats.days import names_of_dates as names_of_dates
from pipeline.formats.language import ENGLISH, Language
from pipeline.formats.numerals import quick, with_minus
from pipeline.formats.quantities import decimals as decimals
from pipeline.formats.words import shortened as shortened
from pipeline.formats.words import split_words as split_words
from pipeline.formats.words import words

UNKNOWN = "unknown"
NONE = "none"

_SEAL_SIGNS = 12

# Kinds that show the decimals of a value: 2 and 2.000 are equal, and differ in print.
_AS_THEY_ARE = {"quantity", "signed"}

# A figure in a sentence has no decimals from here on.
_MANY = 10

# How many texts of a kind are cached.
_CACHED = 2**17

Filter = Callable[..., str]


def parse_locale(name: str) -> Locale:
    """The locale *name*, spelled `de_CH` or `de-CH`."""
    return Locale.parse(name.replace("-", "_"))


def separators(locale: Locale) -> str:
    """The decimal and the group sign, as Plotly wants them."""
    return get_decimal_symbol(locale) + get_group_symbol(locale)


def filters(
    currency: str, locale: Locale, language: Language = ENGLISH
) -> Mapping[str, Filter]:
    """The filters of the templates; `shown(kind)` is the one named by its argument.

    Figures and dates are written as *locale* does, words are those of *language*.
    """
    kinds: dict[str, Filter] = {
        "words": partial(words, language=language),
        "term": partial(terms.term, language=language),
        "label": partial(terms.label, language=language),
        "listed": partial(terms.listed, language=language),
        "split_words": partial(split_words, language=language),
        "code": str,
        "text": str,
        "sentence": str,
        "presence": str,
        "seal": seal,
        "unit_price": partial(price_figure, locale=locale),
        "price": partial(price, currency=currency, locale=locale),
        "exact": partial(exact, currency=currency, locale=locale),
        "display": partial(displayed, locale=locale),
        "rate": partial(rate, locale=locale),
    }
    for show in _NUMBERS_AND_DATES:
        kinds[show.__name__] = partial(show, locale=locale)
    kinds |= _frequent(currency, locale)
    unknown, none = language.gettext(UNKNOWN), language.gettext(NONE)
    known = {kind: _cached(kind, unknown, show) for kind, show in kinds.items()}
    optional = {
        f"optional_{kind}": _cached(kind, none, show) for kind, show in kinds.items()
    }
    shown = {**known, **optional, "rest": optional["optional_figure"]}
    return {
        **shown,
        "shown": lambda value, kind: shown[kind](value),
        "cell_class": cell_class,
        "gettext": language.gettext,
    }


def row_filters(currency: str) -> Mapping[str, Callable[..., Mapping[str, Any]]]:
    """The filters of templates that make a row one whose quantities are as printed."""
    digits = digits_of(currency)
    return {
        "with_display": with_display,
        "printed_line": partial(quantities.printed_line, digits=digits),
        "printed_tie_out": quantities.printed_tie_out,
        "printed_comparison": quantities.printed_comparison,
    }


def _frequent(currency: str, locale: Locale) -> dict[str, Filter]:
    """The filters of the kinds that most cells have, made fast."""
    minor = digits_of(currency)
    of_money = quick(partial(money, currency=currency, locale=locale), minor, locale)
    of_figure = quick(partial(figure, currency=currency, locale=locale), minor, locale)
    counts = quick(partial(integer, locale=locale), 0, locale)
    of_quantity = quantities.writer(locale)
    return {
        "money": of_money,
        "change": lambda amount: _sign(amount) + of_money(amount),
        "figure": of_figure,
        "signed_figure": lambda amount: signed(of_figure, amount),
        "signed_money": lambda amount: signed(of_money, amount),
        "integer": counts,
        "difference": lambda value: _sign(value) + counts(value),
        "quantity": of_quantity,
        "signed": lambda value: _sign(value) + of_quantity(value),
        "runs": lambda runs: of_quantity(quantities.runs(runs)),
        "hours": lambda seconds: of_quantity(quantities.hours(seconds)),
        "gigabytes": lambda size: of_quantity(quantities.gigabytes(size)),
    }


def integer(value: int, locale: Locale) -> str:
    """A count."""
    return with_minus(format_decimal(value, "#,##0", locale=locale))


def difference(value: int, locale: Locale) -> str:
    """A difference of counts, with its sign."""
    return _sign(value) + integer(value, locale)


def number(value: Decimal, locale: Locale) -> str:
    """A figure with two decimals at most."""
    return with_minus(format_decimal(value, "#,##0.##", locale=locale))


def percent(ratio: Decimal, locale: Locale) -> str:
    """A share of 1 as percent."""
    pattern = parse_pattern(locale.percent_formats[None].pattern)
    pattern.frac_prec = 1, 1
    return with_minus(format_percent(ratio, pattern, locale=locale))


def growth(ratio: Decimal, locale: Locale) -> str:
    """A relative change as percent, with its sign."""
    return _sign(ratio) + percent(ratio, locale)


def signed_percent(ratio: Decimal, locale: Locale) -> str:
    """A relative change as percent, after a plus or a minus sign."""
    return signed(partial(percent, locale=locale), ratio)


def whole(value: Decimal, locale: Locale) -> str:
    """A figure without decimals, where there is no room for them."""
    return with_minus(format_decimal(value, "#,##0", locale=locale))


def rounded(value: Decimal, locale: Locale) -> str:
    """A figure in a sentence: whole, or with a decimal if it is below 10."""
    pattern = "#,##0" if abs(value) >= _MANY else "0.#"
    return with_minus(format_decimal(value, pattern, locale=locale))


def tenths(value: Decimal, locale: Locale) -> str:
    """A figure with one decimal, in a column of such that nothing is charged by."""
    return with_minus(format_decimal(value, "#,##0.0", locale=locale))


def seal(value: str) -> str:
    """The first signs of a seal, which are enough to find it."""
    return value[:_SEAL_SIGNS]


def _cached(kind: str, otherwise: str, show: Filter) -> Filter:
    known = partial(_known, otherwise, show)
    return known if kind in _AS_THEY_ARE else lru_cache(_CACHED)(known)


def _known(otherwise: str, show: Filter, value: object) -> str:
    return otherwise if value is None else show(value)


def _sign(value: Decimal | int) -> str:
    return "+" if value > 0 else ""


_NUMBERS_AND_DATES: tuple[Callable[..., str], ...] = (
    integer,
    difference,
    number,
    percent,
    growth,
    signed_percent,
    month,
    short_month,
    month_name,
    whole,
    rounded,
    tenths,
    long_day,
    day_range,
    short_day,
    day,
    moment,
)
