"""Whether runs are well: the last one was good, and is not too old."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.errors import (
    CheckError,
    ConfigError,
    DeliveryError,
    PipelineError,
    TenantError,
)
from pipeline.monitor.records import Records, RunRecord

# Runs that count: the nightly job, or its stages where they are run one by one.
_NIGHTLY = ("run",)
_STAGES = ("extract", "build", "report", "deliver")

# Clocks differ; what began later than this was written by one that was wrong.
_AHEAD = timedelta(hours=1)

_ERRORS: dict[int, type[PipelineError]] = {
    one.exit_code: one for one in (ConfigError, TenantError, CheckError, DeliveryError)
}


@dataclass(frozen=True, slots=True)
class Health:
    """`good`, `running`, `error`, `died`, `late` or `never`, and why.

    *last* is the last run that counts, *last_good* the last one that was good.
    """

    state: str
    reason: str
    last: RunRecord | None = None
    last_good: RunRecord | None = None
    exit_code: int = 0

    @property
    def error(self) -> PipelineError | None:
        """The error to end with; none if all is well."""
        if self.exit_code == 0:
            return None
        return _ERRORS.get(self.exit_code, PipelineError)(self.reason)


def of_the_past(records: Records, now: datetime) -> Records:
    """*records* without those of runs that are still to begin, which are named."""
    runs = tuple(one for one in records.runs if one.started <= now + _AHEAD)
    wrong = [
        f"{one.id}: began in the future, by a clock that was wrong"
        for one in records.runs
        if one.started > now + _AHEAD
    ]
    return Records(runs, (*records.skipped, *wrong))


def counted(records: Records) -> list[RunRecord]:
    """The runs that health is judged by, in order."""
    for commands in (_NIGHTLY, _STAGES):
        if found := [one for one in records.runs if one.command in commands]:
            return found
    return []


def health(
    records: Records, now: datetime, max_age: timedelta, *, is_locked: bool
) -> Health:
    """How runs are, *now*; *is_locked* says whether one holds the lock.

    While one is at work the one before it counts, until it has been at work for more
    than *max_age*.
    """
    runs = counted(records)
    if not runs:
        return Health("never", "no run has been recorded here yet", exit_code=1)
    last = runs[-1]
    good = next((one for one in reversed(runs) if one.is_good), None)
    if last.state == "running" and is_locked:
        if now - last.started > max_age:
            reason = f"{last.id} is at work since {_moment(last.started)}"
            return Health("late", f"{reason}\nsee what it waits for", last, good, 1)
        before = [one for one in runs[:-1] if one.state == "ended"]
        judged = _judged(before[-1], now, max_age, good) if before else None
        reason = f"{last.id} is at work since {_moment(last.started)}"
        if judged and judged.exit_code:
            return Health(
                "running",
                f"{reason}; before, {judged.reason}",
                last,
                good,
                judged.exit_code,
            )
        return Health("running", reason, last, good, 0 if judged else 1)
    return _judged(last, now, max_age, good)


def _judged(
    last: RunRecord, now: datetime, max_age: timedelta, good: RunRecord | None
) -> Health:
    """How things are by the *last* run, which is not at work any more."""
    if last.state != "ended" or last.ended is None or last.exit_code is None:
        reason = (
            f"{last.id} was killed: it began at {_moment(last.started)}, and did not"
            " end\nrun it again: what it had saved is kept"
        )
        return Health("died", reason, last, good, 1)
    if last.exit_code != 0:
        code = last.exit_code if last.exit_code in _ERRORS else 1
        first, _, remedy = (last.error or "").partition("\n")
        reason = f"{last.id} ended with exit {last.exit_code}: {first}\n{remedy}"
        return Health("error", reason.rstrip(": \n"), last, good, code)
    if now - last.ended > max_age:
        reason = (
            f"the last run ended {age(now - last.ended)} ago, at {_moment(last.ended)}"
            "\nsee whether the nightly job is still started"
        )
        return Health("late", reason, last, good, 1)
    reason = f"{last.id} ended {age(now - last.ended)} ago with exit 0"
    return Health("good", reason, last, good)


def age(span: timedelta) -> str:
    """*span* in its largest units, such as `2 d 3 h`, `45 min` or `12 s`."""
    seconds = max(int(span.total_seconds()), 0)
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
