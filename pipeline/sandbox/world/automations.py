"""The automations of the sandbox tenant, and how they change over the years."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from pipeline.sandbox.world import names
from pipeline.sandbox.world.population import (
    DAY,
    WORLD_START,
    Connector,
    Population,
    Space,
    chance,
    midnight,
    uuid,
)

_START = midnight(WORLD_START)
_HORIZON = midnight(WORLD_START + timedelta(days=2500))
_MEAN_DAYS = {"owner": 450, "space": 240, "deleted": 2600, "disabled": 3000}

_COPIED, _DECORATED = 22, 40  # of 23 and of 41

# Of a hundred automations: how it is started, how often, and its share.
_RHYTHMS = (
    ("scheduled", "half-hour", 1),
    ("scheduled", "hourly", 2),
    ("scheduled", "office-hours", 5),
    ("scheduled", "daily", 19),
    ("scheduled", "workdays", 15),
    ("scheduled", "weekly", 10),
    ("scheduled", "monthly", 5),
    ("triggered", "events", 11),
    ("webhook", "events", 9),
    ("manual", "people", 16),
    ("manual", "never", 4),
    ("scheduled", "never", 3),
)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often an automation runs, for how long, with how much traffic."""

    kind: str
    second: int  # of the day, of the hour: when a schedule fires
    weekday: int
    rate: float  # runs on an ordinary weekday, where no schedule says
    seconds: float  # a typical run
    bytes_in: float
    bytes_out: float
    failing: float  # share of runs


@dataclass(frozen=True, slots=True)
class Automation:
    """One automation and its whole history; `World` decides what is visible when."""

    index: int
    id: str
    name: str
    description: str
    run_mode: str
    rhythm: Rhythm
    connectors: tuple[Connector, ...]
    billable: bool  # some of the connectors are
    colleague: str  # who starts it now and then, besides its owner
    token: str
    created_at: int
    rests_at: int  # from then on nothing starts it, although it stays available
    disabled_at: int
    unavailable: bool
    deleted_at: int
    owners: tuple[tuple[int, str], ...]  # since when, who
    spaces: tuple[tuple[int, str], ...]  # since when, where; "" is personal

    def owner_at(self, second: int) -> str:
        """The owner at that second."""
        return _at(self.owners, second)

    def space_at(self, second: int) -> str:
        """The space at that second; empty if it is the owner's personal space."""
        return _at(self.spaces, second)

    def changed_at(self, second: int) -> int:
        """When it was last changed, up to that second."""
        moments = [self.created_at, self.disabled_at]
        moments += [since for since, _ in self.owners + self.spaces]
        return max(moment for moment in moments if moment <= second)


def _at(history: tuple[tuple[int, str], ...], second: int) -> str:
    if len(history) == 1 or second < history[1][0]:
        return history[0][1]
    return history[bisect_right(history, second, key=lambda step: step[0]) - 1][1]


def automate(seed: int, index: int, population: Population) -> Automation:
    """Automation number *index* of the tenant with this *seed*."""
    rng = Random(f"{seed}/automation/{index}")
    mode, kind, _ = rng.choices(_RHYTHMS, [share for _, _, share in _RHYTHMS])[0]
    created_at = _created_at(rng)
    owners = _owners(rng, population, created_at)
    connectors = _connectors(rng, population)
    return Automation(
        index=index,
        id=uuid(rng),
        name=_name(rng, index),
        description=rng.choice(("", "Ask finance before changing", "Löst Ticket 4711")),
        run_mode=mode,
        rhythm=_rhythm(rng, kind),
        connectors=connectors,
        billable=any(connector.billable for connector in connectors),
        colleague=rng.choice(population.staying or population.owners).id,
        token=f"{rng.getrandbits(256):064x}",
        created_at=created_at,
        rests_at=_after(rng, created_at, rng.choice((150, 900, 4000))),
        disabled_at=_after(rng, max(created_at, _START), _MEAN_DAYS["disabled"]),
        unavailable=chance(rng, 0.02),
        deleted_at=_overnight(
            rng, _after(rng, max(created_at, _START) + 20 * DAY, _MEAN_DAYS["deleted"])
        ),
        owners=owners,
        spaces=_moves(rng, population, created_at),
    )


