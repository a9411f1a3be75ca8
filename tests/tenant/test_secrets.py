"""Who we are to a tenant, and that nobody else gets to know."""

import json
import logging
import threading
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from stamina.instrumentation import get_on_retry_hooks, set_on_retry_hooks

from pipeline.config import Extract, TenantAccess
from pipeline.endpoints import SPACES
from pipeline.errors import TenantError
from pipeline.sandbox import SandboxServer, World
from pipeline.tenant import InvalidPageError, Tenant, log_retry
from servers import proxy
from servers.script import Answer, Script, page, serve

pytestmark = pytest.mark.usefixtures("fast_retries")

FIRST = "/api/v1/spaces?limit=100"
TOKEN = "/oauth/token"
CLIENT: dict[str, Any] = {
    "client_id": "the-client",
    "client_secret": "canary-client-secret",
}
CANARIES = {
    "bearer": "canary-api-key-or-token",
    "detail": "canary-of-the-error-body",
    "executionToken": "canary-execution-token",
    "workspace": "canary-workspace",
    "inputs": "canary-run-inputs",
}


@pytest.fixture(autouse=True)
def _logged_retries() -> Iterator[None]:
    hooks = get_on_retry_hooks()
    set_on_retry_hooks([*hooks, log_retry])
    yield
    set_on_retry_hooks(hooks)


@pytest.fixture
def script() -> Iterator[Script]:
    with serve() as script:
        yield script


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    world = World(now=now, start=date(2026, 11, 20), automations=5, owners=2, spaces=2)
    client_id, client_secret = CLIENT.values()
    with SandboxServer(
        world, client_id=client_id, client_secret=client_secret
    ) as server:
        yield server


def with_client(url: str) -> Tenant:
    return tenant(TenantAccess("acme", url, **CLIENT))


def with_key(url: str) -> Tenant:
    return tenant(TenantAccess("acme", url, api_key=CANARIES["bearer"]))


def tenant(access: TenantAccess) -> Tenant:
    return Tenant(access, Extract(requests_per_minute=600_000))


def token(name: str, **fields: Any) -> Answer:
    return Answer({"access_token": name, **fields})


def bearers(script: Script) -> list[str | None]:
    return [headers.get("Authorization") for _, _, headers in script.requests]


def test_all_workers_share_one_token(sandbox: SandboxServer) -> None:
    """Eight that begin at once ask for one token; so do eight that are refused."""
    barrier = threading.Barrier(8)

    def read(client: Tenant) -> None:
        barrier.wait()
        list(client.pages(SPACES))

    with with_client(sandbox.url) as client, ThreadPoolExecutor(8) as workers:
        list(workers.map(read, [client] * 8))
        first = [r.path for r in sandbox.requests].count(TOKEN)
        sandbox.api.revoke_tokens()
        list(workers.map(read, [client] * 8))
        second = [r.path for r in sandbox.requests].count(TOKEN)

    assert (first, second) == (1, 2)


@pytest.mark.parametrize("lifetime", [{}, {"expires_in": None}, {"expires_in": 61}])
def test_a_token_is_used_for_as_long_as_it_lasts(
    script: Script, lifetime: dict[str, Any]
) -> None:
    script.routes = {TOKEN: [token("one", **lifetime)], FIRST: [page()]}

    with with_client(script.url) as client:
        for _ in range(3):
            list(client.pages(SPACES))

    assert bearers(script) == [None, *["Bearer one"] * 3]


def test_a_token_is_renewed_before_its_end(script: Script) -> None:
    ending = token("one", expires_in=1e-9)
    script.routes = {TOKEN: [ending, token("two")], FIRST: [page()]}

    with with_client(script.url) as client:
        for _ in range(3):
            list(client.pages(SPACES))

    assert bearers(script) == [None, "Bearer one", None, *["Bearer two"] * 2]


def test_a_second_401_is_an_error_with_its_remedy(script: Script) -> None:
    script.routes = {
        TOKEN: [token("one"), token("two")],
        FIRST: [Answer({}, status=401)],
    }

    with (
        with_client(script.url) as client,
        pytest.raises(TenantError, match="401\nthe key or client is wrong"),
    ):
        list(client.pages(SPACES))

    assert script.paths() == [TOKEN, FIRST, TOKEN, FIRST]


def test_a_wrong_key_is_an_error_with_its_remedy(sandbox: SandboxServer) -> None:
    with (
        with_key(sandbox.url) as client,
        pytest.raises(TenantError, match=r"401 .*\nthe key or client is wrong"),
    ):
        list(client.pages(SPACES))

    assert len(sandbox.requests) == 1


