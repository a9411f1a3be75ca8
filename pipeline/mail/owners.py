"""Who gets the statement of a cost centre: as `[mail]` says, else its owner."""

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from pipeline.config import Mail
from pipeline.warehouse import Row, ask, rows


def read(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """What each cost centre is called, and the address of its owner."""
    return rows(ask(connection, "mail/owners"))


def named(mail: Mail, centers: Sequence[Row]) -> Mail:
    """*mail* with each cost centre by the name on its statements.

    It may be written by its code, or as the file calls it today.
    """
    called = {
        center[name]: center["cost_center"]
        for name in ("code", "label", "cost_center")
        for center in centers
    }
    recipients: dict[str, tuple[str, ...]] = {}
    for name, addresses in mail.cost_centers.items():
        center = called.get(name, name)
        both = (*recipients.get(center, ()), *addresses)
        recipients[center] = tuple(dict.fromkeys(both))
    return replace(mail, cost_centers=recipients)


def with_owners(mail: Mail, centers: Sequence[Row]) -> Mail:
    """*mail* with the owners of the cost centres for which it names nobody."""
    owners = {
        center["cost_center"]: (center["owner_email"],)
        for center in centers
        if center["owner_email"]
    }
    return replace(mail, cost_centers=owners | dict(mail.cost_centers))
