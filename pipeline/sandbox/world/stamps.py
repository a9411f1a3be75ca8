"""Times as the tenant writes them."""

from functools import lru_cache

from pipeline.sandbox.world.population import DAY, moment


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return f"{moment(number * DAY):%Y-%m-%dT}"


@lru_cache(maxsize=DAY)
def _time(second: int) -> str:
    return f"{moment(second):%H:%M:%S.000000Z}"


def stamp(second: int | None) -> str | None:
    """The time as the tenant writes it: UTC, six decimals, `Z`."""
    return None if second is None else at(second)


def at(second: int) -> str:
    """The time, which is known, as the tenant writes it."""
    return _day(second // DAY) + _time(second % DAY)


def short(second: int) -> str:
    """Users and spaces write milliseconds."""
    return f"{moment(second):%Y-%m-%dT%H:%M:%S}.{second % 1000:03d}Z"
