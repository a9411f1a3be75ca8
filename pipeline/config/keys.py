"""The keys of `chargeback.toml`, with their types, ranges and defaults."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from pipeline.errors import ConfigError

_ONE_OR_MORE = msgspec.Meta(ge=1)
_Positive = Annotated[int, _ONE_OR_MORE]
_LARGEST = 2**20  # bytes of the file, which may be a pipe
_MOST_DAYS = 36_500  # a hundred years, so that no day is before the calendar's first
_Addresses = Annotated[list[str], msgspec.Meta(min_length=1)]
_Words = Annotated[str, msgspec.Meta(pattern=r"\A\S(.{0,98}\S)?\Z")]
_TenantName = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z")]
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_AT_KEY = re.compile(r" - at `\$\.?(?P<key>[^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>[^`]*)`")
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]*)`")


class _Section(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A table of the file; an unknown key is an error."""


class TenantKeys(_Section, frozen=True):
    """One `[[tenant]]`; a secret is a reference to where it is kept."""

    name: _TenantName
    url: str
    api_key: str | None = None
    oauth_client_id: str | None = None
    oauth_client_secret: str | None = None
    first_day: date | None = None
    formerly: list[_TenantName] = []


class Extract(_Section, frozen=True):
    """`[extract]`: which days are read, and how fast: requests a minute, seconds."""

    requests_per_minute: _Positive = 450
    lookback_days: Annotated[int, msgspec.Meta(ge=0, le=_MOST_DAYS)] = 3
    run_history_days: Annotated[int, msgspec.Meta(ge=1, le=_MOST_DAYS)] = 30
    shrink_ratio: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 30
    retries: Annotated[int, msgspec.Meta(ge=0)] = 6


class Sources(_Section, frozen=True):
    """`[sources]`: the optional sources, each of which needs a right of the caller."""

    audit_events: bool = False
    audit_archive_from: date | None = None
    run_detail: bool = False
    licence: bool = False
    consumption: bool = False


class ChargeKeys(_Section, frozen=True):
    """`[charge]`: the finance files, a second currency, limits, issuer and accounts."""

    rate_card: str | None = None
    cost_centers: str | None = None
    budgets: str | None = None
    fixed_costs: str | None = None
    entitlements: str | None = None
    markups: str | None = None
    exchange_rates: str | None = None
    display_currency: str | None = None
    tolerance: Decimal = Decimal("0.5")
    anomaly_floor: Decimal | None = None
    issuer: _Words = "Internal chargeback"
    expense_account: _Words = "6000"
    clearing_account: _Words = "1000"


class Report(_Section, frozen=True):
    """`[report]`: how numbers and dates are written on pages and in mail."""

    locale: str = "en"


class MailKeys(_Section, frozen=True, rename={"sender": "from"}):
    """`[mail]`: the server, the sender, the recipients, the attachments."""

    host: str
    sender: str
    recipients: _Addresses
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None
    cost_centers: dict[str, _Addresses] = {}
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=600)] = 60
    attach: tuple[Literal["xlsx", "csv", "html"], ...] = ("xlsx", "csv")
    open_month: Literal["weekly", "monthly", "never"] = "monthly"
    webhook: str | None = None
    webhook_format: Literal["text", "card"] = "text"


class File(_Section, frozen=True):
    """The whole file; only `[[tenant]]` is required."""

    tenant: Annotated[list[TenantKeys], msgspec.Meta(min_length=1)]
    data_dir: str = "data"
    currency: str = "EUR"
    first_day: date | None = None
    extract: Extract = Extract()
    sources: Sources = Sources()
    charge: ChargeKeys = ChargeKeys()
    report: Report = Report()
    mail: MailKeys | None = None


def decode(path: Path) -> File:
    """Read the file at *path* and check keys and types, not what they mean.

    Raises:
        ConfigError: The file is not there or not TOML, or a key or a type is wrong.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            raise ConfigError(f"{path}: larger than {_LARGEST:,} bytes")
        content = tomllib.loads(text.decode("utf-8-sig"), parse_float=Decimal)
    except FileNotFoundError as exc:
        raise ConfigError(f"{path}: no such file; name it with --config") from exc
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path}: not UTF-8, which it must be saved as") from exc
    except RecursionError:
        raise ConfigError(f"{path}: not valid TOML: nested too deep") from None
    except ValueError as exc:  # of a number with thousands of digits too
        raise ConfigError(f"{path}: not valid TOML: {exc}") from exc
    try:
        keys = msgspec.convert(content, File)
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{path}: {_explain(str(exc))}") from exc
    if odd := next(_odd(content, ""), None):
        raise ConfigError(f"{path}: {odd}: holds a line break or a control character")
    return keys


def _odd(value: Any, key: str) -> Iterator[str]:
    """The keys of texts that hold a control character, which no path or name has."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _odd(str(name), key)
            yield from _odd(one, f"{key}.{name}".strip("."))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _odd(one, f"{key}[{number}]")
    elif isinstance(value, str) and _CONTROL.search(value):
        yield key or "a key"


def _explain(message: str) -> str:
    """A decoder's message in the terms of the file, with the key first."""
    found = _AT_KEY.search(message)
    key = found["key"] if found else ""
    what = message[: found.start()] if found else message
    what = what.replace("Object", "table").replace("`", "")
    if unknown := _UNKNOWN.match(message):
        return f"{'.'.join(filter(None, (key, unknown['name'])))}: unknown key"
    if missing := _MISSING.match(message):
        return f"{'.'.join(filter(None, (key, missing['name'])))}: required, not set"
    return f"{key}: {what[:1].lower()}{what[1:]}" if key else what
