"""The HTTP client itself: who it says it is, whom it trusts, where it goes."""

import logging
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

from pipeline.errors import ConfigError
from pipeline.tenant.client import client
from pipeline.tenant.transport import OriginError
from servers import mail, proxy
from servers.script import Answer, Script, serve

AT = "/a?b=c%2Fd"


@pytest.fixture
def script() -> Iterator[Script]:
    with serve() as script:
        script.default = Answer({})
        yield script


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mail.certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def secure(pem: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A server over TLS, whose certificate this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with serve(pem) as script:
        script.default = Answer({"data": []})
        yield script


def test_every_request_says_who_asks(script: Script) -> None:
    with client(script.url, 5) as http:
        http.get(script.url + AT)
        http.post(script.url + AT, content=b"x")

    agents = [headers["User-Agent"] for _, _, headers in script.requests]
    assert agents == [f"chargeback/{version('chargeback')}"] * 2
    assert script.paths() == [AT] * 2


def test_a_cookie_is_not_kept(script: Script) -> None:
    """It could follow the key to where the key may not go, and no tenant needs one."""
    script.default = Answer({}, headers={"Set-Cookie": "session=1; Path=/"})

    with client(script.url, 5) as http:
        for _ in range(2):
            http.get(script.url + AT)

    assert not any("Cookie" in headers for _, _, headers in script.requests)


@pytest.mark.parametrize("place", ["127.0.0.1:9", "[::1]:{port}", "localhost:{port}"])
def test_a_redirect_off_the_origin_is_refused_even_if_redirects_are_followed(
    script: Script, place: str
) -> None:
    port = script.url.rpartition(":")[2]
    away = {"Location": f"http://{place.format(port=port)}/"}
    script.default = Answer({}, status=302, headers=away)

    with client(script.url, 5) as http, pytest.raises(OriginError):
        http.get(script.url + AT, follow_redirects=True)

    assert script.paths() == [AT]


def test_the_environment_is_not_read(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with client(script.url, 5) as http:
        assert http.get(script.url + AT).status_code == 200


def test_no_url_is_logged(script: Script, caplog: pytest.LogCaptureFixture) -> None:
    """The URL of a webhook is a secret, and httpx would log it."""
    caplog.set_level(logging.DEBUG)

    with client(script.url, 5) as http:
        http.post(f"{script.url}/hooks/canary", content=b"x")

    assert "canary" not in caplog.text


def test_a_host_that_cannot_be_one_is_a_wrong_configuration() -> None:
    """The message holds no URL: it may be a webhook's."""
    with pytest.raises(ConfigError, match=r"check tenant.url") as caught:
        client("https://999.1.1.1", 5)

    assert "999" not in str(caught.value)


def test_the_machines_certificates_are_trusted(secure: Script) -> None:
    with client(secure.url, 5) as http:
        assert http.get(secure.url + AT).json() == {"data": []}


def test_no_other_certificate_is_trusted(pem: Path) -> None:
    with (
        serve(pem) as script,
        client(script.url, 5) as http,
        pytest.raises(httpx.ConnectError, match="certificate verify failed"),
    ):
        http.get(script.url + AT)

    assert script.requests == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_passes_what_it_cannot_read(
    secure: Script, pem: Path, scheme: str
) -> None:
    """One tunnel for two requests; the proxy is told its own password, and no key."""
    with proxy.serve(pem if scheme == "https" else None) as served:
        through = f"{scheme}://user:p%40ss@localhost:{served.port}"
        with client(secure.url, 5, through) as http:
            for _ in range(2):
                http.get(secure.url + AT, headers={"Authorization": "Bearer canary"})

    ((place, headers),) = served.tunnels
    assert secure.url == f"https://{place}"
    assert headers["Proxy-Authorization"] == "Basic dXNlcjpwQHNz"
    assert "canary" not in str(headers)
    assert [h["Authorization"] for _, _, h in secure.requests] == ["Bearer canary"] * 2