def _connectors(rng: Random, population: Population) -> tuple[Connector, ...]:
    """One connector of the vendor, and in two of five cases some of third parties."""
    own = [one for one in population.connectors if not one.billable]
    foreign = [one for one in population.connectors if one.billable]
    count = rng.choice((1, 2)) if chance(rng, 0.4) else 0
    return (rng.choice(own), *rng.sample(foreign, count))


def _created_at(rng: Random) -> int:
    """When it was created: nearly half of them before the world starts."""
    day = rng.randrange(-500, 0) if chance(rng, 0.45) else rng.randrange(410)
    return _START + day * DAY + rng.randrange(7 * 3600, 18 * 3600)


def _after(rng: Random, since: int, mean_days: float) -> int:
    return since + int(rng.expovariate(1 / mean_days) * DAY)


def _overnight(rng: Random, second: int) -> int:
    """Between 00:05 and 00:30 of that day: between the last run and the nightly one."""
    return second // DAY * DAY + rng.randrange(300, 1800)


def _name(rng: Random, index: int) -> str:
    name = rng.choice(names.TASKS).format(thing=rng.choice(names.THINGS))
    if index % 23 == _COPIED:
        return f"Copy of {name}"
    return f"{name} 📈" if index % 41 == _DECORATED else name


def _rhythm(rng: Random, kind: str) -> Rhythm:
    size = rng.lognormvariate(0, 1.6)
    return Rhythm(
        kind=kind,
        second=rng.randrange(96) * 900,
        weekday=rng.randrange(7),
        rate=min(rng.paretovariate(0.8) * (0.25 if kind == "people" else 0.4), 16),
        seconds=min(rng.lognormvariate(3.7, 1.2), 2400),
        bytes_in=40_000 * size,
        bytes_out=9_000 * size,
        failing=rng.choice((0.005, 0.01, 0.02, 0.03, 0.04, 0.12)),
    )


def _owners(
    rng: Random, population: Population, created_at: int
) -> tuple[tuple[int, str], ...]:
    """Its owners: a few own many; ownership passes after midnight, to one who stays."""
    *people, bot = population.owners
    first = people[int(len(people) * rng.random() ** 1.6)]
    history = [(created_at, bot.id if chance(rng, 0.02) else first.id)]
    second = _after(rng, created_at + 20 * DAY, _MEAN_DAYS["owner"])
    while second < _HORIZON:
        heirs = [one.id for one in population.staying if one.id != history[-1][1]]
        if heirs:
            history.append((_overnight(rng, second), rng.choice(heirs)))
        second = _after(rng, second + 20 * DAY, _MEAN_DAYS["owner"])
    return tuple(history)


def _moves(
    rng: Random, population: Population, created_at: int
) -> tuple[tuple[int, str], ...]:
    """Its spaces: it moves between them at noon or in the afternoon."""
    spaces = ["", *(space.id for space in population.spaces if _is_shared(space))]
    weights = [len(spaces) * 0.45, *(1 for _ in spaces[1:])]
    history = [(created_at, rng.choices(spaces, weights)[0])]
    second = _after(rng, created_at + 5 * DAY, _MEAN_DAYS["space"])
    while second < _HORIZON:
        noon = second // DAY * DAY + rng.randrange(10 * 3600, 16 * 3600)
        others = [space for space in spaces if space != history[-1][1]]
        if others:
            history.append((noon, rng.choice(others)))
        second = _after(rng, second + 5 * DAY, _MEAN_DAYS["space"])
    return tuple(history)


def _is_shared(space: Space) -> bool:
    """Whether it can hold automations; the deleted space was shared, too."""
    return space.type == "shared"
