"""Whether an address is this machine's own: plain http is for those only."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether *host* is a loopback address, or the name of one."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
