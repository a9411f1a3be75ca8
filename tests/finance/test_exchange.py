"""Exchange rates: read strictly, and configured with the currency that they are of."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline import finance
from pipeline.config import Charge, load
from pipeline.errors import ConfigError

HEADER = "currency,valid_from,rate\n"
TENANT = '[[tenant]]\nname = "a"\nurl = "https://a"\napi_key = "env:KEY"\n'
BOTH = 'display_currency = "USD"\nexchange_rates = "exchange_rates.csv"\n'


def read(folder: Path, text: str) -> tuple[finance.ExchangeRate, ...]:
    path = folder / "exchange_rates.csv"
    path.write_text(text, encoding="utf-8")
    charge = Charge(exchange_rates=path, display_currency="USD")
    return finance.load(charge, "EUR").exchange_rates


def test_a_file_may_have_several_currencies_in_any_order(tmp_path: Path) -> None:
    rates = read(
        tmp_path,
        "\ufeffrate,currency,valid_from\r\n1.1,USD,2026-02-01\r\n\r\n"
        "99999999.9999999999,IRR,2026-01-01\r\n0.0000000001,USD,2026-01-01\r\n",
    )

    assert [(one.line, one.currency, one.valid_from) for one in rates] == [
        (2, "USD", date(2026, 2, 1)),
        (4, "IRR", date(2026, 1, 1)),
        (5, "USD", date(2026, 1, 1)),
    ]
    assert rates[1].rate == Decimal("99999999.9999999999")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("USD,2026-01-01,0", "line 2, column rate: expected a rate above 0, found '0'"),
        ("USD,2026-01-01,-1", "line 2, column rate: .* 0 or more, found '-1'"),
        ("USD,2026-01-01,NaN", "line 2, column rate: expected a number"),
        ("USD,2026-01-01,inf", "line 2, column rate: expected a number"),
        ("USD,2026-01-01,100000000", r"line 2, column rate: .*up to 99,999,999\.9"),
        ("USD,2026-01-01,1.00000000001", "line 2, column rate: .*10 decimals"),
        (
            'USD,2026-01-01,"1,080"',
            "line 2, column rate: .*found '1,080', which may be",
        ),
        ("USD,2026-01-01,", "line 2, column rate: .*found nothing"),
        ("USD,2026-01,1", "line 2, column valid_from: expected a date such as"),
        ("USD,01.10.2026,1", "line 2, column valid_from: expected a date such as"),
        (",2026-01-01,1", "line 2, column currency: expected some text"),
        ("usd,2026-01-01,1", "line 2, column currency: expected the ISO 4217 code"),
        ("XAU,2026-01-01,1", "line 2, column currency: expected the ISO 4217 code"),
        ("EUR,2026-01-01,1", "line 2, column currency: expected another .* than EUR"),
        (
            "USD,2026-01-01,1\nCHF,2026-01-01,1\nUSD,2026-01-01,1",
            "line 4, column valid_from: expected another day than on line 2",
        ),
        ("USD,2026-01-01", "line 2: expected 3 columns, found 2"),
        ("CHF,2026-01-01,1", "no line has a rate of USD"),
        ("", "no line has a rate of USD"),
    ],
)
def test_what_is_wrong_in_it_is_refused(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"exchange_rates\.csv(, |: ){said}"):
        read(tmp_path, f"{HEADER}{lines}\n")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("currency|valid_from", "unknown column"),
        ("currency,valid_from", "column rate is missing"),
        ("currency,valid_from,rate,valid_to", "unknown column 'valid_to'"),
        ("currency,valid_from,rate,rate", "a column is there twice"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path: Path, header: str, said: str) -> None:
    with pytest.raises(ConfigError, match=f"line 1: {said}"):
        read(tmp_path, f"{header}\nUSD,2026-01-01,1.1,1\n")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (BOTH.replace("USD", "EUR"), "display_currency: expected another .* than EUR"),
        (BOTH.replace("USD", "usd"), "display_currency: 'usd' is not an ISO 4217 code"),
        (BOTH.replace("USD", "XAU"), r"display_currency: XAU \(Gold\) has no minor"),
        (BOTH.replace("USD", "CLF"), r"display_currency: CLF .* has 4 decimals"),
        (BOTH.replace('"USD"', "1"), "charge.display_currency: expected"),
        ('display_currency = "USD"\n', "needs charge.exchange_rates beside it"),
        ('exchange_rates = "x.csv"\n', "needs charge.display_currency beside it"),
    ],
)
def test_a_wrong_configuration_is_refused(tmp_path: Path, keys: str, said: str) -> None:
    config = tmp_path / "chargeback.toml"
    config.write_text(f"{TENANT}[charge]\n{keys}")

    with pytest.raises(ConfigError, match=rf"toml, line [5-9]: (charge\.)?.*{said}"):
        load(config, {"KEY": "k"})


def test_both_keys_together_are_read(tmp_path: Path) -> None:
    config = tmp_path / "chargeback.toml"
    config.write_text(f"{TENANT}[charge]\n{BOTH}")

    charge = load(config, {"KEY": "k"}).charge

    assert charge.display_currency == "USD"
    assert charge.files == (("exchange_rates", tmp_path / "exchange_rates.csv"),)
