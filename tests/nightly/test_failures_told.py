"""Why a tenant could not be read is said once, at the tenant, in each form of a log."""

import re
from collections.abc import Iterator

import pytest

from pipeline.sandbox import Fault
from worlds.two_tenants import Night, two_tenants

pytestmark = pytest.mark.slow

# A day of usage that was asked for, and the tenant before it.
_WHY = re.compile(r"tenant (\w+): GET \S*/usage\S*(2026-02-\d\d)")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with two_tenants(tmp_path_factory.mktemp("first")) as night:
        yield night


@pytest.fixture
def night(first: Night) -> Iterator[Night]:
    yield first
    for server in first.servers.values():
        server.faults.clear()


FORMS = {"text": (), "quiet": ("--quiet",), "json": ("--log-format", "json")}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dead", [("beta",), ("acme", "beta")], ids=len)
def test_it_is_said_once(night: Night, form: str, dead: tuple[str, ...]) -> None:
    for name in dead:
        fault = Fault(kind="status", match="/usage", status=500)
        night.servers[name].faults.add(fault)

    done = night.chargeback("extract", *FORMS[form])

    days = [f"2026-02-0{day}" for day in (5, 6, 7)]  # after three no more is asked for
    assert done.returncode == 3
    assert sorted(_WHY.findall(done.stderr)) == [
        (name, day) for name in dead for day in days
    ]
    named = f"2 tenants could not be read whole: {', '.join(dead)}"
    assert done.stderr.count(named) == len(dead) - 1
