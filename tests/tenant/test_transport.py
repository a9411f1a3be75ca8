"""Every fault of a network, a proxy and a tenant: the same rows, or a clear error."""

import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from pipeline.config import Extract, TenantAccess
from pipeline.endpoints import AUTOMATIONS
from pipeline.errors import TenantError
from pipeline.sandbox import Fault, SandboxServer, World
from pipeline.tenant import Tenant
from pipeline.tenant.transport.body import MAX_BODY_BYTES

pytestmark = pytest.mark.usefixtures("fast_retries")

KEY = "the-key-nobody-may-see"
LISTED = replace(AUTOMATIONS, page_size=25)
FIRST_PAGE = r"automations\?limit=25$"
SECOND_PAGE = "cursor="


@pytest.fixture(scope="module")
def world() -> World:
    """A tenant of three pages and a bit."""
    now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    start = date(2026, 11, 1)
    return World(now=now, start=start, automations=90, owners=14, spaces=6, seed=3)


@pytest.fixture(scope="module")
def expected(world: World) -> list[str]:
    with SandboxServer(world, api_key=KEY) as server:
        return read(server)


def read(server: SandboxServer, **limits: Any) -> list[str]:
    with client(server, **limits) as tenant:
        return [i for rows in tenant.pages(LISTED) for i in rows["automation_id"]]


def client(server: SandboxServer, **limits: Any) -> Tenant:
    access = TenantAccess("acme", server.url, api_key=KEY)
    return Tenant(access, Extract(**{"requests_per_minute": 600_000} | limits))


PASSING: list[dict[str, Any]] = [
    *({"kind": "status", "status": s} for s in (408, 429, 500, 502, 503, 504)),
    {"kind": "status", "status": 503, "body": "html"},
    {"kind": "status", "status": 502, "body": "empty"},
    {"kind": "status", "status": 429, "retry_after": "0"},
    {"kind": "status", "status": 503, "retry_after": "0"},
    {"kind": "html"},
    {"kind": "truncated"},
    {"kind": "mislabelled"},
    {"kind": "no_next"},
    {"kind": "reset"},
    {"kind": "reset_headers"},
    {"kind": "reset_body"},
    {"kind": "cut"},
    {"kind": "stall"},
    {"kind": "trickle"},
    {"kind": "trickle_head"},
]


@pytest.mark.parametrize("page", [FIRST_PAGE, SECOND_PAGE])
@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_what_passes_leaves_the_rows_as_they_are(
    world: World, expected: list[str], fault: dict[str, Any], page: str
) -> None:
    faults = [Fault(**fault, match=page, times=1, pause=0.01)]
    with SandboxServer(world, api_key=KEY, faults=faults) as server:
        assert read(server) == expected

        assert server.faults.fired == 1


@pytest.mark.parametrize("kind", ["status", "reset", "reset_body", "cut", "truncated"])
def test_a_storm_leaves_the_rows_as_they_are(
    world: World, expected: list[str], kind: Any
) -> None:
    faults = [Fault(kind=kind, every=2)]
    with SandboxServer(world, api_key=KEY, faults=faults) as server:
        assert read(server) == expected

        assert server.faults.fired > 2


STAYING: list[tuple[dict[str, Any], str, int]] = [
    ({"kind": "status", "status": 429}, "429 .*\nlower extract.requests_per", 3),
    ({"kind": "status", "status": 500}, "500 .*\nthe tenant is failing", 3),
    ({"kind": "status", "status": 504, "body": "html"}, "504\nthe tenant is fai", 3),
    ({"kind": "status", "status": 403}, "403 .*\nthe caller needs the role", 1),
    ({"kind": "html"}, "not JSON.*\ncheck the network", 3),
    ({"kind": "truncated"}, "not JSON.*\ncheck the network", 3),
    ({"kind": "reset"}, "Connection reset.*\ncheck the network", 3),
    ({"kind": "reset_headers"}, "Connection reset.*\ncheck the network", 3),
    ({"kind": "reset_body"}, "Connection reset.*\ncheck the network", 3),
    ({"kind": "cut"}, "broke off.*\ncheck the network", 3),
    ({"kind": "redirect"}, "302 its redirect leads to http://127.0.0.1:9,.*\nonly", 1),
    ({"kind": "foreign_next", "location": "http://127.0.0.1:9/"}, "next link leads", 1),
    ({"kind": "foreign_next", "location": "https://evil/"}, "leads to https://evil", 1),
    ({"kind": "foreign_next", "location": "//evil/x"}, "leads to http://evil", 1),
    ({"kind": "same_next"}, "do not end\nnothing of this listing", 1),
    ({"kind": "cycle"}, "do not end\nnothing of this listing", 2),
    ({"kind": "endless"}, "do not end\nnothing of this listing", 21),
    ({"kind": "bomb"}, "more than 64 MiB\nno page is that large", 1),
]


@pytest.mark.parametrize(("fault", "message", "requests"), STAYING, ids=str)
def test_what_stays_is_an_error_that_names_tenant_request_and_remedy(
    world: World, fault: dict[str, Any], message: str, requests: int
) -> None:
    where = r"(?s)^tenant acme: GET /api/workflows/automations\?limit=25[^ ]*: .*"
    with SandboxServer(world, api_key=KEY, faults=[Fault(**fault)]) as server:
        with pytest.raises(TenantError, match=where + message) as caught:
            read(server)

        assert len(server.requests) == requests
        assert str(caught.value).count("\n") == 1
        assert KEY not in str(caught.value)


