"""The context of a command, made of its options: settings, run, warehouse."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from pipeline.cli import logs
from pipeline.cli.outcome import outcome
from pipeline.config import (
    DEFAULT_FILE,
    Env,
    Run,
    Settings,
    TenantAccess,
    for_report,
    load,
)
from pipeline.errors import ConfigError, PipelineError
from pipeline.files import format as data_format
from pipeline.files.access import giving
from pipeline.files.lock import locked

# Commands that ask tenants.
_READING = ("run", "extract")


@contextmanager
def run_of(
    options: dict[str, Any],
    now: datetime,
    env: Env = None,
    command: str | None = None,
) -> Iterator[Run]:
    """The run that the options describe, while it holds the lock; it is *now*.

    *env* has the secrets, for what speaks to tenants or to a mail server. A *command*
    that changes data is named, and leaves a run record.

    Raises:
        ConfigError: A day or a tenant that was named cannot be used.
        LockError: Another run holds the lock.
    """
    from pipeline.cli.lake import lake_of
    from pipeline.cli.recorded import kept, recorded

    logs.start(quiet=options["quiet"], form=options["log_format"])
    as_of, since = _days(options, now)
    is_silent = bool(options.get("no_deliver"))
    with (
        recorded(command, as_of, now) if command else nullcontext() as one,
        _settings(options, as_of, now, env) as (settings, moment),
        giving(settings.files, settings.data_dir, settings.written),
        locked(settings.data_dir),
        kept(one, settings, is_silent=is_silent) if one else nullcontext(),
        lake_of(settings, str(click.get_current_context().info_name)),
    ):
        _check_data(settings, command, max(now, moment), since)
        selected = _selected(settings, options.get("tenants", ()))
        yield Run(
            settings,
            as_of,
            moment,
            since,
            _begun(settings, selected, as_of, since),
            quiet=options["quiet"],
            log_format=options["log_format"],
        )


def _check_data(
    settings: Settings, command: str | None, now: datetime, since: date | None
) -> None:
    """Refuse a data folder that cannot be gone on with; note its version.

    Raises:
        ConfigError: It is of a later version, or was read in the future of *now*; or
            two tenants are one.
    """
    from pipeline.endpoints import TABLES
    from pipeline.lake import compacting, damage
    from pipeline.lake.future import check as check_future
    from pipeline.lake.identity import check_addresses

    data_format.upgrade(settings.data_dir)
    compacting.recover(settings.lake)
    check_addresses(settings.tenants)
    if command in _READING:
        damage.separate(settings, TABLES)  # before anything of it is read
        check_future(settings, TABLES, now, since)


def _days(options: dict[str, Any], now: datetime) -> tuple[date, date | None]:
    """The day that counts as today, and the first day to extract, if it is named.

    Raises:
        ConfigError: One is in the future of the other, or of the clock.
    """
    as_of = options["as_of"].date() if options["as_of"] else now.date()
    if as_of > now.date():
        raise ConfigError(f"--as-of {as_of} is in the future: today is {now:%Y-%m-%d}")
    since = options["since"].date() if options.get("since") else None
    if since and since > as_of:
        raise ConfigError(f"--since {since} is after {as_of}, the last day")
    return as_of, since


@contextmanager
def _settings(
    options: dict[str, Any], as_of: date, now: datetime, env: Env
) -> Iterator[tuple[Settings, datetime]]:
    """The configured settings and *now*; without a configuration, those of a trial.

    The sandbox of a trial has a clock of its own: there, *as_of* is today.
    """
    if path := config_file(options):
        try:
            settings = load(path, env, os.environ, options.get("shard"))
        except ConfigError as exc:
            _record_missing_secret(
                path, env, exc, is_silent=bool(options.get("no_deliver"))
            )
            raise
        outcome().data_dir = settings.data_dir
        yield settings, now
        return
    from pipeline.cli.trial import clock, trial

    with trial(as_of, Path("data")) as settings:
        yield settings, clock(as_of)


def _record_missing_secret(
    path: Path, env: Env, missing: ConfigError, *, is_silent: bool
) -> None:
    """Leave a record of a run that has no secret to begin with, where data is already.

    What else is wrong with the configuration leaves none: nobody can say where to.
    """
    from pipeline.cli.recorded import kept
    from pipeline.monitor import current

    try:
        settings = for_report(path, env)
    except ConfigError:
        return
    if not (current().begun.id and settings.data_dir.is_dir()):
        return
    with (
        suppress(PipelineError, OSError),
        giving(settings.files, settings.data_dir, settings.written),
        locked(settings.data_dir),
        kept(current(), settings, is_silent=is_silent),
    ):
        raise missing


def settings_of(options: dict[str, Any], bucket_env: Env = None) -> Settings:
    """The settings of a configuration, or of a trial, for what only reads."""
    logs.start(quiet=options["quiet"], form=options["log_format"])
    path = config_file(options)
    settings = load(path, None, bucket_env) if path else Settings((), Path("data"))
    data_format.check(settings.data_dir)
    return settings


def config_file(options: dict[str, Any]) -> Path | None:
    """The configuration that is named, or the one in this folder, if any."""
    named: Path | None = options["config"]
    default = Path(DEFAULT_FILE)
    return named or (default if default.exists() else None)


def _begun(
    settings: Settings,
    tenants: tuple[TenantAccess, ...],
    as_of: date,
    since: date | None,
) -> tuple[TenantAccess, ...]:
    """Those of *tenants* whose first day is not after *as_of*.

    Raises:
        ConfigError: There is none, or *since* is before the first day of all of them.
    """
    if not tenants:  # a part of them that has none
        return ()
    first_days = [settings.first_day_of(tenant.name) or date.min for tenant in tenants]
    first = min(first_days)
    if first > as_of:
        raise ConfigError(f"first_day {first} is after {as_of}, the last day")
    if since and since < first:
        raise ConfigError(
            f"--since {since} is before first_day {first}: no earlier day is kept or"
            " charged\nset first_day to an earlier day, or name a later one"
        )
    paired = zip(tenants, first_days, strict=True)
    return tuple(tenant for tenant, day in paired if day <= as_of)


def _selected(settings: Settings, names: tuple[str, ...]) -> tuple[TenantAccess, ...]:
    known = {tenant.name: tenant for tenant in settings.tenants}
    if names and settings.part:
        raise ConfigError("--shard and --tenant do not go together; name one of them")
    if unknown := [name for name in names if name not in known]:
        raise ConfigError(
            f"--tenant {unknown[0]}: not configured; there is {', '.join(known)}"
        )
    return tuple(known[name] for name in names) or settings.tenants
