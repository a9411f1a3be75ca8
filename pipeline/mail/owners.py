"""Who gets what concerns a cost centre: as the configuration says, else its owner."""

from collections.abc import Mapping, Sequence

import duckdb

from pipeline.warehouse import Row, ask, rows


def read(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """What each cost centre is called, and the address of its owner."""
    return rows(ask(connection, "mail/owners"))


_Addresses = Mapping[str, tuple[str, ...]]


def named(written: _Addresses, centers: Sequence[Row]) -> _Addresses:
    """What is *written* of cost centres, by the names on their statements.

    Each may be written by its code, or as the file calls it today.
    """
    called = {
        center[name]: center["cost_center"]
        for name in ("code", "label", "cost_center")
        for center in centers
    }
    recipients: dict[str, tuple[str, ...]] = {}
    for name, addresses in written.items():
        center = called.get(name, name)
        both = (*recipients.get(center, ()), *addresses)
        recipients[center] = tuple(dict.fromkeys(both))
    return recipients


def with_owners(named: _Addresses, centers: Sequence[Row]) -> _Addresses:
    """*named*, and the owners of the cost centres for which nobody is."""
    owners = {
        center["cost_center"]: (center["owner_email"],)
        for center in centers
        if center["owner_email"]
    }
    return owners | dict(named)
