"""Who is meant: the ids of a person in the lake, and all words that name them."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from pipeline.config import Settings
from pipeline.endpoints import SNAPSHOTS
from pipeline.errors import ConfigError
from pipeline.lake import Lake, present
from pipeline.lake.forgotten import Forgotten, address, pseudonym
from pipeline.upkeep.words import Words

(_USERS,) = (one.table for one in SNAPSHOTS if one.table.name == "users")
_NAMED = ("name", "email", "subject")


@dataclass(frozen=True, slots=True)
class Person:
    """A user of one tenant or several, and what replaces the words that name them."""

    users: tuple[Forgotten, ...]
    words: Words


def find(settings: Settings, user: str) -> Person:
    """The one person whose id, name or address *user* is.

    An address that no user has may be that of a recipient.

    Raises:
        ConfigError: Nobody is called so, or several are.
    """
    listed = _listed(settings)
    for column in ("user_id", "email", "name", "subject"):
        same = listed.filter(pl.col(column).str.to_lowercase() == user.strip().lower())
        if same.is_empty():
            continue
        found = sorted({(one["tenant"], one["user_id"]) for one in same.to_dicts()})
        ids = {user_id for _, user_id in found}
        if len(ids) > 1 and column in ("name", "subject"):
            named = ", ".join(f"{user_id} of {tenant}" for tenant, user_id in found)
            raise ConfigError(
                f"{user!r} is the name of several users: {named}\n"
                "name one of them by id"
            )
        users = tuple(Forgotten(*one) for one in found)
        return Person(users, _words(listed, users))
    name, at, domain = user.strip().rpartition("@")
    if at and name and domain:
        new = address(pseudonym("", user.strip().lower()), domain)
        return Person((), Words({}, {user.strip(): new}))
    raise ConfigError(
        f"{user!r} is no id, address or name of a user in the lake\n"
        'chargeback query "from marts.owners" lists them'
    )


def _listed(settings: Settings) -> pl.DataFrame:
    """Every name that a user ever had."""
    lake = Lake(settings.lake)
    every = [
        lake.query(
            _USERS,
            tenant,
            lake.days(_USERS, tenant),
            lambda rows: rows.select("user_id", *_NAMED).unique(),
        ).with_columns(tenant=pl.lit(tenant))
        for tenant in sorted(present.counted(settings))
    ]
    empty = pl.DataFrame(
        schema=dict.fromkeys(("user_id", *_NAMED, "tenant"), pl.String)
    )
    return pl.concat([empty, *every], how="diagonal")


def _words(listed: pl.DataFrame, users: tuple[Forgotten, ...]) -> Words:
    names: dict[str, str] = {}
    addresses: dict[str, str] = {}
    for one in users:
        new = pseudonym(one.tenant, one.user_id)
        for row in _rows_of(listed, one):
            for word in (row["name"], row["subject"]):
                if word and (stripped := word.strip()):
                    names.setdefault(stripped, new)
            if row["email"] and (email := row["email"].strip()):
                addresses.setdefault(email, address(new, email.rpartition("@")[2]))
    return Words(names, addresses)


def _rows_of(listed: pl.DataFrame, one: Forgotten) -> Iterator[dict[str, str | None]]:
    own = listed.filter(tenant=one.tenant, user_id=one.user_id)
    yield from own.iter_rows(named=True)
