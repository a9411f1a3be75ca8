"""What can be mailed: each month of each cost centre, and each month as a whole."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import msgspec

from pipeline import warehouse
from pipeline.resources import resource

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """A month of a cost centre, or of all of them (None), over all tenants.

    *head* has its totals; *fingerprint* is another one as soon as an amount is.
    """

    month: date
    cost_center: str | None
    is_final: bool
    versions: Mapping[str, int]
    amounts: Mapping[str, Decimal]
    fingerprint: str
    head: Row

    @property
    def status(self) -> str:
        """As finance calls it."""
        return "FINAL" if self.is_final else "PROVISIONAL"

    def has_ended(self, as_of: date) -> bool:
        """Whether *as_of* is in a later month."""
        return self.month < as_of.replace(day=1)

    def is_whole(self, as_of: date) -> bool:
        """Whether all its days are read that are over on *as_of*."""
        if self.has_ended(as_of):
            return bool(self.head["is_complete"])
        elapsed = as_of.day - 1 if self.month == as_of.replace(day=1) else 0
        return 0 < elapsed <= int(self.head["covered_days"])


def read(connection: duckdb.DuckDBPyConnection) -> list[Statement]:
    """All statements by month, the whole of a month before its cost centres."""
    return [_statement(row) for row in _ask(connection, "statements")]


def lines(connection: duckdb.DuckDBPyConnection, statement: Statement) -> list[Row]:
    """What *statement* is made of, each with its rank by amount."""
    if statement.cost_center is None:
        return _ask(connection, "meters", mail_month=statement.month)
    return _ask(
        connection,
        "lines",
        mail_month=statement.month,
        mail_cost_center=statement.cost_center,
    )


def cost_centers(
    connection: duckdb.DuckDBPyConnection, statement: Statement
) -> list[Row]:
    """Whom the whole of a month is charged to; none, if it is of one cost centre."""
    if statement.cost_center is not None:
        return []
    return _ask(connection, "cost_centers", mail_month=statement.month)


def _statement(row: Row) -> Statement:
    parts = row["parts"]
    versions: dict[str, int] = {}
    amounts: dict[str, Decimal] = {}
    for part in parts:
        tenant, center = part["tenant"], part["cost_center"]
        versions[tenant] = max(versions.get(tenant, 0), part["version"])
        amounts[center] = amounts.get(center, Decimal(0)) + part["amount"]
    return Statement(
        month=row["month"],
        cost_center=row["cost_center"],
        is_final=row["is_final"],
        versions=versions,
        amounts=amounts,
        fingerprint=_fingerprint(parts),
        head=row,
    )


def _fingerprint(parts: Sequence[Row]) -> str:
    """A hash of who owes what, without numbers: they move when a name comes between."""
    amounts = [
        [part[name] for name in part if name not in {"number", "amount"}]
        for part in parts
    ]
    return hashlib.sha256(msgspec.json.encode(amounts)).hexdigest()


def _ask(
    connection: duckdb.DuckDBPyConnection, name: str, **variables: date | str
) -> list[Row]:
    sql = (resource("sql") / "mail" / f"{name}.sql").read_text(encoding="utf-8")
    with warehouse.answering(f"mail/{name}.sql"):
        for variable, value in variables.items():
            connection.execute(f"set variable {variable} = $1", [value])
        answer = connection.execute(sql)
    columns = [column[0] for column in answer.description or []]
    return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
