"""`[checks]`, `[monitor]`, `[alerts]`: what stops a run, and who learns how it went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.config.mail import Mail, addresses
from pipeline.config.notice_keys import AlertsKeys, MonitorKeys, Subject
from pipeline.config.paths import resolved
from pipeline.config.proxies import proxy_for
from pipeline.config.secrets import Env, secret
from pipeline.config.urls import check_secret_url
from pipeline.config.wording import nearest
from pipeline.errors import ConfigError
from pipeline.resources import resource


@dataclass(frozen=True, slots=True)
class Monitor:
    """Where a run says that it began and ended, and the file of its figures."""

    ping_url: str | None = field(default=None, repr=False)
    metrics_file: Path | None = None
    timeout_seconds: float = 10
    proxy: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From a time of day to another, which may be of the next day."""

    begin: time
    end: time

    def includes(self, moment: datetime) -> bool:
        """Whether *moment*, in the zone of the times, is within."""
        now = moment.time()
        if self.begin <= self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end


@dataclass(frozen=True, slots=True)
class Alerts:
    """Who learns of what, at which marks, in percent, and when.

    *cost_centers* get what concerns theirs; so do the owners of others, if
    *has_owners*. *quiet* and weeks are in *zone*.
    """

    recipients: tuple[str, ...] = ()
    webhook: str | None = field(default=None, repr=False)
    webhook_format: str = "text"
    webhook_proxy: str | None = field(default=None, repr=False)
    timeout_seconds: float = 60
    subjects: tuple[str, ...] = get_args(Subject)
    cost_centers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    has_owners: bool = False
    is_weekly: bool = False
    quiet: QuietHours | None = None
    zone: tzinfo = UTC
    late_after: timedelta = timedelta(hours=26)
    budget_marks: tuple[int, ...] = (80, 100)
    quota_marks: tuple[int, ...] = (75, 90, 100)


def fail_on(path: Path, names: Iterable[str]) -> frozenset[str]:
    """The warnings that stop a run.

    Raises:
        ConfigError: There is no warning of that name.
    """
    known = {one.stem for one in (resource("sql") / "checks").glob("warn_*.sql")}
    for name in names:
        if name not in known:
            best = nearest(name, known)
            meant = f"; did you mean {best}?" if best else ""
            raise ConfigError(
                f"{path}: checks.fail_on: {name!r} is not a warning{meant}\n"
                f"there is {', '.join(sorted(known))}"
            )
    return frozenset(names)


def monitor(path: Path, keys: MonitorKeys, env: Env) -> Monitor:
    """The section of the file at *path*.

    Raises:
        ConfigError: The URL is none, or the file cannot be one.
    """
    url = _url(path, "monitor.ping_url", keys.ping_url, env)
    file = keys.metrics_file
    where = None if file is None else resolved(path, "monitor.metrics_file", file)
    if where is not None and (not file or where.is_dir()):
        raise ConfigError(f"{path}: monitor.metrics_file: {where} is a folder")
    return Monitor(url, where, keys.timeout_seconds, url and proxy_for(url, env))


def alerts(
    path: Path, keys: AlertsKeys | None, mail: Mail | None, env: Env
) -> Alerts | None:
    """The section of the file at *path*; alerts go by the server of *mail*.

    Raises:
        ConfigError: Nobody would get them, or there is no server for addresses.
    """
    if keys is None:
        return None
    recipients = addresses(f"{path}: alerts.recipients", keys.recipients)
    centers = {
        center: addresses(f"{path}: alerts.cost_centers.{center!r}", written)
        for center, written in keys.cost_centers.items()
    }
    by_mail = recipients or centers or keys.cost_center_owners
    if by_mail and mail is None:
        raise ConfigError(
            f"{path}: alerts.recipients: needs [mail], whose server sends them"
        )
    if not by_mail and keys.webhook is None:
        raise ConfigError(f"{path}: alerts.recipients: nobody; name some, or a webhook")
    url = _url(path, "alerts.webhook", keys.webhook, env)
    return Alerts(
        recipients=recipients,
        webhook=url,
        webhook_format=keys.webhook_format,
        webhook_proxy=url and proxy_for(url, env),
        timeout_seconds=keys.timeout_seconds,
        subjects=keys.on,
        cost_centers=centers,
        has_owners=keys.cost_center_owners,
        is_weekly=keys.figures == "weekly",
        quiet=_quiet(keys.quiet_hours),
        zone=_zone(path, keys.time_zone),
        late_after=timedelta(hours=keys.late_after_hours),
        budget_marks=tuple(sorted(set(keys.budget_marks))),
        quota_marks=tuple(sorted(set(keys.quota_marks))),
    )


def _quiet(written: str | None) -> QuietHours | None:
    if written is None:
        return None
    begin, end = map(time.fromisoformat, written.split("-"))
    return QuietHours(begin, end)


def _zone(path: Path, name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(
            f"{path}: alerts.time_zone: this machine does not know {name!r}\n"
            'write one like "Europe/Berlin"; some systems need the package tzdata'
        ) from None


def _url(path: Path, key: str, written: str | None, env: Env) -> str | None:
    """A URL that is written here, or is kept elsewhere; None without *env*."""
    if written is None or env is None:
        return None
    where = f"{path}: {key}"
    is_kept = not written.startswith(("https:", "http:"))
    url = secret(where, written, path, env) if is_kept else written
    check_secret_url(where, url)
    return url
