"""The tenant client against a real server on loopback."""

import gzip
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.config import Extract, TenantAccess
from pipeline.endpoints import RUNS, SPACES, USAGE, Endpoint
from pipeline.errors import TenantError
from pipeline.tenant import BadRequestError, NotFoundError, Tenant
from servers.script import Answer, Script, page, serve

pytestmark = pytest.mark.usefixtures("fast_retries")

FIRST = "/api/v1/spaces?limit=100"
KEY = "the-key-nobody-may-see"


@pytest.fixture
def script() -> Iterator[Script]:
    with serve() as script:
        yield script


def ids(script: Script, **limits: Any) -> list[str]:
    with tenant(script, **limits) as client:
        return [i for rows in client.pages(SPACES) for i in rows["space_id"]]


def tenant(script: Script, **limits: Any) -> Tenant:
    access = TenantAccess("acme", script.url, api_key=KEY)
    return Tenant(access, Extract(**{"requests_per_minute": 60_000} | limits))


@pytest.mark.parametrize(
    "failure",
    [
        Answer({}, status=429, headers={"Retry-After": "0"}),
        Answer({}, status=429, headers={"Retry-After": "soon"}),
        Answer(
            {}, status=429, headers={"Retry-After": f"Mon, 01 Jan {'9' * 20} 0:0:0"}
        ),
        Answer({}, status=500),
        Answer(b"<html>busy</html>", status=503),
        Answer({"data": [{"id": "a"}]}, cut=9),
        Answer(b'{"data": [{"id": "a"'),
        Answer(b"<html>please log in</html>"),
        Answer(b"\xff\xfe"),
        Answer(b"not gzip", headers={"Content-Encoding": "gzip"}),
        Answer(
            gzip.compress(b"{}", mtime=0)[:-9], headers={"Content-Encoding": "gzip"}
        ),
        Answer(b"\x0b\x02", headers={"Content-Encoding": "br"}),
        Answer(b'{"data": [{"no id": 1}, '),
    ],
    ids=str,
)
def test_a_failure_that_passes_is_retried(script: Script, failure: Answer) -> None:
    script.routes = {FIRST: [failure, page({"id": "a"})]}

    assert ids(script) == ["a"]


def test_a_failure_that_stays_ends_after_all_attempts(script: Script) -> None:
    script.routes = {FIRST: [Answer({}, status=502)]}

    with pytest.raises(TenantError, match=r"acme: GET /api/v1/spaces\?limit=100: 502"):
        ids(script)

    assert script.paths() == [FIRST] * 3


def test_a_refusal_is_not_retried_and_says_what_the_tenant_said(script: Script) -> None:
    body = {
        "errors": [{"code": "AUTH-3", "title": "No\nadmin", "detail": "canary"}],
        "traceId": "trace-77",
    }
    script.routes = {FIRST: [Answer(body, status=403)]}

    with pytest.raises(TenantError) as caught:
        ids(script)

    message = str(caught.value)
    assert script.paths() == [FIRST]
    assert "403 AUTH-3: No admin, traceId trace-77" in message
    assert "TenantAdmin" in message
    assert "canary" not in message
    assert KEY not in message


def test_what_is_not_there_is_an_error_of_its_own(script: Script) -> None:
    with tenant(script) as client, pytest.raises(NotFoundError):
        list(client.pages(RUNS, "an/id?x"))

    assert script.paths()[0].startswith("/api/workflows/automations/an%2Fid%3Fx/runs?")


def test_a_redirect_that_says_not_where_is_an_error(script: Script) -> None:
    script.routes = {FIRST: [Answer({}, status=302)]}

    with pytest.raises(TenantError, match="302"):
        ids(script)

    assert script.paths() == [FIRST]


def test_a_filter_the_tenant_does_not_take_is_an_error_of_its_own(
    script: Script,
) -> None:
    script.routes = {FIRST: [Answer({}, status=400)]}

    with pytest.raises(BadRequestError, match="400"):
        ids(script)

    assert script.paths() == [FIRST]


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "identity", ""])
def test_a_page_may_be_packed(script: Script, coding: str) -> None:
    plain = page({"id": "a"}).content
    body = gzip.compress(plain) if coding.lower() == "gzip" else plain
    script.routes = {FIRST: [Answer(body, headers={"Content-Encoding": coding})]}

    assert ids(script) == ["a"]


@pytest.mark.parametrize("rest", [b"", bytes(512)], ids=["bare", "padded"])
@pytest.mark.parametrize("cuts", [[], [9], [1, 10], [10, 10, 20]], ids=str)
def test_gzip_of_several_members_is_read_whole(
    script: Script, cuts: list[int], rest: bytes
) -> None:
    plain = page({"id": "a"}).content
    ends = [*cuts, len(plain)]
    parts = zip([0, *cuts], ends, strict=True)
    body = b"".join(gzip.compress(plain[first:last]) for first, last in parts)
    coded = Answer(body + rest, headers={"Content-Encoding": "gzip"})
    script.routes = {FIRST: [coded]}

    assert ids(script) == ["a"]


@pytest.mark.parametrize("end", [-1, -9, 30])
def test_gzip_whose_last_member_is_cut_is_read_again(script: Script, end: int) -> None:
    plain = page({"id": "a"}).content
    both = gzip.compress(plain[:9]) + gzip.compress(plain[9:])
    coding = {"Content-Encoding": "x-gzip"}
    script.routes = {FIRST: [Answer(both[:end], headers=coding), page({"id": "b"})]}

    assert ids(script) == ["b"]


