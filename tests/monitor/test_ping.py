"""Pings: what is asked when, and that a failure of them fails nothing."""

import logging
from collections.abc import Iterator

import pytest

from pipeline.config import Monitor
from pipeline.monitor import ping
from servers import script as script_server
from servers.script import Answer, Script

PLACE = "/ping/canary-secret"


@pytest.fixture
def watcher() -> Iterator[Script]:
    with script_server.serve() as served:
        served.default = Answer("OK")
        yield served


@pytest.mark.parametrize("ending", ["", "/", "?rid=1"])
def test_a_run_says_that_it_began_and_how_it_ended(
    watcher: Script, ending: str
) -> None:
    monitor = Monitor(watcher.url + PLACE + ending)

    ping.begun(monitor)
    ping.ended(monitor, 0)
    ping.ended(monitor, 4)

    query = ending if ending.startswith("?") else ""
    assert watcher.paths() == [f"{PLACE}{path}{query}" for path in ("/start", "", "/4")]


@pytest.mark.parametrize(
    "answer", [Answer("no", status=500), Answer("moved", 302), Answer("x", cut=0)]
)
def test_a_ping_that_fails_is_a_warning_without_its_url(
    watcher: Script, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    watcher.default = answer

    ping.ended(Monitor(watcher.url + PLACE), 0)

    assert [one.levelname for one in caplog.records] == ["WARNING"]
    assert "canary" not in caplog.text


def test_a_watcher_that_does_not_answer_is_not_waited_for(
    watcher: Script, caplog: pytest.LogCaptureFixture
) -> None:
    watcher.default = Answer("x" * 100, trickle=0.05)

    ping.begun(Monitor(watcher.url + PLACE, timeout_seconds=0.1))

    assert "no answer to /start in time" in caplog.text


def test_a_watcher_that_is_not_there_is_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ping.begun(Monitor("http://127.0.0.1:1/canary"))

    assert "refused" in caplog.text
    assert "canary" not in caplog.text


def test_without_a_url_nothing_is_asked(watcher: Script) -> None:
    ping.begun(Monitor())

    assert watcher.requests == []
