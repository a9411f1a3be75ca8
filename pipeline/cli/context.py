"""What a command's options mean: its settings, its run, its warehouse."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pipeline.cli import logs
from pipeline.config import DEFAULT_FILE, Charge, Run, Settings, TenantAccess, load
from pipeline.errors import ConfigError
from pipeline.files import locked


@contextmanager
def run_of(options: dict[str, Any], now: datetime) -> Iterator[Run]:
    """The run that the options describe, with the lock held; it is *now*.

    Raises:
        ConfigError: A day or a tenant that was named is none to work on.
        LockError: Another run holds the lock.
    """
    logs.start(quiet=options["quiet"], form=options["log_format"])
    as_of = options["as_of"].date() if options["as_of"] else now.date()
    if as_of > now.date():
        raise ConfigError(f"--as-of {as_of} is in the future: today is {now:%Y-%m-%d}")
    since = options["since"].date() if options.get("since") else None
    if since and since > as_of:
        raise ConfigError(f"--since {since} is after {as_of}, the last day")
    with _settings(options, as_of) as settings, locked(settings.data_dir):
        first_day = min(filter(None, (settings.first_day, since)), default=as_of)
        if first_day > as_of:
            raise ConfigError(f"first_day {first_day} is after {as_of}, the last day")
        yield Run(
            settings,
            as_of,
            now,
            since,
            _selected(settings.tenants, options.get("tenants", ())),
            quiet=options["quiet"],
            log_format=options["log_format"],
        )


@contextmanager
def _settings(options: dict[str, Any], as_of: date) -> Iterator[Settings]:
    """The configured settings, or a trial's where nothing is configured."""
    if path := config_file(options):
        yield load(path, os.environ)
        return
    from pipeline.cli.trial import trial

    with trial(as_of, Path("data")) as settings:
        yield settings


def warehouse_of(options: dict[str, Any]) -> tuple[Path, Charge]:
    """The warehouse that the options mean, or a trial's; what is set of charges."""
    path = config_file(options)
    settings = load(path, os.environ) if path else Settings((), Path("data"))
    return settings.warehouse, settings.charge


def config_file(options: dict[str, Any]) -> Path | None:
    """The file named, or the one in this folder if there is one."""
    named: Path | None = options["config"]
    default = Path(DEFAULT_FILE)
    return named or (default if default.exists() else None)


def _selected(
    tenants: tuple[TenantAccess, ...], names: tuple[str, ...]
) -> tuple[TenantAccess, ...]:
    known = {tenant.name: tenant for tenant in tenants}
    if unknown := [name for name in names if name not in known]:
        raise ConfigError(
            f"--tenant {unknown[0]}: not configured; there is {', '.join(known)}"
        )
    return tuple(known[name] for name in names) or tenants
