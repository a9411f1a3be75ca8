"""The runs of an automation on a day: a function of seed, automation and day only."""

from collections.abc import Iterator
from functools import cache
from math import exp
from random import Random
from typing import NamedTuple

from pipeline.sandbox.world.automations import Automation, Rhythm
from pipeline.sandbox.world.population import (
    DAY,
    WORLD_START,
    chance,
    midnight,
    moment,
    uuid,
)

LONGEST = 4 * 3600
_START_DAY = midnight(WORLD_START) // DAY
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday
_SATURDAY = 5
_OUTCOMES = (
    ("finished with warnings", 0.035),
    ("stopped", 0.01),
    ("exceeded limit", 0.002),
)

# Where the tenant's people are, who rest on its holidays.
HOME = "DE"

_DAY_OFF = {"events": 0.25, "people": 0.06}
_CONTEXTS = {
    "scheduled": ("scheduler",),
    "triggered": ("api_async", "api_async", "api_sync", "api"),
    "webhook": ("webhook",),
    "manual": ("editor", "detail", "detail", "test_run", "api_sync", "lookup"),
}


class Run(NamedTuple):
    """One run from beginning to end; how much of it is known depends on the moment."""

    id: str
    automation: Automation
    owner_id: str
    space_id: str
    executed_by_id: str
    context: str
    status: str  # the final one
    is_test: bool
    billable: bool
    scheduled_at: int | None
    created_at: int
    started_at: int | None
    stopped_at: int
    bytes_in: int
    bytes_out: int

    @property
    def seconds(self) -> int:
        """Duration: from start to stop."""
        return 0 if self.started_at is None else self.stopped_at - self.started_at


def runs_of_day(
    seed: int, automation: Automation, day: int, *, deletes: bool
) -> tuple[Run, ...]:
    """Runs created on *day* (days since the epoch), in the order of their creation."""
    begin, until = _window(automation, day * DAY, deletes=deletes)
    if until <= begin:
        return ()
    rng = Random(seed << 64 | automation.index << 32 | day)
    moments = sorted(
        second for second in _moments(rng, automation, day) if begin <= second < until
    )
    runs = (_run(rng, automation, day * DAY + second) for second in moments)
    return tuple(run for run in runs if run is not None)


def _window(automation: Automation, first: int, *, deletes: bool) -> tuple[int, int]:
    """The first and the last second of the day from *first* on in which it may start.

    A change of owner or a deletion wipes the listing of an automation. So that the
    nightly run before has read all of it, the automation does not start on the day
    before, and not after 18:00 on the day before that.
    """
    last = first + DAY
    end = min(automation.rests_at, automation.disabled_at)
    if first < automation.created_at or last > end or automation.unavailable:
        return 0, 0
    wipes = [change for change, _ in automation.owners[1:]]
    if deletes and automation.deleted_at < last + 2 * DAY:
        wipes.append(automation.deleted_at)
    begin, until = 0, DAY
    for wipe in wipes:
        day = (wipe - first) // DAY
        if day < 0 and wipe == automation.deleted_at:
            until = 0
        if day == 0:
            begin = DAY if wipe == automation.deleted_at else wipe - first + 60
        if day == 1:
            until = 0
        if day == 2:  # noqa: PLR2004
            until = min(until, 18 * 3600)
    return begin, until


def _moments(rng: Random, automation: Automation, day: int) -> Iterator[int]:
    """The seconds of the day at which a run is started."""
    rhythm = automation.rhythm
    weekday = (day + _EPOCH_WEEKDAY) % 7
    is_off = weekday >= _SATURDAY or day in _holidays()
    if automation.run_mode == "scheduled":
        yield from _schedule(rhythm, day, weekday)
        # Now and then a person starts it.
        if rhythm.kind != "never" and not is_off and chance(rng, 0.01):
            yield rng.randrange(8 * 3600, 18 * 3600)
    elif rhythm.kind != "never":
        growth = max(0.5, 1 + 0.04 * (day - _START_DAY) / 30)
        quiet = _DAY_OFF[rhythm.kind] if is_off else 1
        for _ in range(_poisson(rng, rhythm.rate * growth * quiet)):
            office = rhythm.kind == "people" or chance(rng, 0.6)
            yield rng.randrange(7 * 3600, 19 * 3600) if office else rng.randrange(DAY)


@cache
def _holidays() -> frozenset[int]:
    """The days since the epoch on which people in Germany rest; schedules do not."""
    from holidays import country_holidays  # noqa: PLC0415

    years = range(WORLD_START.year, WORLD_START.year + 8)
    return frozenset(
        midnight(day) // DAY for day in country_holidays(HOME, years=years)
    )