@pytest.mark.parametrize("blank", [" ", "\t", "  "])
def test_a_blank_before_the_colon_of_a_header_is_no_failure(
    script: Script, blank: str
) -> None:
    coding = {f"Content-Encoding{blank}": "gzip", f"X-Odd{blank}": "a : b"}
    body = gzip.compress(page({"id": "a"}).content)
    script.routes = {FIRST: [Answer(body, headers=coding)]}

    assert ids(script) == ["a"]


@pytest.mark.parametrize(
    ("endpoint", "record", "place"),
    [
        (SPACES, {"name": "no id"}, "data"),
        (SPACES, {"id": ""}, "id"),
        (SPACES, {"id": 7}, "id"),
        (RUNS, {"id": "a", "duration": 2.9}, "duration"),
        (
            USAGE,
            {"date": "2026-10-01", "name": "runs", "value": 2**63, "automation": {}},
            "value",
        ),
        (USAGE, {"date": "2026-10-01", "name": "runs", "value": 1}, "data"),
    ],
)
def test_a_record_of_another_shape_is_refused_with_its_place(
    script: Script, endpoint: Endpoint, record: dict[str, Any], place: str
) -> None:
    limit = f"?limit={endpoint.page_size}" if endpoint.page_size else ""
    path = endpoint.path.format(parent="p") + limit
    script.routes = {path: [page({"id": "fine"}, record)]}
    if endpoint is USAGE:
        script.routes = {path: [page(record)]}

    with tenant(script) as client, pytest.raises(TenantError, match=rf"\$.*{place}"):
        list(client.pages(endpoint, "p"))

    assert script.paths() == [path]


def test_numbers_in_strings_are_numbers(script: Script) -> None:
    path = "/api/workflows/automations/p/runs?limit=200"
    script.routes = {path: [page({"id": "a", "duration": "9001"})]}

    with tenant(script) as client:
        (rows,) = client.pages(RUNS, "p")

    assert rows["duration_seconds"].to_list() == [9001]


def test_the_key_is_a_bearer_and_in_no_url(script: Script) -> None:
    script.routes = {FIRST: [page()]}

    ids(script)

    ((_, path, headers),) = script.requests
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in path


def test_a_cookie_of_the_tenant_is_not_sent_back(script: Script) -> None:
    script.default = Answer({"data": []}, headers={"Set-Cookie": "session=1; Path=/"})

    with tenant(script) as asked:
        for _ in range(2):
            list(asked.pages(SPACES))

    assert len(script.requests) > 1
    assert not any("Cookie" in headers for _, _, headers in script.requests)


def test_a_token_is_asked_for_once_and_again_when_it_is_refused(script: Script) -> None:
    tokens = [{"access_token": name, "expires_in": 21600} for name in ("one", "two")]
    script.routes = {
        "/oauth/token": [Answer(token) for token in tokens],
        FIRST: [page(), page(), Answer({}, status=401), page({"id": "a"})],
    }
    access = TenantAccess("acme", script.url, client_id="c", client_secret="s")

    with Tenant(access, Extract(requests_per_minute=60_000)) as client:
        for _ in range(3):
            (rows,) = client.pages(SPACES)

    sent = [headers.get("Authorization") for _, _, headers in script.requests]
    assert rows["space_id"].to_list() == ["a"]
    assert sent == [None, *["Bearer one"] * 3, None, "Bearer two"]


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (
            401,
            {"error": "invalid_client"},
            "401 invalid_client\nthe key.*check oauth_client_id",
        ),
        (
            400,
            {"error": "invalid_client"},
            "400 invalid_client\nthe key.*check oauth_client_id",
        ),
        (
            400,
            {"error": "unauthorized_client"},
            "_client\nthe key.*check oauth_client_id",
        ),
        (403, {"errors": []}, "403\nthe.*check oauth_cl"),
        (404, {}, "404\ncheck tenant.url: nobody gives tokens there"),
    ],
)
def test_a_client_that_gets_no_token_is_told_what_to_check(
    script: Script, status: int, body: Any, message: str
) -> None:
    script.routes = {"/oauth/token": [Answer(body, status=status)]}
    access = TenantAccess("acme", script.url, client_id="c", client_secret="s")

    with (
        Tenant(access, Extract(requests_per_minute=60_000)) as client,
        pytest.raises(TenantError, match=message),
    ):
        list(client.pages(SPACES))


def test_a_tenant_where_nothing_is_there_hints_at_its_url(script: Script) -> None:
    with pytest.raises(TenantError, match=r"(?s)404.*if nothing is, check tenant\.url"):
        ids(script)


def test_an_answer_that_trickles_is_given_up(script: Script) -> None:
    """httpx's read timeout starts again at every byte; ours is for the whole."""
    script.routes = {FIRST: [Answer({"data": []}, trickle=0.05)]}

    with pytest.raises(TenantError, match="too long"):
        ids(script, timeout_seconds=0.2)


def test_a_tenant_that_is_not_there_is_named() -> None:
    access = TenantAccess("acme", "http://127.0.0.1:1", api_key=KEY)

    with (
        Tenant(access, Extract(requests_per_minute=60_000)) as client,
        pytest.raises(TenantError, match=r"acme: GET /api/v1/spaces.*refused"),
    ):
        list(client.pages(SPACES))


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": [{"id": "' + b'\\"x' * 300_000,
        b'{"data": [{"id": "' + b"\\" * 900_001,
        b'{"data": [' + b"-" * 900_000,
        b'{"data": [{"id": ' + b"9" * 900_000,
    ],
    ids=["quotes", "backslashes", "signs", "digits"],
)
def test_a_body_that_is_cut_short_is_soon_found_to_be(
    script: Script, body: bytes
) -> None:
    """Of a text with many escaped quotes, which ends nowhere, it took hours."""
    script.routes = {FIRST: [Answer(body), page({"id": "a"})]}

    assert ids(script) == ["a"]
