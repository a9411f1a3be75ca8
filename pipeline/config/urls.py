"""Loopback addresses, which are the only ones that plain http is allowed for."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether *host* is a loopback address, or the name of one."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