def _schedule(rhythm: Rhythm, day: int, weekday: int) -> range:
    """The seconds of the day at which the schedule starts a run."""
    every = {"half-hour": 1800, "hourly": 3600, "office-hours": 3600}
    if rhythm.kind in every:
        pause = every[rhythm.kind]
        office = rhythm.kind == "office-hours"
        until = DAY if not office else 18 * 3600 if weekday < _SATURDAY else 0
        return range(rhythm.second % pause + (7 * 3600 if office else 0), until, pause)
    fires = {
        "daily": True,
        "workdays": weekday < _SATURDAY,
        "weekly": weekday == rhythm.weekday,
        "monthly": rhythm.kind == "monthly" and _day_of_month(day) == rhythm.weekday,
    }
    return range(rhythm.second, rhythm.second + fires.get(rhythm.kind, False))


def _day_of_month(day: int) -> int:
    return moment(day * DAY).day - 1


def _poisson(rng: Random, mean: float) -> int:
    count, product, limit = 0, rng.random(), exp(-mean)
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def _run(rng: Random, automation: Automation, created_at: int) -> Run | None:
    """The run that is created at that second; None if its listing would be wiped."""
    owner_id = automation.owner_at(created_at)
    context = rng.choice(_CONTEXTS[automation.run_mode])
    by_owner = context in ("scheduler", "webhook") or chance(rng, 0.8)
    started_at, stopped_at, status = _course(rng, automation.rhythm, created_at)
    if started_at is None and _wiped_before(automation, stopped_at):
        return None
    seconds = 0 if started_at is None else stopped_at - started_at
    rate_in, rate_out = _rates(
        automation, created_at if started_at is None else started_at
    )
    return Run(
        id=uuid(rng),
        automation=automation,
        owner_id=owner_id,
        space_id=automation.space_at(created_at),
        executed_by_id=owner_id if by_owner else automation.colleague,
        context=context,
        status=status,
        is_test=context == "test_run",
        # Billable is a run in which a third-party block was executed, which a run of
        # such an automation need not do.
        billable=automation.billable and seconds > 0 and chance(rng, 0.8),
        scheduled_at=created_at if context == "scheduler" else None,
        created_at=created_at,
        started_at=started_at,
        stopped_at=stopped_at,
        bytes_in=seconds * rate_in,
        bytes_out=seconds * rate_out,
    )


def _rates(automation: Automation, second: int) -> tuple[int, int]:
    """Bytes a second, in and out: the same for all runs that start on a day.

    A tenant meters bytes by automation and day, not by run. Where two owners or spaces
    share a day, dividing by seconds is exact to the byte only if the rate is constant.
    """
    rhythm = automation.rhythm
    percent = 50 + (automation.index * 31 + second // DAY * 17) % 101
    usual = max(rhythm.seconds, 1)
    return (
        int(rhythm.bytes_in * percent / usual) // 100,
        int(rhythm.bytes_out * percent / usual) // 100,
    )


def _course(
    rng: Random, rhythm: Rhythm, created_at: int
) -> tuple[int | None, int, str]:
    """When it started, or None, when it stopped, and its final status."""
    draw = rng.random()
    if draw < 0.0005:  # noqa: PLR2004
        return None, created_at + rng.randrange(6 * 3600, 13 * DAY), "failed"
    started_at = created_at + rng.randrange(6)
    if draw > 0.95:  # noqa: PLR2004
        started_at += int(min(rng.expovariate(1 / 240), 1800))
    seconds = min(int(rhythm.seconds * rng.lognormvariate(0, 0.6)), LONGEST)
    if draw * 100 % 1 < 0.02:  # noqa: PLR2004
        seconds = 0
    elif draw * 100 % 1 > 0.997:  # noqa: PLR2004
        seconds = rng.randrange(3600, LONGEST)
    status = _outcome(rng.random(), rhythm.failing)
    if status == "exceeded limit":
        seconds = LONGEST
    return started_at, started_at + seconds, status


def _outcome(draw: float, failing: float) -> str:
    for status, share in (("failed", failing), *_OUTCOMES):
        if draw < share:
            return status
        draw -= share
    return "finished"


def _wiped_before(automation: Automation, second: int) -> bool:
    """Whether the listing is wiped while a run waits until *second*."""
    wipes = [change for change, _ in automation.owners[1:]]
    wipes.append(automation.deleted_at)
    return any(wipe <= second + DAY for wipe in wipes if wipe > second - 15 * DAY)
