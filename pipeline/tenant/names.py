"""The other hosts of a tenant: a link to one of them is asked for at its url."""

import threading
from collections.abc import Callable

import httpx
import msgspec

from pipeline.errors import TenantError
from pipeline.tenant.pagination import OtherOriginError, resolve
from pipeline.tenant.responses import decode

_PATH = "/api/v1/tenants/me"


class _Tenant(msgspec.Struct):
    hostnames: list[str] | None = None


class Names:
    """The names of the tenant at *base*, which *fetch* reads from a path of it.

    They are asked for once, when a link leads to another host, and only if
    *are_looked_up*; *known* are those that were found, in lower case.
    """

    def __init__(self, base: str, fetch: Callable[[str, str], bytes]) -> None:
        self.known: frozenset[str] = frozenset()
        self.are_looked_up = False
        self._base = base
        self._fetch = fetch
        self._lock = threading.RLock()  # a redirect while they are asked for

    def resolve(self, target: str, href: str) -> str:
        """The path and query at *base* that *href*, found on *target*, leads to.

        Raises:
            OtherOriginError: It leads to a host that is none of the tenant's.
            ValueError: It is not a URL.
        """
        try:
            return resolve(self._base, target, href, self.known)
        except OtherOriginError:
            with self._lock:
                if self.are_looked_up:
                    self.are_looked_up = False
                    self.known = self._asked()
        return resolve(self._base, target, href, self.known)

    def _asked(self) -> frozenset[str]:
        """The names, or none if the tenant does not tell them."""
        try:
            body = self._fetch(_PATH, _PATH)
            found = decode(body, msgspec.json.Decoder(_Tenant))
        except (httpx.HTTPError, msgspec.ValidationError, TenantError):
            return frozenset()
        return frozenset(name.lower() for name in found.hostnames or ())
