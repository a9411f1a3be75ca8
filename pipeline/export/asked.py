"""What an export asks of the warehouse before it is made: what there is of a month."""

from datetime import date

import duckdb

from pipeline import warehouse
from pipeline.errors import ConfigError


def owners(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The address of the owner of each cost centre that has one."""
    with warehouse.answering("the owners of cost centres"):
        rows = connection.execute(
            "select cost_center, owner_email from marts.cost_centers"
            " where owner_email is not null"
        ).fetchall()
    return dict(rows)


def reversed_statements(
    connection: duckdb.DuckDBPyConnection, month: date
) -> list[str]:
    """The statements of *month* that were reversed, by number and version."""
    with warehouse.answering("what was issued"):
        rows = connection.execute(
            "select reverses from marts.issued_statements"
            " where month = $1 and reverses is not null order by all",
            [month],
        ).fetchall()
    return [name for (name,) in rows]


def is_closed(connection: duckdb.DuckDBPyConnection, month: date) -> bool:
    """Whether all statements of *month* are closed."""
    rows = connection.execute(
        "select bool_and(closed) from marts.statement where month = $1", [month]
    ).fetchall()
    return bool(rows[0][0])


def on_statements(
    connection: duckdb.DuckDBPyConnection, called: str | None
) -> str | None:
    """The name on statements of what is *called* so, by its code or as it is today."""
    with warehouse.answering("the cost centre"):
        found = connection.execute(
            "select cost_center from marts.cost_centers"
            " where $1 in (cost_center, code, label) order by cost_center != $1",
            [called],
        ).fetchone()
    return found[0] if found else called


def currency_of(
    connection: duckdb.DuckDBPyConnection, month: date, cost_center: str | None
) -> str:
    """The currency of what was charged or issued of *month* and *cost_center*.

    Raises:
        ConfigError: There are none; the message names those that there are.
    """
    with warehouse.answering("what was charged"):
        rows = connection.execute(
            "select month, cost_center, currency from marts.statement union"
            " select month, cost_center, currency from marts.issued_statements"
            " order by all"
        ).fetchall()
    if not rows:
        raise ConfigError(
            "no month has charges yet: name a rate card under [charge], and let"
            " `chargeback run` price what was used"
        )
    months = sorted({row[0] for row in rows})
    if month not in months:
        raise ConfigError(
            f"{month:%Y-%m}: nothing is charged for this month; there is"
            f" {months[0]:%Y-%m} to {months[-1]:%Y-%m}"
        )
    centers: dict[str, str] = {row[1]: row[2] for row in rows if row[0] == month}
    if cost_center is not None and cost_center not in centers:
        names = ", ".join(centers)
        raise ConfigError(
            f"cost centre {cost_center}: has no statement for {month:%Y-%m};"
            f" there is {names}"
        )
    return next(iter(centers.values()))
