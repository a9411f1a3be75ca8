"""The statements to send: each month of a cost centre, and each month as a whole."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import duckdb
import msgspec

from pipeline.dates import month_before, month_of
from pipeline.warehouse import Row, ask, rows

# Of all cost centres of a month, nothing is below.
_NOTHING = {"below_amount": None, "total_amount": None}
_NO_CHANGE = {"change_amount": None, "change_ratio": None, "prior_amount": None}
_NO_DISPLAY = {"has_display": False, "display_amount": None, "display_currency": None}


@dataclass(frozen=True, slots=True)
class Statement:
    """A month of a cost centre, or of all of them (None), over all tenants.

    *head* has its totals, and as `cost_center` what that is called as of the month.
    *fingerprint* changes with every amount. What *is_rolled_up* is the sum of what is
    below a cost centre that has no statement of its own.
    """

    month: date
    cost_center: str | None
    is_final: bool
    versions: Mapping[str, int]
    amounts: Mapping[str, Decimal]
    fingerprint: str
    head: Row
    is_rolled_up: bool = False

    @property
    def status(self) -> str:
        """The word of finance: FINAL or PROVISIONAL."""
        return "FINAL" if self.is_final else "PROVISIONAL"

    @property
    def is_taken_back(self) -> bool:
        """Whether it was reversed, and not closed again."""
        return bool(self.head["credits"]) and not self.is_final

    def has_ended(self, as_of: date) -> bool:
        """Whether *as_of* is in a later month."""
        return self.month < month_of(as_of)

    def is_whole(self, as_of: date) -> bool:
        """Whether all its days before *as_of* were read."""
        if self.has_ended(as_of):
            return bool(self.head["is_complete"])
        elapsed = as_of.day - 1 if self.month == month_of(as_of) else 0
        return 0 < elapsed <= int(self.head["covered_days"])


def read(connection: duckdb.DuckDBPyConnection) -> list[Statement]:
    """All statements by month, the whole of a month before its cost centres."""
    centers = _rolled_up(connection)
    sums = rows(ask(connection, "mail/statements"))
    issued = rows(ask(connection, "mail/credits"))
    accepted = rows(ask(connection, "mail/accepted"))
    disputable = dict(ask(connection, "mail/disputable").fetchall())
    shown = {
        (row["month"], row["cost_center"]): row
        for row in rows(ask(connection, "mail/displayed"))
    }
    statements = [
        _statement(
            {
                **row,
                **shown.get((row["month"], row["cost_center"]), _NO_DISPLAY),
                "credits": _of(issued, row),
                "accepted": _accepted(accepted, row),
                "dispute_until_date": row["is_final"] and disputable.get(row["month"]),
            },
            centers.get((row["month"], row["cost_center"]), _NOTHING),
        )
        for row in sums
    ]
    have_own = {(one.month, one.cost_center) for one in statements}
    wholes = {one.month: one for one in statements if one.cost_center is None}
    return statements + [
        _roll_up(wholes[month], center, called)
        for (month, center), called in centers.items()
        if (month, center) not in have_own
    ]


def lines(connection: duckdb.DuckDBPyConnection, statement: Statement) -> list[Row]:
    """What *statement* is made of, each with its rank by amount."""
    if statement.is_rolled_up:
        return []
    if statement.cost_center is None:
        return rows(ask(connection, "mail/meters", mail_month=statement.month))
    return _asked(connection, statement, "mail/lines")


def notes(connection: duckdb.DuckDBPyConnection, statement: Statement) -> list[Row]:
    """The notes and disputes that *statement* shows; of a whole month, its disputes."""
    return _asked(connection, statement, "mail/notes")


def causes(connection: duckdb.DuckDBPyConnection, statement: Statement) -> list[Row]:
    """Why *statement* is not what it was the month before, of each tenant."""
    return _asked(connection, statement, "mail/causes")


def _asked(
    connection: duckdb.DuckDBPyConnection, statement: Statement, query: str
) -> list[Row]:
    """What *query* has of *statement*; none if that sums up those below it."""
    if statement.is_rolled_up:
        return []
    month, center = statement.month, statement.cost_center
    return rows(ask(connection, query, mail_month=month, mail_cost_center=center))


def cost_centers(
    connection: duckdb.DuckDBPyConnection, statement: Statement
) -> list[Row]:
    """The cost centres of a whole month, or those below one without a statement."""
    if statement.is_rolled_up:
        month, center = statement.month, statement.cost_center
        below = ask(connection, "mail/below", mail_month=month, mail_cost_center=center)
        return [{**row, "cost_center": row["label"]} for row in rows(below)]
    if statement.cost_center is not None:
        return []
    month, called = statement.month, _rolled_up(connection)
    centers = rows(ask(connection, "mail/cost_centers", mail_month=month))
    return [
        {**row, **called.get((month, row["cost_center"]), _NOTHING)} for row in centers
    ]


def _rolled_up(
    connection: duckdb.DuckDBPyConnection,
) -> dict[tuple[date, str], Row]:
    """By month and cost centre, what it is called then, and what is below it."""
    centers = rows(ask(connection, "mail/rolled_up"))
    return {
        (row["month"], row["cost_center"]): {
            "cost_center": row["label"],
            "below_amount": row["below_amount"],
            "total_amount": row["total_amount"],
        }
        for row in centers
    }


def _of(issued: Sequence[Row], row: Row) -> list[Row]:
    """The credit issued of a month and cost centre, or of all of them."""
    return [
        one
        for one in issued
        if one["month"] == row["month"]
        and row["cost_center"] in {None, one["cost_center"]}
    ]


def _accepted(accepted: Sequence[Row], row: Row) -> list[Row]:
    """The days that were missing when the month was closed, of the tenants in it."""
    return [
        one
        for one in accepted
        if row["is_final"]
        and one["month"] == row["month"]
        and one["tenant"] in row["tenants"]
    ]


def _statement(row: Row, called: Row) -> Statement:
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
        head={
            **row,
            **called,
            "prior_month": month_before(row["month"]),
            "change_ratio": row["change_amount"] / row["prior_amount"]
            if row["prior_amount"]
            else None,  # it is unknown, or was nothing
        },
    )


def _roll_up(whole: Statement, center: str, called: Row) -> Statement:
    """What is below a *center* without a statement, of the month of *whole*."""
    total = called["total_amount"]
    own = {"amount": total, "below_amount": None, "parts": [], "credits": []}
    return replace(
        whole,
        cost_center=center,
        amounts={center: total},
        fingerprint=_fingerprint([{"cost_center": center, "total_amount": total}]),
        head={**whole.head, **called, **own, **_NO_CHANGE, **_NO_DISPLAY},
        is_rolled_up=True,
    )


def _fingerprint(parts: Sequence[Row]) -> str:
    """A hash of what each cost centre owes.

    Without numbers, which move when a name comes between, and without the names of
    tenants, which may change.
    """
    left_out = {"tenant", "number", "seal", "amount"}
    amounts = sorted(
        [part[name] for name in part if name not in left_out] for part in parts
    )
    return hashlib.sha256(msgspec.json.encode(amounts)).hexdigest()
