"""`chargeback status`: what the last runs did, and whether all is well."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from pipeline.build import names_today
from pipeline.cli.logs import say
from pipeline.closing import archive
from pipeline.config import Settings
from pipeline.dates import month_of, next_month
from pipeline.errors import PipelineError
from pipeline.files import lock
from pipeline.formats.plurals import counted
from pipeline.lake import COVERAGE, Lake, folders
from pipeline.monitor import Gap, Records, RunRecord, read
from pipeline.monitor.health import Health, age, health, of_the_past

_SHOWN = 10
_READ = 400
_WIDTH = 80


@dataclass(frozen=True, slots=True)
class NextMonth:
    """The first month that is not closed of every tenant, and when it may be."""

    month: date
    closes_from: date
    is_due: bool


@dataclass(frozen=True, slots=True)
class Status:
    """All that is shown; *closing* is a reason where the next month is not known."""

    health: Health
    records: Records
    gaps: Mapping[str, tuple[Gap, ...]]
    closing: NextMonth | str
    now: datetime
    max_age: timedelta


def status(
    settings: Settings, now: datetime, max_age: timedelta, form: str, *, quiet: bool
) -> None:
    """Show the last runs; the error that the last one that counts ended with.

    Raises:
        PipelineError: It was not good, or is older than *max_age*, or there is none.
    """
    records = of_the_past(read(settings.run_records, _READ), now)
    is_locked = lock.is_locked(settings.data_dir)
    last = records.runs[-1] if records.runs else None
    if is_locked is None:  # nobody can say; then what began lately is at work
        is_locked = last is not None and now - last.started <= max_age
    shown = Status(
        health(records, now, max_age, is_locked=is_locked),
        records,
        _gaps(settings, records),
        _closing(settings, now.date()),
        now,
        max_age,
    )
    if form == "json":
        say(msgspec.json.format(msgspec.json.encode(_object(shown))).decode())
    elif not quiet:
        say("\n".join(_lines(shown)))
    if error := shown.health.error:
        raise error


def _gaps(settings: Settings, records: Records) -> dict[str, tuple[Gap, ...]]:
    """The gaps of each tenant, by the last run that looked for them."""
    names = set(settings.tenant_names)
    return {
        tenant.name: tenant.gaps
        for one in records.runs
        if one.command in {"run", "extract"} and one.state == "ended"
        for tenant in one.tenants
        if tenant.name in names or not names
    }


def _closing(settings: Settings, today: date) -> NextMonth | str:
    """The next month to close, or why it is not known."""
    try:
        months = list(_open_months(settings))
    except (PipelineError, OSError) as exc:
        return str(exc).partition("\n")[0]
    if not months:
        return f"nothing is kept in {settings.data_dir} yet"
    month = min(months)
    return NextMonth(month, next_month(month), next_month(month) <= today)


def _open_months(settings: Settings) -> Iterator[date]:
    """The first month that is not closed, of each tenant that anything is kept of.

    Raises:
        PipelineError: What is kept cannot be read.
    """
    closed = sorted(archive.registered(settings.closed, names_today(settings)).standing)
    lake = Lake(settings.lake)
    for name in settings.tenant_names or sorted(folders.tenants(settings.lake)):
        own = [month for tenant, month in closed if tenant == name]
        days = lake.days(COVERAGE, name)
        if own:
            yield next_month(date.fromisoformat(f"{own[-1]}-01"))
        elif days:
            yield month_of(settings.first_day_of(name) or days[0])


def _object(shown: Status) -> dict[str, object]:
    """What `--format json` writes."""
    closing = shown.closing
    runs = shown.records.runs[-_SHOWN:][::-1]
    return {
        "status": shown.health.state,
        "exit_code": shown.health.exit_code,
        "reason": shown.health.reason,
        "now": shown.now,
        "max_age_seconds": shown.max_age.total_seconds(),
        "last_run": shown.health.last,
        "last_good_run": shown.health.last_good and _run(shown.health.last_good),
        "runs": [_run(one) for one in runs],
        "gaps": [
            {"tenant": name, **msgspec.to_builtins(gap), "days": gap.days}
            for name, gaps in shown.gaps.items()
            for gap in gaps
        ],
        "next_month": {
            "month": f"{closing.month:%Y-%m}",
            "closes_from": closing.closes_from,
            "is_due": closing.is_due,
        }
        if isinstance(closing, NextMonth)
        else None,
        "next_month_unknown": closing if isinstance(closing, str) else None,
        "skipped": list(shown.records.skipped),
    }


def _run(one: RunRecord) -> dict[str, object]:
    return {
        "id": one.id,
        "command": one.command,
        "as_of": one.as_of,
        "started": one.started,
        "ended": one.ended,
        "state": one.state,
        "seconds": one.seconds,
        "exit_code": one.exit_code,
        "requests": one.requests,
        "rows": one.rows,
        "warnings": one.warning_count,
        "gap_days": one.gap_days,
        "delivered": len(one.delivered),
        "failed_tenants": list(one.failed_tenants),
        "error": one.error,
    }


def _lines(shown: Status) -> Iterator[str]:
    """The same for people, in 80 columns."""
    yield from _wrapped(_first_line(shown.health))
    runs = shown.records.runs[-_SHOWN:][::-1]
    if runs:
        yield ""
        yield (
            "started (UTC)     command     took   exit  requests        rows"
            "  warnings  gaps"
        )
    for one in runs:
        took = age(timedelta(seconds=one.seconds)) if one.seconds is not None else "-"
        code = "-" if one.exit_code is None else f"{one.exit_code}"
        yield (
            f"{one.started:%Y-%m-%d %H:%M}  {one.command:<7}{took:>9}{code:>7}"
            f"{one.requests:>10,}{one.rows:>12,}{one.warning_count:>10,}"
            f"{one.gap_days:>6,}"
        )
    yield from _warnings(shown.health.last)
    yield from _missing(shown.gaps)
    yield ""
    yield f"next month to close: {_next(shown.closing)}"
    for reason in shown.records.skipped:
        yield f"left out: {reason}"


def _first_line(health: Health) -> str:
    """The state, and why; an error says itself why, on standard error."""
    if health.exit_code and health.last is None:
        return health.state
    if health.exit_code:
        return f"{health.state}: {health.last and health.last.id}"
    return f"{health.state}: {health.reason}".partition("\n")[0]


def _wrapped(text: str, indent: str = "") -> list[str]:
    """*text* in lines of a terminal, none of it cut."""
    return textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  "
    )


def _warnings(last: RunRecord | None) -> Iterator[str]:
    if last and last.warnings:
        yield ""
        yield f"warnings of {last.id}"
    for one in last.warnings if last else ():
        line = " ".join(one.lines[:1])
        text = line if one.name in line else f"{one.name}: {line}"
        yield from _wrapped(f"{one.count} x {text}", "  ")


def _missing(gaps: Mapping[str, tuple[Gap, ...]]) -> Iterator[str]:
    found = [(name, gap) for name, each in gaps.items() for gap in each]
    if found:
        yield ""
        yield "days that were not read whole"
    for name, gap in found:
        to = f" to {gap.last_day}" if gap.days > 1 else ""
        days = counted(gap.days, "day")
        yield f"  {name}  {gap.source}  {gap.first_day}{to}  ({days})"


def _next(closing: NextMonth | str) -> str:
    if isinstance(closing, str):
        return f"not known: {closing}"
    when = "it has ended" if closing.is_due else f"from {closing.closes_from} on"
    return f"{closing.month:%Y-%m}, {when}"
