"""Formats: what a value reads like, and that nothing unknown reads like 0."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipeline import formats
from pipeline.formats.amounts import Shown
from pipeline.formats.numerals import kept_whole

EN = formats.parse_locale("en")
DE = formats.parse_locale("de")
EUR = formats.filters("EUR", EN)
NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("currency", "amount", "expected"),
    [
        ("EUR", "1234.500", "€1,234.50"),
        ("EUR", "-0.010", "\N{MINUS SIGN}€0.01"),
        ("JPY", "1234.000", "¥1,234"),
        ("KWD", "0.125", "KWD0.125"),
        ("EUR", "999999999999999.990", "€999,999,999,999,999.99"),
    ],
)
def test_money_has_the_digits_of_its_currency(
    currency: str, amount: str, expected: str
) -> None:
    assert formats.money(Decimal(amount), currency, EN) == expected


@pytest.mark.parametrize(
    ("currency", "price", "expected"),
    [
        ("EUR", "0.350000", "€0.35"),
        ("EUR", "0.081250", "€0.08125"),
        ("EUR", "0.000001", "€0.000001"),
        ("JPY", "3.000000", "¥3"),
        ("JPY", "0.500000", "¥0.5"),
    ],
)
def test_price_shows_all_that_it_has(currency: str, price: str, expected: str) -> None:
    assert formats.price(Decimal(price), currency, EN) == expected


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("integer", 12_345, "12,345"),
        ("integer", 10**24, "1,000,000,000,000,000,000,000,000"),
        ("difference", 3, "+3"),
        ("difference", 0, "0"),
        ("difference", -3, "\N{MINUS SIGN}3"),
        ("quantity", Decimal("40.347502"), "40.347502"),
        ("quantity", Decimal(230), "230"),
        ("quantity", Decimal("-0.250"), "\N{MINUS SIGN}0.250"),
        ("signed", Decimal("1234.500"), "+1,234.500"),
        ("runs", Decimal("230.0000"), "230"),
        ("runs", Decimal("0.6000"), "0.6000"),
        ("exact", Decimal("0.123456789"), "0.123456789"),
        ("hours", 5_400, "1.500"),
        ("hours", 225, "0.063"),
        ("hours", 0, "0.000"),
        ("gigabytes", 1_500_000_000, "1.500"),
        ("percent", Decimal("0.054325"), "5.4%"),
        ("growth", Decimal("0.732384"), "+73.2%"),
        ("growth", Decimal("-0.1"), "\N{MINUS SIGN}10.0%"),
        ("change", Decimal("1.500"), "+€1.50"),
        ("change", Decimal("-1.500"), "\N{MINUS SIGN}€1.50"),
        ("change", Decimal("0.000"), "€0.00"),
        ("month", date(2026, 10, 1), "October 2026"),
        ("short_month", date(2026, 10, 1), "Oct 2026"),
        ("short_day", date(2026, 10, 1), "Oct 1"),
        ("day", date(2026, 10, 31), "Oct 31, 2026"),
        ("words", "third_party_runs", "Third-party runs"),
        ("words", "CC-100", "CC-100"),
        ("text", "runs", "runs"),
    ],
)
def test_values_read_in_their_unit(kind: str, value: Any, expected: str) -> None:
    assert EUR[kind](value) == expected


def test_a_locale_writes_its_own_signs() -> None:
    german = formats.filters("EUR", DE)

    assert german["money"](Decimal("1234.500")) == f"1.234,50{NBSP}€"
    assert german["price"](Decimal("0.081250")) == f"0,08125{NBSP}€"
    assert german["hours"](5_400) == "1,500"
    assert german["month"](date(2026, 3, 1)) == "März 2026"
    assert formats.separators(DE) == ",."


def test_a_locale_may_be_spelled_with_a_hyphen() -> None:
    assert formats.parse_locale("de-CH") == formats.parse_locale("de_CH")


def test_nothing_unknown_reads_like_a_number() -> None:
    kinds = EUR.keys() - {"shown", "cell_class", "gettext"}
    optional = {kind for kind in kinds if kind.startswith("optional_")} | {"rest"}

    assert {EUR[kind](None) for kind in kinds - optional} == {formats.UNKNOWN}
    assert {EUR[kind](None) for kind in optional} == {formats.NONE}


def test_equal_quantities_of_two_units_keep_their_decimals() -> None:
    shown = [EUR["quantity"](Decimal(text)) for text in ("51", "51.000", "51")]

    assert shown == ["51", "51.000", "51"]


def test_shown_is_the_filter_of_that_kind() -> None:
    shown = EUR["shown"]

    assert shown(5_400, "hours") == "1.500"
    assert shown(Decimal(2), "optional_money") == "€2.00"
    assert shown(None, "hours") == "unknown"


def test_numbers_are_aligned_as_numbers() -> None:
    kinds = ["money", "hours", "optional_percent", "rest", "name", "text", "month_link"]

    classes = [formats.cell_class(kind) for kind in kinds]
    assert classes == ["number"] * 4 + ["name", "text", "date"]


@pytest.mark.parametrize("locale", ["en", "de-CH", "ja"])
def test_pages_without_prices_have_formats_of_money(locale: str) -> None:
    """No page shows an amount then, but all of them are made with the same filters."""
    parsed = formats.parse_locale(locale)

    filters = formats.filters(formats.NO_CURRENCY, parsed)

    assert "7" in filters["money"](Decimal(7))
    assert formats.row_filters(formats.NO_CURRENCY)


def test_amounts_for_display_have_the_digits_of_their_currency() -> None:
    """One that has gone since a month was closed in it has two, as most have."""
    show = formats.filters("EUR", EN)["display"]

    shown = [
        show(Shown(Decimal("1234.500"), currency)) for currency in ("USD", "JPY", "BGN")
    ]

    assert shown == ["$1,234.50", "¥1,234", "BGN1,234.50"]
    assert show(Shown(None, "USD")) == show(Shown(Decimal(1), None)) == "—"


def test_a_rate_has_all_its_digits() -> None:
    show = formats.filters("EUR", EN)["rate"]

    assert show(Decimal("1.0845000000")) == "1.0845"
    assert show(Decimal("16000.1234567891")) == "16,000.1234567891"


@pytest.mark.parametrize(
    ("kind", "value", "locale", "expected"),
    [
        ("figure", "1234.5", "en", "1,234.50"),
        ("figure", "-2.53", "en", "−2.53"),  # noqa: RUF001
        ("signed_figure", "17.84", "de", "+17,84"),
        ("signed_figure", "-2.53", "de", "−2,53"),  # noqa: RUF001
        ("signed_figure", "0", "en", "0.00"),
        ("signed_money", "-60.36", "en", "−€60.36"),  # noqa: RUF001
        ("signed_money", "60.36", "de", "+60,36\xa0€"),
    ],
)
def test_a_figure_leaves_its_currency_to_the_head(
    kind: str, value: str, locale: str, expected: str
) -> None:
    shown = formats.filters("EUR", formats.parse_locale(locale))[kind]

    assert shown(Decimal(value)) == expected
    assert shown(None) == "unknown"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+€1.20", "+\u2060€1.20"),
        ("−€1.20", "−\u2060€1.20"),  # noqa: RUF001
        ("+1,20\xa0€", "+1,20\xa0€"),
        ("€1.20", "€1.20"),
    ],
)
def test_no_line_ends_between_a_sign_and_a_currency(text: str, expected: str) -> None:
    assert kept_whole(text) == expected