@pytest.mark.parametrize("late", ["stall", "trickle", "trickle_head"])
def test_a_request_ends_by_its_deadline_wherever_the_answer_hangs(
    world: World, late: Any
) -> None:
    """Each drop comes well within the timeout; all of them would take minutes."""
    pause = 10 if late == "stall" else 0.02
    fault = Fault(kind=late, pause=pause, pieces=10_000)
    with SandboxServer(world, api_key=KEY, faults=[fault]) as server:
        with pytest.raises(TenantError, match="too long\ncheck the network"):
            read(server, timeout_seconds=0.15)

        assert len(server.requests) == 3


def test_a_bomb_does_not_fill_the_memory(world: World) -> None:
    with SandboxServer(world, api_key=KEY, faults=[Fault(kind="bomb")]) as server:
        with pytest.raises(TenantError, match="MiB"):
            read(server)
        tracemalloc.start()
        with pytest.raises(TenantError, match="MiB"):
            read(server)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < MAX_BODY_BYTES * 2.1


@pytest.mark.parametrize("links", ["absolute", "relative"])
@pytest.mark.parametrize("last_link", ["null", "empty", "missing"])
def test_links_may_be_written_in_any_way(
    world: World, expected: list[str], links: Any, last_link: Any
) -> None:
    with SandboxServer(world, api_key=KEY, links=links, last_link=last_link) as server:
        assert read(server) == expected


def test_a_name_may_have_addresses_where_nobody_listens(
    world: World, expected: list[str]
) -> None:
    """`localhost` is ::1, too, on many machines; the sandbox is on 127.0.0.1 only."""
    with SandboxServer(world, api_key=KEY, links="relative") as server:
        server.url = server.url.replace("127.0.0.1", "localhost")

        assert read(server) == expected


@pytest.mark.parametrize("hops", [1, 3])
def test_a_redirect_on_the_tenants_own_origin_is_followed(
    world: World, expected: list[str], hops: int
) -> None:
    with SandboxServer(world, api_key=KEY) as server:
        target = f"{server.url}/api/workflows/automations?limit=25"
        server.faults.add(Fault(kind="redirect", times=hops, location=target))

        assert read(server) == expected
        assert server.faults.fired == hops


def test_redirects_in_circles_end_in_an_error(world: World) -> None:
    fault = Fault(kind="redirect", location="/api/workflows/automations")
    with SandboxServer(world, api_key=KEY, faults=[fault]) as server:
        with pytest.raises(TenantError, match="302\nonly a few"):
            read(server)

        assert len(server.requests) <= 6


def test_the_key_never_follows_a_redirect_to_another_origin(world: World) -> None:
    with (
        SandboxServer(world, api_key=KEY) as other,
        SandboxServer(world, api_key=KEY) as server,
    ):
        server.faults.add(Fault(kind="redirect", location=f"{other.url}/"))
        with pytest.raises(TenantError, match="redirect leads to"):
            read(server)

        assert other.requests == []


def test_a_row_that_comes_twice_is_there_both_times(
    world: World, expected: list[str]
) -> None:
    """Whoever keeps rows merges them by key; to the listing both are true."""
    fault = Fault(kind="row_twice")
    with SandboxServer(world, api_key=KEY, faults=[fault]) as server:
        found = read(server)

    assert len(found) > len(expected)
    assert list(dict.fromkeys(found)) == expected


def test_a_row_that_slips_away_between_pages_is_back_the_next_time(
    world: World, expected: list[str]
) -> None:
    faults = [Fault(kind="row_missed", match=SECOND_PAGE, times=1)]
    with SandboxServer(world, api_key=KEY, faults=faults) as server:
        assert len(read(server)) == len(expected) - 1
        assert read(server) == expected


def test_a_full_last_page_is_asked_for_twice(world: World, expected: list[str]) -> None:
    """It may have lost its link to the next; told so twice, it is believed."""
    whole = replace(AUTOMATIONS, page_size=len(expected))
    with SandboxServer(world, api_key=KEY) as server, client(server) as tenant:
        found = [i for rows in tenant.pages(whole) for i in rows["automation_id"]]

        assert found == expected
        assert len(server.requests) == 2


def test_what_happens_is_counted(world: World, expected: list[str]) -> None:
    faults = [
        Fault(kind="status", status=429, times=1, retry_after="0"),
        Fault(kind="reset", match=SECOND_PAGE, times=1),
    ]
    calls: list[int] = []
    with (
        SandboxServer(world, api_key=KEY, faults=faults) as server,
        client(server) as tenant,
    ):
        tenant.on_request = lambda: calls.append(1)
        rows = sum(frame.height for frame in tenant.pages(LISTED))

        assert rows == len(expected)
        assert tenant.requests_sent == len(server.requests) == len(calls)
        assert (tenant.retries, tenant.throttled) == (2, 1)
        assert tenant.waited_seconds == 0
        assert tenant.bytes_received > 10_000
