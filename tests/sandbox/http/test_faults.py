"""Faults on demand do what they say, when they say it."""

import time
import zlib
from typing import Any

import httpx
import pytest

from pipeline.sandbox import Fault
from servers.sandbox import AUTOMATIONS, Serve, Tenant

ME = "/api/v1/users/me"


def tenant_with(serve: Serve, **fault: Any) -> Tenant:
    return serve(faults=[Fault(**fault)])


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", ["json", "html", "empty"])
def test_a_status_comes_with_its_body(serve: Serve, status: int, body: str) -> None:
    fault = {"kind": "status", "status": status, "body": body, "retry_after": "7"}
    answer = tenant_with(serve, **fault).get(ME)

    assert answer.status_code == status
    assert answer.headers["retry-after"] == "7"
    assert {
        "json": answer.content.startswith(b'{"errors"'),
        "html": answer.content.startswith(b"<html>"),
        "empty": answer.content == b"",
    }[body]


def test_a_fault_comes_so_often_and_then_all_is_well(serve: Serve) -> None:
    tenant = tenant_with(serve, kind="status", skip=1, times=2)

    assert [tenant.get(ME).status_code for _ in range(5)] == [200, 503, 503, 200, 200]
    assert tenant.server.faults.fired == 2


def test_a_fault_can_come_every_third_time(serve: Serve) -> None:
    tenant = tenant_with(serve, kind="status", every=3, times=2)
    statuses = [tenant.get(ME).status_code for _ in range(10)]

    assert [place for place, status in enumerate(statuses, 1) if status == 503] == [
        3,
        6,
    ]


def test_a_fault_strikes_what_it_matches(serve: Serve) -> None:
    tenant = tenant_with(serve, kind="status", match=r"^GET .*limit=3")

    assert tenant.get(AUTOMATIONS, limit=3).status_code == 503
    assert tenant.get(AUTOMATIONS, limit=4).status_code == 200
    assert tenant.get(ME).status_code == 200


def test_faults_can_be_added_and_cleared_while_serving(tenant: Tenant) -> None:
    tenant.server.faults.add(Fault(kind="status", status=500))
    assert tenant.get(ME).status_code == 500
    tenant.server.faults.clear()
    assert tenant.get(ME).status_code == 200


def test_a_page_of_html_comes_with_200(serve: Serve) -> None:
    answer = tenant_with(serve, kind="html").get(ME)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_a_redirect_points_elsewhere(serve: Serve) -> None:
    answer = tenant_with(serve, kind="redirect", location="https://elsewhere/").get(ME)

    assert (answer.status_code, answer.headers["location"]) == (
        302,
        "https://elsewhere/",
    )


def test_a_link_can_vanish_leave_the_tenant_or_stand_still(serve: Serve) -> None:
    def href(kind: str) -> Any:
        page = tenant_with(serve, kind=kind, location="http://evil/").ok(
            AUTOMATIONS, limit=2
        )
        assert len(page["data"]) == 2
        return (page["links"].get("next") or {}).get("href")

    assert href("no_next") is None
    assert href("foreign_next") == "http://evil/"
    assert href("same_next").endswith(f"{AUTOMATIONS}?limit=2")


def test_the_second_page_can_lead_back_to_the_first(serve: Serve) -> None:
    tenant = tenant_with(serve, kind="cycle")
    first = f"{AUTOMATIONS}?limit=2"
    second = tenant.ok(first)["links"]["next"]["href"]
    back = tenant.ok(second)["links"]["next"]["href"]

    assert "cursor=" in second
    assert back == f"{tenant.server.url}{first}"


@pytest.mark.parametrize("path", [AUTOMATIONS, "/api/v1/users"])
def test_rows_can_shift_between_pages(serve: Serve, path: str) -> None:
    def ids(**fault: Any) -> list[str]:
        faults = [Fault(**fault)] if fault else []
        return [row["id"] for row in serve(faults=faults).all(path, limit=5)]

    rows = ids()
    twice = ids(kind="row_twice")
    missed = ids(kind="row_missed")

    assert [n for n, row in enumerate(twice) if row in twice[:n]] == list(
        range(5, len(twice), 6)
    )
    assert list(dict.fromkeys(twice)) == rows
    assert missed == [row for n, row in enumerate(rows) if n % 5 or not n]


def test_a_bomb_is_small_until_it_is_unpacked(serve: Serve) -> None:
    tenant = tenant_with(serve, kind="bomb")
    with tenant.http.stream("GET", ME) as answer:
        packed = b"".join(answer.iter_raw())
    unzip = zlib.decompressobj(wbits=31)
    first = unzip.decompress(packed, 2**20)

    assert answer.headers["content-encoding"] == "gzip"
    assert len(packed) < 2**19
    assert first == b" " * 2**20
    assert unzip.unconsumed_tail


def test_good_json_can_come_under_a_wrong_type(serve: Serve) -> None:
    answer = tenant_with(serve, kind="mislabelled").get(ME)

    assert answer.headers["content-type"] == "text/html"
    assert answer.json()["id"]


def test_empty_pages_can_go_on_for_ever(serve: Serve) -> None:
    tenant = tenant_with(serve, kind="endless")
    seen = set()
    href = f"{AUTOMATIONS}?limit=2"
    for _ in range(20):
        page = tenant.ok(href)
        href = page["links"]["next"]["href"]
        seen.add(href)
        assert page["data"] == []

    assert len(seen) == 20
    assert "limit=2&" in href


def test_a_truncated_body_has_its_own_length(serve: Serve) -> None:
    answer = tenant_with(serve, kind="truncated").get(AUTOMATIONS)

    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()


@pytest.mark.parametrize("kind", ["reset", "reset_headers", "reset_body", "cut"])
def test_a_broken_connection_breaks_one_request(serve: Serve, kind: str) -> None:
    tenant = tenant_with(serve, kind=kind, times=1, match=AUTOMATIONS)

    with pytest.raises(httpx.TransportError) as caught:
        tenant.get(AUTOMATIONS)
    resets = isinstance(caught.value, httpx.ReadError)
    assert resets == (kind != "cut")
    assert tenant.get(AUTOMATIONS).status_code == 200


@pytest.mark.parametrize(
    ("kind", "seconds"), [("trickle", 0.08), ("trickle_head", 0.08), ("stall", 0.01)]
)
def test_what_is_late_arrives_whole_on_a_connection_that_lives(
    serve: Serve, kind: str, seconds: float
) -> None:
    tenant = tenant_with(serve, kind=kind, pause=0.01, pieces=8, times=1)
    begin = time.monotonic()
    slow = tenant.get(AUTOMATIONS)

    assert time.monotonic() - begin >= seconds
    fast = tenant.get(AUTOMATIONS)
    assert slow.content == fast.content
    assert slow.extensions["network_stream"] is fast.extensions["network_stream"]
