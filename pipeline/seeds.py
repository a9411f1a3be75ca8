"""The finance files: rate card, cost centres and budgets, as typed rows."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pipeline.errors import ConfigError

# What can be priced: its billing unit, and how many of what is metered make one.
METERS = (
    ("runs", "runs", 1),
    ("third_party_runs", "runs", 1),
    ("duration_hours", "hours", 3600),
    ("bandwidth_gb", "GB", 10**9),
)

UNALLOCATED = "Unallocated"

# The tables that models read, and the types of their columns.
TABLES = {
    "seed_meters": {"meter": "varchar", "unit": "varchar", "base_per_unit": "bigint"},
    "seed_rates": {
        "meter": "varchar",
        "unit_price": "decimal(18, 6)",
        "currency": "varchar",
        "valid_from": "date",
        "valid_to": "date",
    },
    "seed_cost_centers": {
        "rule": "integer",
        "priority": "integer",
        "cost_center": "varchar",
        "tenant": "varchar",
        "space": "varchar",
        "owner": "varchar",
        "automation": "varchar",
        "valid_from": "date",
        "valid_to": "date",
    },
    "seed_budgets": {
        "cost_center": "varchar",
        "month": "date",
        "amount": "decimal(18, 3)",
    },
}

_EXPECTED = {
    "str": "some text",
    "int": "a whole number",
    "Decimal": "a number with a decimal point",
    "date": "a date such as 2026-10-01",
}
_R = TypeVar("_R", bound="Row")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a file; a column with a default may be missing or empty."""

    line: int


class Rate(Row, frozen=True, kw_only=True):
    """The price of a billing unit of a meter, from its first day to its last."""

    meter: str
    unit_price: Decimal
    currency: str
    valid_from: date
    valid_to: date | None = None


class Rule(Row, frozen=True, kw_only=True):
    """Who a cost centre pays for: patterns that must all match, an empty one does."""

    priority: int
    cost_center: str
    tenant: str = ""
    space: str = ""
    owner: str = ""
    automation: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


class Budget(Row, frozen=True, kw_only=True):
    """What a cost centre may be charged in a month, which is its first day."""

    cost_center: str
    month: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Seeds:
    """What finance has set, in one currency."""

    currency: str
    rates: tuple[Rate, ...] = ()
    rules: tuple[Rule, ...] = ()
    budgets: tuple[Budget, ...] = ()

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """The rows of one of `TABLES`, in the order of its columns."""
        if table == "seed_meters":
            return list(METERS)
        read: dict[str, tuple[Row, ...]] = {
            "seed_rates": self.rates,
            "seed_cost_centers": self.rules,
            "seed_budgets": self.budgets,
        }
        names = ["line" if name == "rule" else name for name in TABLES[table]]
        return [tuple(getattr(row, name) for name in names) for row in read[table]]


def load(
    rate_card: Path | None,
    cost_centers: Path | None,
    budgets: Path | None,
    currency: str,
) -> Seeds:
    """Read the files that are configured; all amounts are in *currency*.

    Raises:
        ConfigError: A file cannot be read or contradicts itself; the message names
            file, line and column, and says what was expected.
    """
    return Seeds(
        currency,
        rates=_rates(rate_card, currency) if rate_card else (),
        rules=_rules(cost_centers) if cost_centers else (),
        budgets=_budgets(budgets) if budgets else (),
    )


def _rates(path: Path, currency: str) -> tuple[Rate, ...]:
    rates = tuple(_read(path, Rate))
    meters = [meter for meter, *_ in METERS]
    for rate in rates:
        if rate.meter not in meters:
            raise _wrong(path, rate, "meter", f"one of {', '.join(meters)}")
        if rate.currency != currency:
            raise _wrong(path, rate, "currency", f"{currency}, as configured")
        _check_amount(path, rate, "unit_price", digits=6)
        _check_validity(path, rate)
    by_meter = sorted(rates, key=attrgetter("meter", "valid_from", "line"))
    for one, next_one in pairwise(by_meter):
        if one.meter == next_one.meter and (
            one.valid_to is None or one.valid_to >= next_one.valid_from
        ):
            free = f"a day on which the price of line {one.line} is no longer valid"
            raise _wrong(path, next_one, "valid_from", free)
    return rates


