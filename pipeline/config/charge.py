"""`[charge]`: finance files, a second currency, the limits of differences."""

from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Self

from pipeline import seeds
from pipeline.config.keys import ChargeKeys
from pipeline.config.paths import resolved
from pipeline.errors import ConfigError

_DEFAULTS = ChargeKeys()
_FILES = (
    "rate_card",
    "cost_centers",
    "budgets",
    "fixed_costs",
    "entitlements",
    "markups",
    "values",
    "exchange_rates",
    "notes",
    "ledger",
)

# The tolerance is kept in whole millionths, the floor as DECIMAL(30,3).
_PERCENT_DECIMALS = 4
_AMOUNT_DECIMALS = 3
_HIGHEST_PERCENT = Decimal(100)
_HIGHEST_AMOUNT = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Charge:
    """The finance files, or None; limits of differences; issuer and accounts.

    *display_currency*, if set, is that of amounts beside those that are booked.
    """

    rate_card: Path | None = None
    cost_centers: Path | None = None
    budgets: Path | None = None
    fixed_costs: Path | None = None
    entitlements: Path | None = None
    markups: Path | None = None
    values: Path | None = None
    exchange_rates: Path | None = None
    notes: Path | None = None
    ledger: Path | None = None
    display_currency: str | None = _DEFAULTS.display_currency
    tolerance: Decimal = _DEFAULTS.tolerance
    anomaly_floor: Decimal | None = _DEFAULTS.anomaly_floor
    issuer: str = _DEFAULTS.issuer
    contact: str | None = _DEFAULTS.contact
    dispute_days: int | None = _DEFAULTS.dispute_days
    expense_account: str = _DEFAULTS.expense_account
    clearing_account: str = _DEFAULTS.clearing_account

    @property
    def files(self) -> tuple[tuple[str, Path], ...]:
        """The key and the path of each configured file, in the order of the keys."""
        named = ((key.name, getattr(self, key.name)) for key in fields(self))
        return tuple((key, path) for key, path in named if isinstance(path, Path))

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """The finance files that are in *folder* as `<key>.csv`, and `ledger.toml`."""
        keys = {key.name for key in fields(cls)}
        copies = {path.stem: path for path in sorted(folder.glob("*.*"))}
        known = {key: path for key, path in copies.items() if key in keys}
        return cls(**known)  # type: ignore[arg-type] # each key is of a file


def charge(path: Path, keys: ChargeKeys, currency: str) -> Charge:
    """The section of the file at *path*, to whose folder its paths are relative.

    *currency* is the one in which is charged.

    Raises:
        ConfigError: A number is out of its range, or has too many decimals; or a
            second currency is no other one, or has no rates.
    """
    _check_display(path, keys, currency)
    _check(path, "tolerance", keys.tolerance, _HIGHEST_PERCENT, _PERCENT_DECIMALS)
    if (floor := keys.anomaly_floor) is not None:
        _check(path, "anomaly_floor", floor, _HIGHEST_AMOUNT, _AMOUNT_DECIMALS)
    return Charge(
        **{key: _optional(path, key, getattr(keys, key)) for key in _FILES},
        display_currency=keys.display_currency,
        tolerance=keys.tolerance,
        anomaly_floor=keys.anomaly_floor,
        issuer=keys.issuer,
        contact=keys.contact,
        dispute_days=keys.dispute_days,
        expense_account=keys.expense_account,
        clearing_account=keys.clearing_account,
    )


def _check(
    path: Path, key: str, number: Decimal, highest: Decimal, decimals: int
) -> None:
    """Reject NaN and infinity: their exponent is not an int."""
    exponent = number.as_tuple().exponent
    is_exact = isinstance(exponent, int) and -exponent <= decimals
    if not is_exact or not 0 <= number <= highest:
        raise ConfigError(
            f"{path}: charge.{key}: expected a number from 0 to {highest:f}, with at"
            f" most {decimals} decimals, found {number}"
        )


def _check_display(path: Path, keys: ChargeKeys, currency: str) -> None:
    """Refuse a second currency that is unknown, the first one, or without rates."""
    display = keys.display_currency
    if display is None:
        if keys.exchange_rates is not None:
            raise ConfigError(
                f"{path}: charge.exchange_rates: needs charge.display_currency beside"
                " it, the currency in which amounts are shown too"
            )
        return
    try:
        seeds.minor_digits(display)
    except ConfigError as exc:
        raise ConfigError(f"{path}: charge.display_currency: {exc}") from exc
    if display == currency:
        raise ConfigError(
            f"{path}: charge.display_currency: expected another currency than"
            f" {currency}, in which is charged"
        )
    if keys.exchange_rates is None:
        raise ConfigError(
            f"{path}: charge.display_currency: needs charge.exchange_rates beside it,"
            " the file of the rates"
        )


def _optional(path: Path, key: str, written: str | None) -> Path | None:
    return None if written is None else resolved(path, f"charge.{key}", written)
