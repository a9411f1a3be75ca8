"""Minor units are those of ISO 4217, and one place in the code says them."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from babel.numbers import get_currency_precision

from pipeline import formats, seeds
from pipeline.errors import ConfigError

ROOT = Path(__file__).parents[1]

# Where the CLDR has what is mostly written of a currency: whole units.
OTHERWISE = [
    *("AFN", "ALL", "IQD", "IRR", "KPW", "LAK", "LBP"),
    *("MGA", "MMK", "RSD", "SOS", "SYP", "YER"),
]


def test_currencies_whose_digits_are_not_those_of_the_cldr() -> None:
    digits = {one.currency: one.minor_digits for one in seeds.currencies()}
    usable = {code: count for code, count in digits.items() if count in range(4)}

    differing = [
        code for code, count in usable.items() if get_currency_precision(code) != count
    ]

    assert differing == OTHERWISE
    assert {code: digits[code] for code in OTHERWISE} == {
        code: 3 if code == "IQD" else 2 for code in OTHERWISE
    }


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        ("EUR", 2),
        ("JPY", 0),
        ("KWD", 3),
        ("ISK", 0),
        ("HUF", 2),
        ("MGA", 2),
        ("MRU", 2),
    ],
)
def test_a_currency_has_its_minor_digits(currency: str, digits: int) -> None:
    assert seeds.minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("currency", "said"),
    [
        ("ABC", "'ABC' is not an ISO 4217 code of a currency in use"),
        ("eur", "'eur' is not an ISO 4217 code"),
        ("", "'' is not an ISO 4217 code"),
        ("DEM", "'DEM' is not an ISO 4217 code of a currency in use"),
        ("XAU", "XAU (Gold) has no minor unit"),
        ("XXX", "has no minor unit"),
        ("CLF", "CLF (Unidad de Fomento) has 4 decimals; amounts have at most 3"),
        ("UYW", "has 4 decimals"),
    ],
)
def test_what_amounts_cannot_be_of_is_refused(currency: str, said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        seeds.minor_digits(currency)


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("RSD", "RSD1,234.50"), ("IQD", "IQD1,234.500"), ("KRW", "₩1,234")],
)
def test_amounts_are_written_with_them(currency: str, amount: str) -> None:
    value = Decimal("1234.5" if currency != "KRW" else "1234")
    filters = formats.filters(currency, formats.parse_locale("en"))

    assert filters["money"](value).replace("\xa0", " ") == amount


def test_nothing_asks_the_cldr_for_digits() -> None:
    """Babel's functions that round money by the CLDR's digits if none are given."""
    texts = {path: path.read_text() for path in (ROOT / "pipeline").rglob("*.py")}

    assert [
        path for path, text in texts.items() if "get_currency_precision" in text
    ] == []
    assert {
        path.parent.name for path, text in texts.items() if "format_currency(" in text
    } == {"formats"}