def _rules(path: Path) -> tuple[Rule, ...]:
    rules = tuple(_read(path, Rule))
    for rule in rules:
        if rule.cost_center.casefold() == UNALLOCATED.casefold():
            reserved = (
                f"another name than {UNALLOCATED}, which is for what no rule takes"
            )
            raise _wrong(path, rule, "cost_center", reserved)
        if abs(rule.priority) > 2**31 - 1:
            raise _wrong(path, rule, "priority", "a smaller number")
        _check_validity(path, rule)
    return rules


def _budgets(path: Path) -> tuple[Budget, ...]:
    budgets = tuple(_read(path, Budget))
    lines: dict[tuple[str, date], int] = {}
    for budget in budgets:
        _check_amount(path, budget, "amount", digits=3)
        other = lines.setdefault((budget.cost_center, budget.month), budget.line)
        if other != budget.line:
            raise _wrong(path, budget, "month", f"a month other than on line {other}")
    return budgets


def _check_amount(path: Path, row: Row, column: str, *, digits: int) -> None:
    """A DECIMAL(18,*) holds it exactly; NaN and infinity are numbers to Decimal."""
    amount: Decimal = getattr(row, column)
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or amount < 0:
        raise _wrong(path, row, column, "a number that is 0 or more")
    if -exponent > digits:
        raise _wrong(path, row, column, f"at most {digits} decimals")
    if amount >= 10 ** (18 - digits):
        raise _wrong(path, row, column, "a smaller number")


def _check_validity(path: Path, row: Rate | Rule) -> None:
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        raise _wrong(path, row, "valid_to", f"no day before {row.valid_from}")


def _read(path: Path, kind: type[_R]) -> Iterator[_R]:
    """The lines of *path* as rows; empty lines are passed over."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise ConfigError(f"{path}: no such file; is the path right?") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path}: not UTF-8; save it as “CSV UTF-8”") from exc
    lines = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_header(path, kind, header)
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield _row(path, lines.line_num, kind, header, cells)
    except csv.Error as exc:
        raise ConfigError(f"{path}, line {lines.line_num}: {exc}") from exc


def _check_header(path: Path, kind: type[Row], header: list[str]) -> None:
    fields = {f.name: f.required for f in msgspec.structs.fields(kind)}
    del fields["line"]
    place = f"{path}, line 1"
    columns = f"expected {', '.join(fields)}, separated by commas"
    if missing := [name for name in fields if fields[name] and name not in header]:
        raise ConfigError(f"{place}: column {missing[0]} is missing; {columns}")
    if unknown := [name for name in header if name not in fields]:
        raise ConfigError(f"{place}: unknown column {unknown[0]!r}; {columns}")
    if len(set(header)) < len(header):
        raise ConfigError(f"{place}: a column is there twice; {columns}")


def _row(
    path: Path, line: int, kind: type[_R], header: list[str], cells: list[str]
) -> _R:
    place = f"{path}, line {line}"
    if len(cells) != len(header):
        counts = f"expected {len(header)} columns, found {len(cells)}"
        raise ConfigError(f"{place}: {counts}")
    given = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    values: dict[str, Any] = {"line": line}
    for field in msgspec.structs.fields(kind):
        text = given.get(field.name, "")
        if field.name == "line" or (not text and not field.required):
            continue
        values[field.name] = _value(f"{place}, column {field.name}", field, text)
    return kind(**values)


def _value(place: str, field: msgspec.structs.FieldInfo, text: str) -> Any:
    types = getattr(field.type, "__args__", (field.type,))
    expected = "a month such as 2026-10" if field.name == "month" else None
    full = f"{text}-01" if field.name == "month" else text
    expected = expected or _EXPECTED[types[0].__name__]
    if not text:
        raise ConfigError(f"{place}: expected {expected}, found nothing")
    try:
        return msgspec.convert(full, types[0], strict=False)
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{place}: expected {expected}, found {text!r}") from exc


def _wrong(path: Path, row: Row, column: str, expected: str) -> ConfigError:
    found = f"found {str(getattr(row, column))!r}"
    place = f"{path}, line {row.line}, column {column}"
    return ConfigError(f"{place}: expected {expected}, {found}")
