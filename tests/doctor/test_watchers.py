"""The doctor says who learns of runs, tells no secret, and sends nothing."""

from pathlib import Path

import pytest

from pipeline.config import Alerts, Monitor, Settings
from pipeline.doctor.watchers import watchers

SECRET = "canary-4f1d"


def found(alerts: Alerts | None = None, monitor: Monitor | None = None) -> list[str]:
    settings = Settings((), Path("data"), alerts=alerts, monitor=monitor or Monitor())
    return [f"{one.state} {one.subject}: {one.found}" for one in watchers(settings)]


def test_nobody_is_said_to_be_nobody() -> None:
    assert found() == [
        "ok alerts: not configured: a bad run says so by its exit code alone",
        "ok monitor: not configured: nobody learns of a run that never began",
    ]


def test_who_is_reached_is_said_without_the_secret_of_a_url(tmp_path: Path) -> None:
    alerts = Alerts(
        recipients=("a@x.example", "b@x.example"),
        webhook=f"https://chat.example/{SECRET}",
        subjects=("runs", "quota"),
    )
    monitor = Monitor(f"https://ping.example/{SECRET}", tmp_path / "new" / "c.prom")

    assert found(alerts, monitor) == [
        "ok alerts: of runs, quota to 2 by mail and the webhook at chat.example",
        "ok monitor: ping: ping.example; it was not pinged now",
        f"ok monitor: metrics: {tmp_path}/new/c.prom",
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("subject", ["alerts: webhook", "monitor: ping"])
def test_a_proxy_that_cannot_be_used_is_told(subject: str) -> None:
    proxy = "socks5://127.0.0.1:1"
    alerts = Alerts(webhook="https://chat.example/x", webhook_proxy=proxy)
    monitor = Monitor(ping_url="https://ping.example/x", proxy=proxy)

    assert any(one.startswith(f"fail {subject}: ") for one in found(alerts, monitor))


def test_a_metrics_file_nobody_can_write_is_told_before_a_run() -> None:
    file = Path("/proc/1/chargeback.prom")

    (_, metrics) = found(monitor=Monitor(metrics_file=file))

    assert metrics.startswith(f"warn monitor: metrics: {file}: /proc/1 ")
