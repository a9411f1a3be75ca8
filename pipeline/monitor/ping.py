"""Pings, as healthchecks.io has them: a run began, ended well, or ended badly.

The URL is a secret: no message contains it. A ping that fails fails nothing.
"""

import logging
from dataclasses import replace

import httpx

from pipeline.config import Monitor
from pipeline.errors import PipelineError
from pipeline.tenant.client import client

log = logging.getLogger(__name__)

_SIGNALS = 128  # exit codes of signals are above
_HURRY_SECONDS = 2.0
_START = "/start"


def begun(monitor: Monitor) -> None:
    """Say that a run began."""
    _ping(monitor, _START)


def ended(monitor: Monitor, exit_code: int) -> None:
    """Say that a run ended: at the URL itself if well, at `/<exit code>` if not."""
    seconds = monitor.timeout_seconds
    if exit_code > _SIGNALS:  # who ends a process does not wait
        seconds = min(seconds, _HURRY_SECONDS)
    brief = replace(monitor, timeout_seconds=seconds)
    _ping(brief, "" if exit_code == 0 else f"/{exit_code}")


def _ping(monitor: Monitor, ending: str) -> None:
    if not monitor.ping_url:
        return
    what = ending or "success"
    try:
        url = httpx.URL(monitor.ping_url)
        asked = url.copy_with(path=url.path.rstrip("/") + ending)
        with client(str(url), monitor.timeout_seconds, monitor.proxy) as http:
            response = http.get(asked)
    except httpx.TimeoutException:
        log.warning("monitor.ping_url: no answer to %s in time", what)
    except (httpx.RequestError, httpx.InvalidURL) as exc:
        log.warning("monitor.ping_url: %s failed: %s", what, exc)
    except PipelineError as exc:
        log.warning("monitor.ping_url: %s failed: %s", what, str(exc).split("\n")[0])
    else:
        if not response.is_success:
            log.warning(
                "monitor.ping_url: answered %s with %d", what, response.status_code
            )
