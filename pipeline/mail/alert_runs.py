"""What there is to tell of a run that was not good: each cause, until it is over."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from pipeline.formats.language import Language, msgid
from pipeline.mail.alert_state import Alert
from pipeline.monitor import RunRecord

_MISSING = "missing"
_INTERRUPTED = 130  # by whoever started it, who knows
_LONGEST_LABEL = 100
_DIGEST_LENGTH = 16
_REMEDY = msgid(
    "See whether the machine is up, and whether cron or the timer still starts runs;"
    " then start chargeback run."
)

# What an error is about stands before these: a file, a check, a tenant.
_END_OF_LABEL = re.compile(r""": |;|["'“‘]""")  # noqa: RUF001

# What differs each night though nothing else does: counts and times of day.
_COUNT = re.compile(r"(?<![\w/=.-])\d[\d,.:]*(?![\w/-])")
_QUOTED = re.compile('"[^"]*"')  # a server's words may have a number of each mail
_STATUS = re.compile(r"\b[45]\d\d\b")


def of_run(last: RunRecord, language: Language) -> list[Alert]:
    """A state for each cause that the *last* run was not good by.

    It is the same each night, whatever the exit code is and how much it concerns.
    """
    if last.is_good or last.exit_code == _INTERRUPTED:
        return []
    tenants = [
        _of_tenant(last, one.name, one.failure or "", language) for one in last.tenants
    ]
    others = [_of_error(last, one.stage, one.text, language) for one in last.errors]
    found = [one for one in (*tenants, *others) if one]
    return found or [_of_error(last, "", last.error or "", language)]


def of_missing(
    last: Sequence[RunRecord],
    late_after: timedelta,
    now: datetime,
    language: Language,
) -> list[Alert]:
    """A state if the *last* run ended, and none has begun for *late_after* by *now*."""
    return [
        Alert(
            missing_key(one.id),
            _missing(one.ended, late_after, now, language),
            now,
            is_state=True,
        )
        for one in last
        if one.ended and now - one.ended > late_after
    ]


def _missing(
    ended: datetime, late_after: timedelta, now: datetime, language: Language
) -> tuple[str, ...]:
    _ = language.gettext
    long = {"hours": _hours(now - ended), "allowed": _hours(late_after)}
    return (
        _("No run since %(moment)s") % {"moment": f"{ended:%Y-%m-%d %H:%M} UTC"},
        _("That is %(hours)s hours, more than the %(allowed)s of late_after_hours.")
        % long,
        _(_REMEDY),
    )


def _hours(length: timedelta) -> int:
    return length // timedelta(hours=1)


def missing_key(run_id: str) -> str:
    """The key of the alert that no run came after that of *run_id*."""
    return f"runs/{_MISSING}/{run_id}"


def is_over(key: str, last: RunRecord) -> bool:
    """Whether the *last* run shows that the state of *key*, which it is not in, ended.

    That is so if it did what failed before: read the tenant, went through the stage.
    """
    if last.is_good:
        return True
    _, place, name = key.split("/", 2)
    if place == _MISSING:
        return True
    if place == "tenant":
        read = {one.name for one in last.tenants if not one.failure}
        return name.rpartition("/")[0] in read
    return any((one.name, one.outcome) == (place, "ok") for one in last.stages)


def over(last: RunRecord, language: Language) -> Alert:
    """That the *last* run was good, after some that were not; or that some is over."""
    _ = language.gettext
    well, worse = _("Runs are well again"), _("Over, though the run failed")
    lines = (well if last.is_good else worse, run_line(last, language))
    return Alert(f"recovered/{last.id}", lines, last.ended or last.started)


def run_line(run: RunRecord, language: Language) -> str:
    """Which run it is, and what shows more."""
    said = language.gettext(
        "Run %(id)s of %(began)s, as of %(day)s; chargeback status shows more."
    )
    began = f"{run.started:%Y-%m-%d %H:%M} UTC"
    return said % {"id": run.id, "began": began, "day": run.as_of}


def _of_tenant(
    last: RunRecord, name: str, failure: str, language: Language
) -> Alert | None:
    """That a tenant failed: by the status of its answer, or in another way."""
    if not failure:
        return None
    first = failure.partition("\n")[0]
    status = _STATUS.search(first)
    key = f"runs/tenant/{name}/{status[0] if status else ''}"
    lines = (
        _title(last, name, language),
        *failure.splitlines(),
        run_line(last, language),
    )
    return Alert(key, lines, last.started, is_state=True)


def _of_error(last: RunRecord, stage: str, text: str, language: Language) -> Alert:
    first = text.partition("\n")[0]
    own = _QUOTED.sub("", first)
    of_day = own.replace(f"{last.as_of}", "").replace(f"{last.started:%Y-%m-%d}", "")
    cause = _COUNT.sub("#", of_day) or f"{last.exit_code}"
    digest = hashlib.sha256(cause.encode()).hexdigest()[:_DIGEST_LENGTH]
    label = _END_OF_LABEL.split(first)[0][:_LONGEST_LABEL]
    lines = (
        _title(last, label, language),
        *text.splitlines(),
        run_line(last, language),
    )
    return Alert(f"runs/{stage}/{digest}", lines, last.started, is_state=True)


def _title(last: RunRecord, label: str, language: Language) -> str:
    said = language.gettext("Run ended with exit code %(code)s")
    code = said % {"code": last.exit_code}
    return f"{code}: {label}" if label else code
