"""The proxy on the way to a URL: what the environment says, read as httpx reads it.

`HTTPS_PROXY`, or else `ALL_PROXY`; `NO_PROXY` lists hosts that are reached directly. A
variable in lowercase outranks the same one in uppercase. Loopback addresses never have
a proxy, and plain http is for them only: `HTTP_PROXY` is not read.
"""

import ipaddress
from collections.abc import Mapping
from importlib.util import find_spec
from urllib.parse import SplitResult, urlsplit

from pipeline.config.secrets import Env
from pipeline.config.urls import is_loopback
from pipeline.errors import ConfigError

# The package that a scheme needs beside httpx.
_PACKAGES = {"http": None, "https": None, "socks5": "socksio", "socks5h": "socksio"}

_WHERE = "the proxy of HTTPS_PROXY or ALL_PROXY"
_PORTS = {"http": 80, "https": 443}


def proxy_for(url: str, env: Env) -> str | None:
    """The URL of the proxy between this machine and *url*; None if there is none.

    It may hold a user and a password. Without *env* nobody is spoken to.
    """
    parts = urlsplit(url)
    if env is None or is_loopback(parts.hostname or ""):
        return None
    excluded = _variable(env, "no_proxy").split(",")
    if any(_excludes(entry.strip(), parts) for entry in excluded):
        return None
    found = _variable(env, "https_proxy") or _variable(env, "all_proxy")
    if not found:
        return None
    return found if "://" in found else f"http://{found}"


def check(proxy: str | None) -> None:
    """Accept a *proxy* that this installation can speak to.

    Raises:
        ConfigError: It is not a URL, or its scheme is unknown or needs a package that
            is not installed. The message does not repeat the URL.
    """
    if proxy is None:
        return
    try:
        parts = urlsplit(proxy)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        raise ConfigError(f"{_WHERE} is not a URL\nset it like http://proxy:3128")
    if parts.scheme not in _PACKAGES:
        known = ", ".join(_PACKAGES)
        raise ConfigError(f"{_WHERE}: its scheme is unknown\nset one of {known}")
    package = _PACKAGES[parts.scheme]
    if package and find_spec(package) is None:
        raise ConfigError(
            f"{_WHERE}: {parts.scheme} needs the package {package}, which is not"
            f" installed\ninstall {package}, or set an http proxy"
        )


def _variable(env: Mapping[str, str], name: str) -> str:
    return env.get(name, env.get(name.upper(), ""))


def _excludes(entry: str, url: SplitResult) -> bool:
    """Whether an *entry* of `NO_PROXY` means the host of *url*.

    `example.com` includes its subdomains, `.example.com` means them only; an entry with
    a scheme, `https://example.com`, means just that host unless it has a `*`.
    """
    if entry in {"", "*"}:
        return bool(entry)
    scheme, separator, place = entry.rpartition("://")
    try:
        pattern = urlsplit(f"//{place if separator else _pattern(place)}")
        port = None if pattern.port == _PORTS.get(scheme) else pattern.port
    except ValueError:
        return False
    url_port = None if url.port == _PORTS[url.scheme] else url.port
    return (
        scheme in {"", "all", url.scheme}
        and port in {None, url_port}
        and _matches(pattern.hostname or "", url.hostname or "")
    )


def _pattern(place: str) -> str:
    """A bare host as a pattern: names include their subdomains, addresses do not."""
    try:
        address = ipaddress.ip_address(place.split("/", maxsplit=1)[0])
    except ValueError:
        return place if place.lower() == "localhost" else f"*{place}"
    return f"[{address}]" if address.version == 6 else place  # noqa: PLR2004


def _matches(pattern: str, host: str) -> bool:
    if pattern in {"", "*"}:
        return True
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    if pattern.startswith("*"):
        return host == pattern[1:] or host.endswith(f".{pattern[1:]}")
    return host == pattern
