"""The users, spaces and connectors of the sandbox tenant."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import NamedTuple

from pipeline.sandbox.world import names

WORLD_START = date(2025, 10, 1)
CLIENT_ID = "5c1f0a7be2d84d6f9a3e7b1c2d4f6a80"
DAY = 86_400

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def midnight(day: date) -> int:
    """The first second of *day*, UTC, since the epoch."""
    return (day - date(1970, 1, 1)).days * DAY


def moment(seconds: int) -> datetime:
    """The UTC time that is *seconds* after the epoch."""
    return datetime.fromtimestamp(seconds, UTC)


def hex_id(rng: Random) -> str:
    """An id of 24 hexadecimal digits, as spaces and older users have."""
    return f"{rng.getrandbits(96):024x}"


def chance(rng: Random, share: float) -> bool:
    """True in that share of cases."""
    return rng.random() < share


def uuid(rng: Random) -> str:
    """A random (version 4) UUID."""
    bits = rng.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | 4 << 76 | 2 << 62
    digits = f"{bits:032x}"
    return "-".join(
        (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    )


class User(NamedTuple):
    """A user, who is listed until *left_at*."""

    id: str
    name: str
    email: str
    subject: str
    status: str
    created_at: int
    left_at: int | None
    roles: tuple[str, ...]


class Space(NamedTuple):
    """A space; *listed* is false for one that was deleted with automations in it."""

    id: str
    name: str
    type: str
    owner_id: str
    created_at: int
    updated_at: int
    listed: bool


class Connector(NamedTuple):
    """A connector, which blocks of an automation use."""

    id: str
    name: str
    billable: bool


@dataclass(frozen=True, slots=True)
class Population:
    """The tenant's users, spaces and connectors; seed and sizes determine them."""

    owners: tuple[User, ...]  # the owners of automations, the bot last
    others: tuple[User, ...]  # the admin who calls, an invited, a disabled user
    spaces: tuple[Space, ...]
    connectors: tuple[Connector, ...]

    @property
    def users(self) -> tuple[User, ...]:
        """All users who are or were in the tenant."""
        return self.owners + self.others

    @property
    def admin(self) -> User:
        """The tenant admin to whom the API key belongs."""
        return self.others[0]

    @property
    def bot(self) -> User:
        """The user of the OAuth client."""
        return self.owners[-1]

    @property
    def staying(self) -> tuple[User, ...]:
        """Owners who never leave, to whom automations are transferred."""
        return tuple(owner for owner in self.owners[:-1] if owner.left_at is None)


def populate(seed: int, owners: int, spaces: int) -> Population:
    """People, spaces and connectors of the tenant with this *seed*."""
    rng = Random(f"{seed}/population")
    people = tuple(_owner(rng, number, owners) for number in range(owners))
    bot = _person(rng, "Automation service client", "")
    bot = bot._replace(subject=f"qlikbot\\{CLIENT_ID}", email="")
    admin = _person(rng, "Robin Meyer-Okafor", "robin.meyer")
    invited = _person(rng, "pending@partner.example", "")
    disabled = _person(rng, "Grażyna Nowak", "grazyna.nowak")
    return Population(
        owners=(*people, bot),
        others=(
            admin._replace(roles=("TenantAdmin", "AnalyticsAdmin")),
            invited._replace(status="invited", email="pending@partner.example"),
            disabled._replace(status="disabled"),
        ),
        spaces=_spaces(rng, people, spaces),
        connectors=tuple(Connector(uuid(rng), *one) for one in names.CONNECTORS),
    )


def _owner(rng: Random, number: int, owners: int) -> User:
    """Owner *number*; two of them leave: before the world starts, and during it."""
    given, family = names.PEOPLE[number % len(names.PEOPLE)]
    first = given[number // len(names.PEOPLE) % len(given)]
    last = family[rng.randrange(len(family))]
    person = _person(rng, f"{first} {last}", _login(f"{first}.{last}", number))
    leaving = {owners - 1: timedelta(days=-20), owners - 2: timedelta(days=290)}
    if owners < len(leaving) + 1 or number not in leaving:
        return person
    return person._replace(left_at=midnight(WORLD_START + leaving[number]) + 64_800)


def _login(name: str, number: int) -> str:
    """The name in plain letters, or a number where it has none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    login = "".join(sign for sign in plain.lower() if sign.isalpha() or sign == ".")
    return f"{login.strip('.') or 'user'}{number}"


def _person(rng: Random, name: str, login: str) -> User:
    modern = chance(rng, 0.6)
    user_id = "".join(rng.choices(_ALPHABET, k=32)) if modern else hex_id(rng)
    created_at = midnight(WORLD_START) - rng.randrange(30 * DAY, 900 * DAY)
    email = f"{login}@example.com" if login else ""
    subject = f"auth0|{rng.getrandbits(160):040x}" if modern else f"ACME\\{login}"
    return User(user_id, name, email, subject, "active", created_at, None, ())


def _spaces(rng: Random, owners: tuple[User, ...], count: int) -> tuple[Space, ...]:
    """As many listed spaces as *count* says, and a deleted one."""
    named = [
        names.SPACES[number]
        if number < len(names.SPACES)
        else (f"Project {number + 1}", "shared")
        for number in range(count)
    ]
    return tuple(
        Space(
            hex_id(rng),
            name,
            kind,
            rng.choice(owners).id,
            created_at := midnight(WORLD_START) - rng.randrange(DAY, 700 * DAY),
            created_at + rng.randrange(DAY),
            listed=number < count,
        )
        for number, (name, kind) in enumerate([*named, ("Old warehouse", "shared")])
    )
