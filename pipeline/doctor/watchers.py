"""Who learns of runs: alerts and monitoring; nothing is sent, and nobody is pinged."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.config import Alerts, Monitor, Settings, proxies
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.errors import ConfigError
from pipeline.formats.plurals import counted

_AFTERWARDS = "if something starts chargeback alerts afterwards"


def watchers(settings: Settings) -> Iterator[Finding]:
    """Whom alerts reach, and what watches that runs begin at all."""
    yield from _alerts(settings.alerts)
    yield from _monitor(settings.monitor)


def _alerts(configured: Alerts | None) -> Iterator[Finding]:
    if configured is None:
        yield ok("alerts", "not configured: a bad run says so by its exit code alone")
        return
    reached = []
    if configured.recipients:
        reached.append(f"{len(configured.recipients)} by mail")
    if configured.cost_centers:
        count = len(configured.cost_centers)
        reached.append(f"those of {counted(count, 'cost centre')}")
    if configured.has_owners:
        reached.append("the owners of cost centres")
    if configured.webhook:
        if error := _proxy_error("alerts: webhook", configured.webhook_proxy):
            yield error
            return
        reached.append(f"the webhook at {urlsplit(configured.webhook).hostname}")
    if configured.quiet:
        hours = f"{configured.quiet.begin:%H:%M} to {configured.quiet.end:%H:%M}"
        yield ok("alerts: quiet", f"{hours} {configured.zone}, {_AFTERWARDS}")
    subjects = ", ".join(configured.subjects)
    yield ok("alerts", f"of {subjects} to {' and '.join(reached)}")


def _monitor(configured: Monitor) -> Iterator[Finding]:
    if not configured.ping_url and not configured.metrics_file:
        yield ok("monitor", "not configured: nobody learns of a run that never began")
        return
    if configured.ping_url:
        host = urlsplit(configured.ping_url).hostname
        error = _proxy_error("monitor: ping", configured.proxy)
        yield error or ok("monitor: ping", f"{host}; it was not pinged now")
    if configured.metrics_file:
        yield _metrics(configured.metrics_file)


def _proxy_error(subject: str, proxy: str | None) -> Finding | None:
    try:
        proxies.check(proxy)
    except ConfigError as exc:
        return fail(subject, exc, "", exc.exit_code)
    return None


def _metrics(path: Path) -> Finding:
    """Whether a run can write the file, or make its folder."""
    existing = next(folder for folder in path.parents if folder.exists())
    if os.access(existing, os.W_OK | os.X_OK):
        return ok("monitor: metrics", str(path))
    remedy = "give its folder to the user of this command; a run goes on without it"
    return warn("monitor: metrics", f"{path}: {existing} cannot be written to", remedy)
