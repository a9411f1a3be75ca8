"""The exchange rates: what a unit of the charged currency is in another one, by day."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline import seeds
from pipeline.errors import ConfigError
from pipeline.finance.fields import Bounds, check_number
from pipeline.finance.lines import Row, read, wrong

# A rate is a DECIMAL(18,10); with 10^18 of money it is 10^26, and an amount has room
# for 10^27.
_RATES = Bounds(10, Decimal(10) ** 8 - Decimal(10) ** -10)


class ExchangeRate(Row, frozen=True, kw_only=True):
    """How much of *currency* one unit of the charged one is, from a day on."""

    currency: str
    valid_from: date
    rate: Decimal


def read_exchange_rates(
    path: Path, charged: str, display: str | None
) -> tuple[ExchangeRate, ...]:
    """The rates of all currencies in the file; one unit of *charged* is converted.

    If a currency for *display* is set, there is a rate of it.

    Raises:
        ConfigError: The file cannot be read, or contradicts itself.
    """
    lines: dict[tuple[str, date], int] = {}

    def check(one: ExchangeRate) -> None:
        _check(path, one, charged)
        same = lines.setdefault((one.currency, one.valid_from), one.line)
        if same != one.line:
            expected = f"another day than on line {same}, which has {one.currency} too"
            raise wrong(path, one, "valid_from", expected)

    rates = read(path, ExchangeRate, check)
    if display and all(one.currency != display for one in rates):
        raise ConfigError(
            f"{path}: no line has a rate of {display}, which charge.display_currency"
            " names"
        )
    return rates


def exchange_rows(rates: Iterable[ExchangeRate]) -> list[tuple[Any, ...]]:
    """The rows of `finance_exchange_rates`."""
    return [(one.currency, one.valid_from, one.rate) for one in rates]


def _check(path: Path, one: ExchangeRate, charged: str) -> None:
    try:
        seeds.minor_digits(one.currency)
    except ConfigError as exc:
        expected = 'the ISO 4217 code of a currency in use, like "USD"'
        raise wrong(path, one, "currency", expected) from exc
    if one.currency == charged:
        expected = f"another currency than {charged}, in which is charged"
        raise wrong(path, one, "currency", expected)
    check_number(path, one, "rate", _RATES)
    if one.rate == 0:
        raise wrong(path, one, "rate", "a rate above 0")
