"""Hosts: which is which, and which are loopback, the only ones for plain http."""

import ipaddress
import re
from urllib.parse import urlsplit

from pipeline.errors import ConfigError

_LONGEST = 253
# Some write an underscore, which DNS has no rule against.
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> str:
    """The host of *url* and its port, spelled in one way only."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or _PORTS.get(parts.scheme)
    return host if port == _PORTS["https"] else f"{host}:{port}"


def is_host(host: str) -> bool:
    """Whether *host* is an address, or a name as DNS has them, which may be asked for.

    Names of other alphabets are names in ASCII, by the rules of IDNA.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return True
    try:
        name = host.encode("idna").decode("ascii")
        name.encode("ascii").decode("idna")
    except UnicodeError:
        return False
    labels = name.removesuffix(".").split(".")
    # What ends in a number would be an address, but is none.
    is_number = bool(_NUMBER.fullmatch(labels[-1]))
    is_name = len(name) <= _LONGEST and all(map(_LABEL.fullmatch, labels))
    return is_name and not is_number


def is_url(url: str) -> bool:
    """Whether *url* is one of a host by http or https, as it can be asked for."""
    import httpx  # noqa: PLC0415 (a command line should not wait for it)

    try:
        read, parts = httpx.URL(url), urlsplit(url)
        port = parts.port
    except (httpx.InvalidURL, ValueError):
        return False
    is_known = read.scheme in _PORTS and bool(read.host)
    return is_known and port != 0 and is_host(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether *host* is a loopback address, or the name of one."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_secret_url(where: str, url: str) -> None:
    """Refuse what nobody can post to, or only in plain text; the URL is a secret.

    Raises:
        ConfigError: It is not a URL, or `http` to another host than this machine.
    """
    if not is_url(url) or "@" in (parts := urlsplit(url)).netloc or " " in url:
        raise ConfigError(f"{where}: the secret is not a URL")
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ConfigError(
            f"{where}: the URL must begin with https; http is for loopback addresses"
            " only"
        )
