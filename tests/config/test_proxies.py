"""Which proxy is on the way: as httpx reads the environment, and usable or refused."""

import os
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from httpx._utils import URLPattern, get_environment_proxies

from pipeline.config import load, proxies
from pipeline.config.proxies import proxy_for
from pipeline.errors import ConfigError

URLS = [
    "https://acme.eu.qlikcloud.com",
    "https://qlikcloud.com",
    "https://notqlikcloud.com",
    "https://acme.eu.qlikcloud.com:8443",
    "https://10.1.2.3",
    "https://[2001:db8::7]",
]
DIRECT = [
    "",
    "*",
    "other.com, *",
    "qlikcloud.com",
    ".qlikcloud.com",
    "*.qlikcloud.com",
    "QlikCloud.com",
    "acme.eu.qlikcloud.com",
    "cloud.com",
    " other.com , eu.qlikcloud.com ",
    "eu.qlikcloud.com:8443",
    "eu.qlikcloud.com:443",
    "https://acme.eu.qlikcloud.com",
    "https://qlikcloud.com:443",
    "https://*.qlikcloud.com",
    "http://*qlikcloud.com",
    "all://*qlikcloud.com",
    "10.1.2.3",
    "10.0.0.0/8",
    "2001:db8::7",
    "localhost",
    ",,",
]


def by_httpx(url: str) -> str | None:
    """What a client of httpx would do with *url* in this environment."""
    found = get_environment_proxies().items()
    mounts = sorted((URLPattern(pattern), proxy) for pattern, proxy in found)
    asked = httpx.URL(url)
    return next((proxy for pattern, proxy in mounts if pattern.matches(asked)), None)


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any proxy."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.parametrize("excluded", DIRECT)
def test_hosts_without_a_proxy_are_those_of_httpx(
    clean: pytest.MonkeyPatch, excluded: str
) -> None:
    clean.setenv("HTTPS_PROXY", "http://proxy:3128")
    clean.setenv("NO_PROXY", excluded)

    found = {url: proxy_for(url, os.environ) for url in URLS}

    assert found == {url: by_httpx(url) for url in URLS}


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"HTTPS_PROXY": "http://one:1"},
        {"https_proxy": "http://one:1", "HTTPS_PROXY": "http://two:2"},
        {"https_proxy": "", "HTTPS_PROXY": "http://two:2"},
        {"ALL_PROXY": "socks5://one:1"},
        {"all_proxy": "socks5h://u:p@one:1", "HTTPS_PROXY": "http://two:2"},
        {"HTTP_PROXY": "http://one:1"},
        {"HTTPS_PROXY": "one:1"},
        {"HTTPS_PROXY": "http://one:1", "no_proxy": "", "NO_PROXY": "*"},
        {"HTTPS_PROXY": "http://one:1", "no_proxy": "qlikcloud.com", "NO_PROXY": ""},
    ],
    ids=str,
)
def test_the_proxy_is_that_of_httpx(
    clean: pytest.MonkeyPatch, env: dict[str, str]
) -> None:
    for name, value in env.items():
        clean.setenv(name, value)

    found = {url: proxy_for(url, env) for url in URLS}

    assert found == {url: by_httpx(url) for url in URLS}


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "[::1]", "localhost"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_loopback_has_no_proxy(scheme: str, host: str) -> None:
    env = dict.fromkeys(("HTTPS_PROXY", "ALL_PROXY"), "http://proxy:3128")

    assert proxy_for(f"{scheme}://{host}", env) is None


@pytest.mark.parametrize("entry", ["[::1", "host:port", "https://["])
def test_an_entry_that_is_none_excludes_nothing(entry: str) -> None:
    env = {"ALL_PROXY": "proxy:3128", "NO_PROXY": entry}

    assert proxy_for("https://acme.eu.qlikcloud.com", env) == "http://proxy:3128"


def test_tenant_and_webhook_each_have_their_way(tmp_path: Path) -> None:
    path = tmp_path / "chargeback.toml"
    path.write_text(
        '[[tenant]]\nname = "a"\nurl = "https://a.example"\napi_key = "env:KEY"\n'
        '[mail]\nhost = "localhost"\nfrom = "a@example.com"\n'
        'recipients = ["b@example.com"]\nwebhook = "env:HOOK"\n'
    )
    env = {
        "KEY": "the-key",
        "HOOK": "https://chat.example/hook",
        "ALL_PROXY": "http://user:canary@proxy:3128",
        "NO_PROXY": "a.example",
    }

    settings = load(path, env)

    assert settings.mail is not None
    assert settings.tenants[0].proxy is None
    assert settings.mail.webhook_proxy == "http://user:canary@proxy:3128"
    assert "canary" not in repr(settings)


@pytest.mark.parametrize("url", [None, "http://one:1", "https://u:p@one", "HTTP://one"])
def test_a_proxy_that_can_be_spoken_to_is_accepted(url: str | None) -> None:
    proxies.check(url)


@pytest.mark.skipif(find_spec("socksio") is not None, reason="socksio is installed")
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_proxy_that_needs_a_package_names_it(scheme: str) -> None:
    with pytest.raises(ConfigError, match=rf"{scheme} needs .* socksio.*\n") as caught:
        proxies.check(f"{scheme}://user:canary@proxy")

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://canary", "scheme is unknown\nset one of http, https, socks5"),
        ("http://", "not a URL"),
        ("http://canary:port", "not a URL"),
        ("http://[canary", "not a URL"),
    ],
)
def test_a_proxy_that_is_none_is_refused(url: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        proxies.check(url)

    assert "canary" not in str(caught.value)
