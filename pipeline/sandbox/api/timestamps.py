"""Times as the tenant writes them."""

from functools import lru_cache

from pipeline.sandbox.world.population import DAY, moment


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return f"{moment(number * DAY):%Y-%m-%dT}"


@lru_cache(maxsize=DAY)
def _time(second: int) -> str:
    return f"{moment(second):%H:%M:%S.000000Z}"


def optional_at(second: int | None) -> str | None:
    """A time in UTC with six decimals and a `Z`; None for None."""
    return None if second is None else at(second)


def at(second: int) -> str:
    """A time in UTC with six decimals and a `Z`."""
    return _day(second // DAY) + _time(second % DAY)


def short(second: int) -> str:
    """A time with milliseconds, as users and spaces have it."""
    return f"{moment(second):%Y-%m-%dT%H:%M:%S}.{second % 1000:03d}Z"
