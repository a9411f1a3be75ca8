"""Rules that Python and SQL share, each once: the shipped tables of `data/seeds`.

A CSV file is a table of its name; a record type gives the columns their types, here
and in the warehouse. An empty cell is null.
"""

import csv
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from pipeline.errors import ConfigError
from pipeline.resources import resource


class Seed(msgspec.Struct, frozen=True):
    """A row of a seed table."""


class Status(Seed, frozen=True):
    """What a run's status says of it; a status that is not listed says nothing.

    A run whose status is final does not change any more; a successful one brought what
    it was to bring.
    """

    status: str
    is_final: bool
    is_failed: bool
    is_stopped_by_limit: bool
    is_successful: bool


class Meter(Seed, frozen=True):
    """What can be priced: its billing unit, and how many base units make one.

    A quantity is printed with so many *decimals* of the unit, also where it is none of
    a price; of what is counted, shared parts have four.
    """

    meter: str
    label: str
    unit: str
    base_unit: str
    base_per_unit: int
    decimals: int


class Measure(Seed, frozen=True):
    """A quantity of an automation on a day.

    *metric* is the tenant's name of it in a filter, and in an answer where it is not
    *answered_as* something else; a measure without a metric is summed up from listed
    runs. It counts for *meter*, if for any, in base units. Where owners or spaces
    share a day, a metered quantity is *divided_by* their listed runs or run seconds.
    """

    measure: str
    metric: str | None
    answered_as: str | None
    meter: str | None
    divided_by: Literal["runs", "seconds"] | None


class Context(Seed, frozen=True):
    """How a run was started, and the seconds after which the vendor stops it.

    `other` stands for every context that is not listed.
    """

    context: str
    label: str
    limit_seconds: int


class Quota(Seed, frozen=True):
    """A quota of a licence, and the two names that the provider has for it.

    *licence_parameter* is in lower case; *resource_action* counts what was used.
    """

    quota: str
    licence_parameter: str | None
    resource_action: str | None


class Currency(Seed, frozen=True):
    """A currency of ISO 4217, list one, as published on 2026-01-01.

    *minor_digits* is the exponent of its minor unit: 2 for cents, 0 for yen. Metals
    and units of account have none.
    """

    currency: str
    name: str
    minor_digits: int | None


class FailureCause(Seed, frozen=True):
    """A cause of failed runs, by a *pattern* of their error in lower case.

    Of several that match, the one of the lowest *priority* number is meant.
    """

    cause: str
    priority: int
    pattern: str


TABLES: dict[str, type[Seed]] = {
    "seed_statuses": Status,
    "seed_meters": Meter,
    "seed_measures": Measure,
    "seed_contexts": Context,
    "seed_quotas": Quota,
    "seed_currencies": Currency,
    "seed_failure_causes": FailureCause,
}

_SQL_TYPES = {bool: "boolean", int: "bigint"}

# Amounts are DECIMAL(30,3).
_MOST_DIGITS = 3


def statuses() -> tuple[Status, ...]:
    """Every status that the vendor documents."""
    return _read("seed_statuses")


def meters() -> tuple[Meter, ...]:
    """Every meter, in the order in which they are shown."""
    return _read("seed_meters")


def measures() -> tuple[Measure, ...]:
    """Every measure, metered or summed up from listed runs."""
    return _read("seed_measures")


def contexts() -> tuple[Context, ...]:
    """Every context that is known, and `other`."""
    return _read("seed_contexts")


def currencies() -> tuple[Currency, ...]:
    """Every currency in use, and units that are no money."""
    return _read("seed_currencies")


def minor_digits(currency: str) -> int:
    """The decimals of an amount of *currency*: 2 for EUR, 0 for JPY, 3 for KWD.

    Raises:
        ConfigError: It is no currency in use, or amounts cannot have its minor unit.
    """
    known = next((one for one in currencies() if one.currency == currency), None)
    if known is None:
        raise ConfigError(
            f"{currency!r} is not an ISO 4217 code of a currency in use; write one"
            ' like "EUR"'
        )
    if known.minor_digits is None:
        raise ConfigError(f"{currency} ({known.name}) has no minor unit to round to")
    if known.minor_digits > _MOST_DIGITS:
        raise ConfigError(
            f"{currency} ({known.name}) has {known.minor_digits} decimals; amounts have"
            f" at most {_MOST_DIGITS}"
        )
    return known.minor_digits


def columns(table: str) -> dict[str, str]:
    """The columns of one of `TABLES`, with their SQL types."""
    fields = msgspec.structs.fields(TABLES[table])
    types = {field.name: (*get_args(field.type), field.type)[0] for field in fields}
    return {name: _SQL_TYPES.get(kind, "varchar") for name, kind in types.items()}


def rows(table: str) -> list[tuple[Any, ...]]:
    """The rows of one of `TABLES`, in the order of its columns."""
    return [msgspec.structs.astuple(row) for row in _read(table)]


def _read(table: str) -> tuple[Any, ...]:
    return _rows_of(resource("seeds") / f"{table}.csv", TABLES[table])


@cache
def _rows_of(file: Path, kind: type[Seed]) -> tuple[Seed, ...]:
    """The rows of *file*, which a test holds to their type: it is not a user's."""
    with file.open(encoding="utf-8", newline="") as lines:
        records = [
            {name: cell or None for name, cell in record.items()}
            for record in csv.DictReader(lines)
        ]
    return tuple(msgspec.convert(one, kind, strict=False) for one in records)
