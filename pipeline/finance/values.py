"""The values of runs: the time, or the money, that a successful run saves people."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.finance.fields import (
    ONE_LINE,
    Bounds,
    check_id,
    check_number,
    check_validity,
)
from pipeline.finance.lines import Problems, Row, read, wrong
from pipeline.finance.names import is_one_line

# What sql/models/statements/automation_value.sql is made for: hundredths of a minute
# and millionths of an amount, times the runs of a month.
_MINUTES = Bounds(2, Decimal(100_000))
_MONEY = Bounds(6, Decimal(1_000_000))

# From the most to the least specific; the first that two lines do not share decides.
_MATCHED = ("automation_id", "automation", "space_id", "space", "tenant")
_KINDS = len(_MATCHED)


class Value(Row, frozen=True, kw_only=True):
    """What a successful run saves, of the runs that all of its columns match.

    It is minutes, which are money too if a person's hour has a price, or an amount.
    """

    valid_from: date
    valid_to: date | None = None
    tenant: str = ""
    space: str = ""
    space_id: str = ""
    automation: str = ""
    automation_id: str = ""
    minutes_per_run: Decimal | None = None
    hourly_rate: Decimal | None = None
    amount_per_run: Decimal | None = None


def read_values(path: Path, *, is_frozen: bool = False) -> tuple[Value, ...]:
    """The lines of the values; checked unless frozen.

    Raises:
        ConfigError: The file cannot be read, or contradicts itself.
    """

    def check(value: Value) -> None:
        _check_line(path, value)

    values = read(path, Value, check, is_frozen=is_frozen)
    if not is_frozen:
        _check_money(path, values)
    return values


def value_rows(values: Iterable[Value]) -> list[tuple[Any, ...]]:
    """The rows of `finance_values`; a rule is its line with the other sign."""
    return [
        (
            -one.line,
            one.valid_from,
            one.valid_to,
            one.minutes_per_run,
            one.hourly_rate,
            one.amount_per_run,
        )
        for one in values
    ]


def matched_rows(values: Iterable[Value]) -> list[tuple[Any, ...]]:
    """Their rows of `finance_rules`, which name no owners.

    The lowest priority is that of the most specific line.
    """
    return [
        (
            -one.line,
            sum(2**n for n in range(_KINDS) if not getattr(one, _MATCHED[-1 - n])),
            one.tenant,
            one.space,
            one.space_id,
            *("", "", ""),
            one.automation,
            one.automation_id,
            one.valid_from,
            one.valid_to,
        )
        for one in values
    ]


def _check_line(path: Path, value: Value) -> None:
    for column in _MATCHED:
        if getattr(value, column) and not is_one_line(getattr(value, column)):
            raise wrong(path, value, column, ONE_LINE)
    check_id(path, value, "space_id", "automation_id")
    check_validity(path, value)
    if value.minutes_per_run is not None and value.amount_per_run is not None:
        alone = "nothing, since the line has minutes_per_run"
        raise wrong(path, value, "amount_per_run", alone)
    if value.minutes_per_run is None and value.amount_per_run is None:
        one = "the minutes that a run saves, or in amount_per_run the money"
        raise wrong(path, value, "minutes_per_run", one)
    if value.amount_per_run is not None and value.hourly_rate is not None:
        none = "nothing, since the line has amount_per_run"
        raise wrong(path, value, "hourly_rate", none)
    for column, bounds in (
        ("minutes_per_run", _MINUTES),
        ("hourly_rate", _MONEY),
        ("amount_per_run", _MONEY),
    ):
        if getattr(value, column) is not None:
            check_number(path, value, column, bounds)


def _check_money(path: Path, values: Sequence[Value]) -> None:
    """Refuse minutes without a price beside what is worth money: no sum has both."""
    priced = [
        one
        for one in values
        if one.minutes_per_run is None or one.hourly_rate is not None
    ]
    problems = Problems()
    for one in values:
        if priced and one.minutes_per_run is not None and one.hourly_rate is None:
            rate = f"what an hour costs, since line {priced[0].line} is worth money"
            with problems.collected():
                raise wrong(path, one, "hourly_rate", rate)
    problems.check()