def test_a_retry_is_logged_with_its_tenant_and_request(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.routes = {FIRST: [Answer({}, status=503), page()]}

    with with_key(script.url) as client:
        list(client.pages(SPACES))

    *_, line = [r.message for r in caplog.records]
    assert line == f"tenant acme: GET {FIRST}: retry 1 in 0.0s: 503"


def test_a_token_that_comes_at_the_second_try_is_good(script: Script) -> None:
    script.routes = {
        TOKEN: [Answer({}, status=503), Answer(b"<html>"), token("one")],
        FIRST: [page({"id": "a"})],
    }

    with with_client(script.url) as client:
        (rows,) = client.pages(SPACES)

    assert rows.height == 1
    assert script.paths() == [*[TOKEN] * 3, FIRST]


@pytest.mark.parametrize(
    ("answer", "requests", "message"),
    [
        (Answer({}, status=503), 3, "503\nthe tenant is failing"),
        (Answer({}, status=401), 1, "401\nthe key or client is wrong"),
        (Answer({}, status=302), 1, "302\nonly a few"),
        (Answer(b"<html>"), 3, "not JSON.*\ncheck the network"),
        (Answer({"token": "x"}), 1, "access_token.*\n.* gives no tokens"),
        (token("odd\r\nX-Other: header"), 3, "odd characters"),
    ],
    ids=str,
)
def test_a_token_that_is_not_to_be_had_is_not_had_for_all(
    script: Script, answer: Answer, requests: int, message: str
) -> None:
    """The first worker's failure is everybody's: no storm on the token's endpoint."""
    script.routes = {TOKEN: [answer], FIRST: [page()]}

    with with_client(script.url) as client, ThreadPoolExecutor(8) as workers:
        failures = [workers.submit(lambda: list(client.pages(SPACES))) for _ in "8" * 8]
        errors = [failure.exception() for failure in failures]

    assert script.paths() == [TOKEN] * requests
    for error in errors:
        with pytest.raises(TenantError, match=rf"acme: POST /oauth/token: .*{message}"):
            raise error or AssertionError
        assert CLIENT["client_secret"] not in str(error)


def secretive(record: dict[str, Any]) -> dict[str, Any]:
    """*record* with all that may not be kept, at any depth."""
    return {
        **record,
        "executionToken": CANARIES["executionToken"],
        "workspace": {"blocks": [{"inputs": CANARIES["workspace"]}]},
        "lastRun": {"inputs": {"x": CANARIES["inputs"]}},
        "name": {"executionToken": CANARIES["executionToken"]},
        "error": [{"response": CANARIES["detail"]}],
    }


ERRORS = {
    "errors": [
        {
            "code": "HTTP-1",
            "title": f"for {CANARIES['bearer']}",
            "detail": CANARIES["detail"],
        }
    ],
}
FAILURES = [
    *(Answer(ERRORS, status=status) for status in (400, 401, 403, 404, 429, 500)),
    Answer(ERRORS, status=500, reason=f"for {CANARIES['bearer']}"),
    Answer({"error": CANARIES["bearer"]}, status=503),
    Answer(f"<html>for {CANARIES['bearer']}".encode(), status=502),
    Answer(ERRORS),
    Answer(ERRORS, cut=30),
    Answer(json.dumps(ERRORS).encode()[:40]),
    Answer(ERRORS, status=302, headers={"Location": f"//{CANARIES['bearer']}/"}),
    Answer(ERRORS, headers={"Content-Encoding": CANARIES["bearer"]}),
    Answer(ERRORS, headers={"Transfer-Encoding": CANARIES["bearer"]}),
    page(secretive({"id": "a"})),
    page({"id": "a"}, next_href=f"https://{CANARIES['bearer']}.example/"),
    page({"id": "a"}, next_href=f"/api/v1/spaces?{CANARIES['bearer']}"),
    page({"id": f"at {CANARIES['bearer']}"}),
    page({"id": CANARIES["bearer"], "name": 7}),
]


@pytest.mark.parametrize("answer", FAILURES, ids=str)
@pytest.mark.parametrize("access", [with_key, with_client])
def test_no_secret_is_in_a_message_a_log_a_trace_or_a_repr(
    script: Script, caplog: pytest.LogCaptureFixture, access: Any, answer: Answer
) -> None:
    script.routes = {TOKEN: [token(CANARIES["bearer"])], FIRST: [answer]}
    caplog.set_level(logging.INFO)

    with access(script.url) as client, pytest.raises(TenantError) as caught:
        list(client.pages(SPACES))

    seen = shown(client, caught.value, caplog)
    assert [name for name, canary in CANARIES.items() if canary in seen] == []
    assert CLIENT["client_secret"] not in seen


def test_a_time_that_quotes_a_key_is_logged_without_it(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    record = {"id": "a", "createdAt": f"at {CANARIES['bearer']}"}
    script.routes = {FIRST: [page(record)]}

    with with_key(script.url) as client:
        (rows,) = client.pages(SPACES)

    assert rows["created_at"].to_list() == [None]
    assert "'at [hidden]' as created_at counts as not set" in caplog.text
    assert CANARIES["bearer"] not in caplog.text


@pytest.mark.parametrize("before", [150, 170, 190, 199])
@pytest.mark.parametrize("place", ["title", "code", "trace", "link", "redirect", "id"])
def test_a_secret_where_a_text_is_cut_leaves_no_part_behind(
    script: Script, caplog: pytest.LogCaptureFixture, place: str, before: int
) -> None:
    key = CANARIES["bearer"]
    text = "x" * before + key
    errors = {
        "title": {"errors": [{"code": "c", "title": text}]},
        "code": {"errors": [{"code": text}]},
        "trace": {"errors": [], "traceId": text},
    }
    answers = {
        "link": page({"id": "a"}, next_href=f"https://{text}.example/"),
        "redirect": Answer(status=302, headers={"Location": f"https://{text}/"}),
        "id": page({"id": text, "name": 7}),
    }
    refused = Answer(errors.get(place), status=400)
    script.routes = {FIRST: [answers.get(place, refused)]}

    with with_key(script.url) as client, pytest.raises(TenantError) as caught:
        list(client.pages(SPACES))

    assert key[:6] not in shown(client, caught.value, caplog)


@pytest.mark.parametrize("encode", [quote_plus, lambda s: quote(quote(s))])
def test_a_client_secret_that_comes_back_as_a_form_is_hidden(
    script: Script, encode: Callable[[str], str]
) -> None:
    secret = "a+b/c=d&canary e%"
    body = {"errors": [{"code": "c", "title": f"client_secret={encode(secret)}"}]}
    script.routes = {TOKEN: [Answer(body, status=400)]}
    access = TenantAccess("acme", script.url, client_id="c", client_secret=secret)

    with tenant(access) as client, pytest.raises(TenantError) as caught:
        list(client.pages(SPACES))

    assert "client_secret=[hidden]" in str(caught.value)


def shown(client: Tenant, error: TenantError, caplog: pytest.LogCaptureFixture) -> str:
    """All that anybody could get to see."""
    logging.getLogger("pipeline").error("%s", error, exc_info=error)
    seen = [
        caplog.text,
        str(error),
        *(repr(value) for value in (error, client, *vars(client).values())),
        *traceback.format_exception(error),
    ]
    if isinstance(error, InvalidPageError):
        invalid = error.invalid
        seen += [invalid.request, invalid.place, invalid.kept.decode(), *invalid.ids]
    return "\n".join(seen)


def test_the_machines_proxy_is_asked_and_shown_nothing(
    script: Script,
) -> None:
    """A tunnel is asked for before anything that holds a key."""
    access = TenantAccess("acme", "https://t.invalid", api_key="k", proxy=script.url)

    with (
        tenant(access) as client,
        pytest.raises(TenantError, match="the proxy does not let the request through"),
    ):
        list(client.pages(SPACES))

    assert script.requests == []


@pytest.mark.parametrize("encode", [str, quote, lambda s: b64encode(s).decode()])
def test_a_proxys_password_that_comes_back_is_shown_to_nobody(
    caplog: pytest.LogCaptureFixture, encode: Any
) -> None:
    with proxy.serve() as served:
        served.refuses = f"for {encode(b'us:canary-of-the-proxy')}"
        user = "us:canary-of-the-proxy"
        way = f"http://{user}@127.0.0.1:{served.port}"
        access = TenantAccess("acme", "https://t.invalid", api_key="k", proxy=way)
        with tenant(access) as client, pytest.raises(TenantError) as caught:
            list(client.pages(SPACES))

    assert served.tunnels
    seen = shown(client, caught.value, caplog)
    assert "canary" not in seen
    assert b64encode(b"us:canary-of-the-proxy").decode()[:20] not in seen
