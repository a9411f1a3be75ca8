"""Hosts: which is which, and which are loopback, the only ones for plain http."""

import ipaddress
from urllib.parse import urlsplit

_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> str:
    """The host of *url* and its port, spelled in one way only."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or _PORTS.get(parts.scheme)
    return host if port == _PORTS["https"] else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether *host* is a loopback address, or the name of one."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
