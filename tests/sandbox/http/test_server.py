"""The server: who may ask, how often, and many at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from pipeline.sandbox import Options, SandboxServer, World
from pipeline.sandbox.http.limits import RateLimit
from servers.sandbox import AUTOMATIONS, KEY, NOW, Serve, Tenant

ME = "/api/v1/users/me"
CLIENT = {"client_id": "the-client", "client_secret": "the-secret-of-it"}
GRANT = CLIENT | {"grant_type": "client_credentials"}


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong", "bearer", f"Basic {KEY}", KEY, f"Bearer {KEY}x"],
)
@pytest.mark.parametrize("path", [AUTOMATIONS, "/sandbox/truth", "/nowhere"])
def test_without_the_key_everything_is_a_401(
    tenant: Tenant, path: str, authorization: str
) -> None:
    response = tenant.http.get(path, headers={"Authorization": authorization})

    assert response.status_code == 401
    assert response.json()["errors"][0]["title"] == "Unauthorized"


@pytest.mark.parametrize("kind", ["data", "json"])
def test_oauth_gives_a_token_for_the_clients_own_user(serve: Serve, kind: str) -> None:
    tenant = serve(**CLIENT)
    answer = httpx.post(f"{tenant.server.url}/oauth/token", **{kind: GRANT})  # type: ignore[arg-type]
    token = answer.json()["access_token"]
    me = tenant.http.get(ME, headers={"Authorization": f"Bearer {token}"})

    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 21600
    assert me.json()["subject"] == "qlikbot\\the-client"


def test_a_token_ends_after_six_hours_or_when_it_is_revoked(serve: Serve) -> None:
    tenant = serve(**CLIENT)

    def token() -> str:
        answer = tenant.http.post("/oauth/token", data=GRANT)
        return str(answer.json()["access_token"])

    def status(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return tenant.http.get(ME, headers=headers).status_code

    first = token()
    assert status(first) == 200
    tenant.server.world.now = NOW + timedelta(hours=6)
    assert status(first) == 401
    second = token()
    assert status(second) == 200
    tenant.server.api.revoke_tokens()
    assert status(second) == 401


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (GRANT | {"client_secret": "wrong"}, 401),
        (GRANT | {"client_id": "wrong"}, 401),
        (CLIENT, 400),
        (GRANT | {"grant_type": "password"}, 400),
        ({"grant_type": "client_credentials"}, 400),
    ],
)
def test_oauth_refuses_the_wrong_client(
    serve: Serve, form: dict[str, str], status: int
) -> None:
    tenant = serve(**CLIENT)

    assert tenant.http.post("/oauth/token", data=form).status_code == status
    assert tenant.http.post("/oauth/token", json=form).status_code == status


def test_oauth_refuses_other_bodies_and_methods(tenant: Tenant) -> None:
    broken = {"Content-Type": "application/json"}

    assert tenant.get("/oauth/token").status_code == 405
    assert tenant.http.post("/oauth/token", content=b"{}").status_code == 400
    assert (
        tenant.http.post("/oauth/token", content=b"{", headers=broken).status_code
        == 400
    )


def test_the_sandbox_is_read_only(tenant: Tenant) -> None:
    assert tenant.http.post(AUTOMATIONS, json={}).status_code == 405
    assert tenant.http.delete(f"{AUTOMATIONS}/settings").status_code == 405


def test_the_rate_limit_is_a_429_that_says_how_long_to_wait(serve: Serve) -> None:
    tenant = serve(requests_per_minute=5)
    answers = [tenant.get(ME) for _ in range(7)]

    assert [one.status_code for one in answers] == [200] * 5 + [429] * 2
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].json()["errors"][0]["code"] == "HTTP-429"


def test_the_window_of_the_rate_limit_rolls() -> None:
    clock = iter((0.0, 10.0, 11.5, 59.9, 60.0, 60.5, 70.0))
    limit = RateLimit(2, 60, lambda: next(clock))
    waits = [limit.wait() for _ in range(7)]

    assert waits == [None, None, 49, 1, None, 10, None]


def test_requests_are_remembered_with_what_was_asked(tenant: Tenant) -> None:
    tenant.get(AUTOMATIONS, limit=3, sort="-name")
    request = tenant.server.requests[-1]

    assert len(tenant.server.requests) == 1
    assert (request.method, request.path) == ("GET", AUTOMATIONS)
    assert request.query == "limit=3&sort=-name"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(request)


def test_secrets_are_not_in_the_options_repr() -> None:
    options = Options(api_key=KEY, client_secret="the-secret-of-it")

    assert KEY not in repr(options)
    assert "the-secret-of-it" not in repr(options)


def test_a_connection_is_kept(tenant: Tenant) -> None:
    answers = [tenant.get(ME) for _ in range(3)]
    streams = {id(one.extensions["network_stream"]) for one in answers}

    assert {one.http_version for one in answers} == {"HTTP/1.1"}
    assert len(streams) == 1


def test_many_readers_at_once_see_one_tenant(serve: Serve) -> None:
    """Eight threads that walk the same fresh world read the same bytes."""
    fresh = World(
        now=NOW, start=NOW.date() - timedelta(days=40), automations=40, seed=9
    )
    tenant = serve(fresh)
    paths = [
        f"{AUTOMATIONS}/{one.id}/runs?limit=200&sort=-startTime"
        for one in fresh.listed_automations()
    ]

    def read(_: int) -> tuple[bytes, ...]:
        with httpx.Client(
            base_url=tenant.server.url, headers={"Authorization": f"Bearer {KEY}"}
        ) as http:
            return tuple(http.get(path).content for path in paths)

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(read, range(8)))

    assert len(answers) == 1
    assert len(tenant.server.requests) == 8 * len(paths)


def test_the_world_can_be_replaced_while_serving(serve: Serve, world: World) -> None:
    tenant = serve()
    path = f"{AUTOMATIONS}/{world.listed_automations()[0].id}"
    other = World(now=NOW, start=NOW.date(), automations=5, owners=3, spaces=2, seed=77)

    assert tenant.get(path).status_code == 200
    tenant.server.world = other
    assert tenant.get(path).status_code == 404
    assert tenant.server.world is other


def test_a_closed_server_lets_go_of_its_port(world: World) -> None:
    with SandboxServer(world.at(NOW), api_key=KEY) as server:
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(base_url=server.url, headers=headers) as http:
            assert http.get(ME).status_code == 200
            server.close()
            with pytest.raises(httpx.TransportError):
                http.get(ME)


def test_an_unknown_option_is_refused(world: World) -> None:
    with pytest.raises(TypeError, match="shapes"):
        SandboxServer(world, shapes="live")
