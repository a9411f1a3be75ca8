"""One pace for all workers: no 429 of our own making, and none met twice."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any

import pytest
import stamina

from pipeline.config import Extract, TenantAccess
from pipeline.endpoints import SPACES
from pipeline.errors import TenantError
from pipeline.sandbox import SandboxServer, World
from pipeline.sandbox.http.limits import RateLimit
from pipeline.tenant import Tenant
from pipeline.tenant.pace import Pace
from servers.script import Answer, Script, page, serve

pytestmark = pytest.mark.slow  # a pause of a second takes one

FIRST = "/api/v1/spaces?limit=100"
KEY = "the-key-nobody-may-see"


class Clock:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def script() -> Iterator[Script]:
    with serve() as script:
        yield script


def tenant(url: str, requests_per_minute: int = 600_000) -> Tenant:
    access = TenantAccess("acme", url, api_key=KEY)
    return Tenant(access, Extract(requests_per_minute=requests_per_minute))


@pytest.mark.parametrize("rate", [100, 450, 1000])
def test_a_tenant_that_enforces_just_our_rate_refuses_nothing(
    clock: Clock, rate: int
) -> None:
    """Ten minutes at the limit itself, each request up to half a second on its way."""
    pace = Pace(rate, clock, clock.sleep)
    seen = Clock()
    limit = RateLimit(rate, 60, seen)
    late = random.Random(7)  # noqa: S311
    arrivals = []
    for _ in range(10 * rate):
        pace.wait()
        arrivals.append(clock.now + late.uniform(0, 0.5))

    for seen.now in sorted(arrivals):
        assert limit.wait() is None
    assert clock.now - 1000 <= 600 * 1.1


def test_a_pause_holds_the_next_request_back(clock: Clock) -> None:
    pace = Pace(60, clock, clock.sleep)
    pace.wait()
    pace.pause(13)
    pace.wait()

    assert clock.now == pytest.approx(1013)


def test_pauses_asked_for_at_once_are_waited_for_once(clock: Clock) -> None:
    pace = Pace(60_000, clock, clock.sleep)
    for seconds in (13, 13, 20, 5):
        pace.pause(seconds)
    pace.wait()

    assert clock.now == pytest.approx(1020)
    assert pace.paused_seconds == pytest.approx(20)


def test_time_between_pauses_is_no_pause(clock: Clock) -> None:
    pace = Pace(60_000, clock, clock.sleep)
    pace.pause(10)
    clock.sleep(100)
    pace.pause(5)

    assert pace.paused_seconds == pytest.approx(15)


def test_many_workers_meet_no_429_of_their_own_making() -> None:
    """The limit of a minute, over two seconds; more than a window's worth."""
    with (
        limited(requests_per_minute=200, window_seconds=2.0) as server,
        tenant(server.url, requests_per_minute=5_000) as client,
        ThreadPoolExecutor(8) as workers,
    ):
        list(workers.map(lambda _: list(client.pages(SPACES)), range(250)))

        assert client.throttled == client.retries == 0
        assert client.requests_sent == len(server.requests) == 250


def test_a_pace_that_was_set_too_high_costs_time_and_no_rows() -> None:
    with (
        limited(requests_per_minute=10, window_seconds=0.9) as server,
        tenant(server.url) as client,
        ThreadPoolExecutor(8) as workers,
    ):
        found = list(workers.map(lambda _: list(client.pages(SPACES)), range(25)))

        assert {len(pages) for pages in found} == {1}
        assert client.throttled == client.retries > 0
        assert client.requests_sent == len(server.requests) == 25 + client.retries
        assert client.waited_seconds <= client.throttled


def limited(**options: Any) -> SandboxServer:
    now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    world = World(now=now, start=date(2026, 11, 20), automations=5, owners=2, spaces=2)
    return SandboxServer(world, api_key=KEY, **options)


def at(second: int) -> str:
    moment = datetime(2026, 11, 23, 2, 0, second, tzinfo=UTC)
    return format_datetime(moment, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "1"}, 1),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": at(1), "Date": at(0)}, 1),
        ({"Retry-After": at(0), "Date": at(59)}, 0),
    ],
)
def test_a_pause_is_as_long_as_the_tenant_says_and_no_longer(
    script: Script, headers: dict[str, str], seconds: float
) -> None:
    """No backoff on top: stamina's would be half a second and more."""
    script.routes = {FIRST: [Answer({}, status=429, headers=headers), page()]}
    backoffs: list[float] = []
    hooks = stamina.instrumentation.get_on_retry_hooks()
    stamina.instrumentation.set_on_retry_hooks(
        [lambda details: backoffs.append(details.wait_for)]
    )
    try:
        with tenant(script.url) as client:
            list(client.pages(SPACES))
    finally:
        stamina.instrumentation.set_on_retry_hooks(hooks)

    assert backoffs == [0]
    assert client.waited_seconds == pytest.approx(seconds, abs=0.1)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Retry-After": "soon"}, {"Retry-After": "-5"}, {"Retry-After": "1.5"}],
    ids=str,
)
def test_a_429_that_does_not_say_how_long_holds_all_back_for_the_backoff(
    script: Script, headers: dict[str, str]
) -> None:
    script.routes = {FIRST: [Answer({}, status=429, headers=headers), page()]}

    with tenant(script.url) as client:
        list(client.pages(SPACES))

        assert client.waited_seconds == pytest.approx(0.5)
        assert client.throttled == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7200"}, "7200"),
        ({"Retry-After": "9" * 400}, "9" * 9),
        ({"Retry-After": at(0), "Date": "Mon, 23 Nov 2026 01:00:00 GMT"}, "3600"),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_is_too_long_is_said_at_once(
    script: Script, status: int, headers: dict[str, str], seconds: str
) -> None:
    script.routes = {FIRST: [Answer({}, status=status, headers=headers)]}

    with (
        tenant(script.url) as client,
        pytest.raises(TenantError, match=rf"{status}\n.*asks to wait {seconds} sec"),
    ):
        list(client.pages(SPACES))

    assert script.paths() == [FIRST]


def test_pauses_from_many_threads_are_counted_once() -> None:
    clock = Clock()
    pace = Pace(60, clock, clock.sleep)
    threads = [threading.Thread(target=pace.pause, args=(9,)) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert pace.paused_seconds == pytest.approx(9)
