"""The sandbox's world: what there is, what has happened up to now, what was used.

What happens on a day follows from seed, automation and date alone, so that two runs
on following days read the same world. `now` is the tenant's clock and may be moved.
"""

import copy
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self

from pipeline.sandbox.world.automations import Automation, automate
from pipeline.sandbox.world.population import (
    DAY,
    WORLD_START,
    Population,
    Space,
    User,
    midnight,
    moment,
    populate,
)
from pipeline.sandbox.world.runs import Run, runs_of_day

_LATE_EVERY = 9
_EVENING = 15 * 3600


class TruthRow(NamedTuple):
    """What an owner used in a space on a day, by the runs that have ended."""

    date: date
    owner_id: str
    space_id: str
    runs: int
    third_party_runs: int
    failed_runs: int
    duration_seconds: int
    bandwidth_in_bytes: int
    bandwidth_out_bytes: int


@dataclass(slots=True)
class World:
    """A seeded tenant at the moment *now*."""

    _: KW_ONLY
    now: datetime
    start: date = WORLD_START
    seed: int = 1
    automations: int = 300
    owners: int = 40
    spaces: int = 12
    forgets: bool = True
    retention_days: int = 30
    late_usage: bool = False
    population: Population = field(init=False, repr=False)
    _automations: tuple[Automation, ...] | None = field(init=False, repr=False)
    _days: dict[tuple[int, int], tuple[Run, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.population = populate(self.seed, self.owners, self.spaces)
        self._automations = None
        self._days = {}
        if self.now.tzinfo is None:
            raise ValueError("now needs a time zone")

    def at(self, now: datetime) -> Self:
        """The same world at another moment; what was computed is shared."""
        other = copy.copy(self)
        other.all_automations = self.all_automations
        other.now = now
        return other

    @property
    def all_automations(self) -> tuple[Automation, ...]:
        """The automations that ever were; made when somebody asks for them first."""
        if self._automations is None:
            self._automations = tuple(
                automate(self.seed, index, self.population)
                for index in range(self.automations)
            )
        return self._automations

    @all_automations.setter
    def all_automations(self, automations: tuple[Automation, ...]) -> None:
        self._automations = automations

    @property
    def second(self) -> int:
        """Now, in seconds since the epoch."""
        return int(self.now.timestamp())

    @property
    def today(self) -> date:
        """The day of *now*, UTC."""
        return moment(self.second).date()

    def listed_automations(self) -> list[Automation]:
        """The automations that exist now."""
        return [one for one in self.all_automations if self.exists(one)]

    def exists(self, automation: Automation) -> bool:
        """Whether it has been created and not been deleted."""
        return automation.created_at <= self.second and not self._deleted(automation)

    def listed_users(self) -> list[User]:
        """The users of the tenant now, of any status."""
        return [
            user
            for user in self.population.users
            if user.left_at is None or user.left_at > self.second
        ]

    def listed_spaces(self) -> list[Space]:
        """The spaces that are listed now; personal ones never are."""
        return [space for space in self.population.spaces if space.listed]

    def owner_now(self, automation: Automation) -> str:
        """The owner now; of a deleted automation, the last owner."""
        end = min(self.second, automation.deleted_at) if self.forgets else self.second
        return automation.owner_at(end)

    def listed_runs(self, automation: Automation) -> list[Run]:
        """The runs that the tenant still lists, oldest first."""
        since, now = 0, self.second
        if self.forgets:
            changes = [change for change, _ in automation.owners[1:] if change <= now]
            since = max([now - self.retention_days * DAY, *changes])
        day = max(since, midnight(self.start), automation.created_at) // DAY
        return [
            run
            for ordinal in range(day, now // DAY + 1)
            for run in self.runs_created(automation, ordinal)
            if since <= run.created_at <= now
        ]

    def last_runs(self, automation: Automation) -> tuple[Run | None, Run | None]:
        """The run that was created last, and the one that ended last."""
        latest, now = None, self.second
        first = max(midnight(self.start), automation.created_at) // DAY
        for ordinal in range(now // DAY, first - 1, -1):
            runs = self.runs_created(automation, ordinal)
            created = [run for run in runs if run.created_at <= now]
            latest = latest or (created[-1] if created else None)
            ended = [run for run in created if run.stopped_at <= now]
            if ended:
                return latest, max(ended, key=lambda run: run.stopped_at)
        return latest, None

    def metered(self, automation: Automation, day: date) -> list[Run]:
        """The runs that usage counts for *day* now: started on it, and ended."""
        until = self.second
        if self.late_usage:
            until = min(until, self._known_until(automation, midnight(day)))
        return self._ended(automation, midnight(day), until)

    def truth(self) -> list[TruthRow]:
        """What was really used each day, by owner and space as of the run."""
        sums: dict[tuple[date, str, str], list[int]] = {}
        days = (self.today - self.start).days + 1
        for day in (self.start + timedelta(days=number) for number in range(days)):
            for automation in self.all_automations:
                for run in self._ended(automation, midnight(day), self.second):
                    key = day, run.owner_id, run.space_id
                    _count(sums.setdefault(key, [0] * 6), run)
        return [TruthRow(*key, *sums[key]) for key in sorted(sums)]

    def runs_created(self, automation: Automation, ordinal: int) -> tuple[Run, ...]:
        """All runs that are created on a day, which is counted from the epoch."""
        key = automation.index, ordinal
        runs = self._days.get(key)
        if runs is None:
            runs = runs_of_day(self.seed, automation, ordinal, deletes=self.forgets)
            self._days[key] = runs
        return runs

    def _deleted(self, automation: Automation) -> bool:
        return self.forgets and automation.deleted_at <= self.second

    def _ended(self, automation: Automation, first: int, until: int) -> list[Run]:
        """Runs that started on the day that begins at *first*, and ended by *until*."""
        return [
            run
            for run in self._around(automation, first)
            if run.started_at is not None
            and first <= run.started_at < first + DAY
            and run.stopped_at <= until
        ]

    def _around(self, automation: Automation, first: int) -> Iterator[Run]:
        """Runs created on that day or the one before: a run may wait past midnight."""
        ordinal = first // DAY
        if ordinal > midnight(self.start) // DAY:
            yield from self.runs_created(automation, ordinal - 1)
        yield from self.runs_created(automation, ordinal)

    def _known_until(self, automation: Automation, first: int) -> int:
        """Until when usage knows the runs of a day: some evenings come days later."""
        number = (automation.index * 31 + first // DAY * 17 + self.seed) % _LATE_EVERY
        complete_at = first + DAY + (number + 1) * DAY
        if number > 1 or self.second >= complete_at:
            return self.second
        return first + _EVENING


def _count(sums: list[int], run: Run) -> None:
    sums[0] += 1
    sums[1] += run.billable
    sums[2] += run.status == "failed"
    sums[3] += run.seconds
    sums[4] += run.bytes_in
    sums[5] += run.bytes_out
