"""`[checks]`, `[monitor]`, `[alerts]`: what stops a run, and who learns how it went."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pipeline.config.keys import AlertsKeys, MonitorKeys
from pipeline.config.mail import Mail, addresses
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
class Alerts:
    """Who learns of what, and at which marks, in percent."""

    recipients: tuple[str, ...] = ()
    webhook: str | None = field(default=None, repr=False)
    webhook_format: str = "text"
    webhook_proxy: str | None = field(default=None, repr=False)
    timeout_seconds: float = 60
    subjects: tuple[str, ...] = ("runs", "budgets", "quota", "anomalies")
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
    if recipients and mail is None:
        raise ConfigError(
            f"{path}: alerts.recipients: needs [mail], whose server sends them"
        )
    if not recipients and keys.webhook is None:
        raise ConfigError(f"{path}: alerts.recipients: nobody; name some, or a webhook")
    url = _url(path, "alerts.webhook", keys.webhook, env)
    return Alerts(
        recipients=recipients,
        webhook=url,
        webhook_format=keys.webhook_format,
        webhook_proxy=url and proxy_for(url, env),
        timeout_seconds=keys.timeout_seconds,
        subjects=keys.on,
        late_after=timedelta(hours=keys.late_after_hours),
        budget_marks=tuple(sorted(set(keys.budget_marks))),
        quota_marks=tuple(sorted(set(keys.quota_marks))),
    )


def _url(path: Path, key: str, written: str | None, env: Env) -> str | None:
    """A URL that is written here, or is kept elsewhere; None without *env*."""
    if written is None or env is None:
        return None
    where = f"{path}: {key}"
    is_kept = not written.startswith(("https:", "http:"))
    url = secret(where, written, path, env) if is_kept else written
    check_secret_url(where, url)
    return url
