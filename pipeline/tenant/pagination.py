"""From one page to the next: on the tenant's own origin, and not for ever."""

import time
from collections.abc import Collection, Hashable, Iterable
from operator import attrgetter
from typing import Any, Generic, TypeVar
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import msgspec

from pipeline.tenant.responses import one_line

# An empty page may have a next link; a tenant that goes on like that may not. The same
# is true of pages whose records were all listed before: some come twice if others are
# added meanwhile.
MAX_EMPTY_PAGES = 20
MAX_REPEATED_PAGES = 3

# Far above any tenant: 10,000 automations, or a run of one of them each two seconds for
# as long as runs are listed. Records of a listing are in memory.
MAX_PAGES = 20_000
MAX_RECORDS = 1_500_000
MAX_SECONDS = 4 * 3600

# What a path and a query may hold as it is (RFC 3986), and what is encoded already.
_UNCHANGED = "%/?:@!$&'()*+,;=~"

_PORTS = {"http": 80, "https": 443}

_ID = attrgetter("id")

_R = TypeVar("_R")


class Link(msgspec.Struct):
    """One of a page's links."""

    href: str | None = None


class Links(msgspec.Struct):
    """A page's links; only the next one is followed."""

    next: Link | str | None = None


class Page(msgspec.Struct, Generic[_R]):
    """One page of a listing; Go writes null for an empty list."""

    data: list[_R] | None
    links: Links | None = None

    @property
    def records(self) -> list[_R]:
        """The records, none if the list is null."""
        return self.data or []

    @property
    def href(self) -> str | None:
        """The link to the next page; None or empty on the last one."""
        link = self.links.next if self.links else None
        return link.href if isinstance(link, Link) else link


class PaginationGuard:
    """Notes the pages of one listing as they are read, so that they end."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._before: list[Any] = []
        self._keys: set[Hashable] = set()
        self._empty = self._repeated = self._records = 0
        self._began = time.monotonic()

    def refusal(self, target: str, records: list[Any], following: str) -> str | None:
        """Why the page *following* may not be asked for, after *target*'s records.

        It was read before; or there was a run of empty pages, or of pages that brought
        nothing new; or the listing is larger than any can be, or takes too long.
        """
        self._seen.add(target)
        self._count(records)
        repeats = bool(records) and records == self._before
        self._before = records
        if repeats or following in self._seen or self._repeated > MAX_REPEATED_PAGES:
            return "they repeat: the tenant's pages do not end"
        if self._empty > MAX_EMPTY_PAGES:
            return "they are empty: the tenant's pages do not end"
        if len(self._seen) >= MAX_PAGES or self._records > MAX_RECORDS:
            return (
                f"{len(self._seen):,} with {self._records:,} records were read:"
                " the tenant's pages do not end"
            )
        if time.monotonic() - self._began > MAX_SECONDS:
            hours = MAX_SECONDS // 3600
            return f"they took more than {hours} hours: the tenant's pages do not end"
        return None

    def _count(self, records: list[Any]) -> None:
        known = len(self._keys)
        self._keys.update(_keys(records))
        brings_nothing = bool(records) and len(self._keys) == known
        self._repeated = self._repeated + 1 if brings_nothing else 0
        self._empty = 0 if records else self._empty + 1
        self._records += len(records)


def _keys(records: list[Any]) -> Iterable[Hashable]:
    """What tells the records of a page from others: their ids, if they have any."""
    if records and getattr(records[0], "id", None):
        return map(_ID, records)
    return (hash(repr(one)) for one in records)


class OtherOriginError(ValueError):
    """A link that leads to *origin*, which is not asked."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"leads to {origin}, which is not asked")


def resolve(
    base: str, target: str, href: str, names: Collection[str] = frozenset()
) -> str:
    """The path and query that *href*, found on the page *target*, leads to.

    They are asked for at *base* also if the link has another scheme, or one of the
    tenant's other host *names*: the key goes to *base* and nowhere else.

    Raises:
        OtherOriginError: It leads to another origin.
        ValueError: It is not a URL.
    """
    if href.startswith(f"{base}/"):
        href = href.removeprefix(base)  # what is left needs no look at its origin
        return quote(href.partition("#")[0], safe=_UNCHANGED)
    parts = urlsplit(urljoin(base + target, href))
    if "@" in parts.netloc or not _is_own(parts, urlsplit(base), names):
        origin = one_line(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")
        raise OtherOriginError(origin)
    path = quote(parts.path or "/", safe=_UNCHANGED)
    query = quote(parts.query, safe=_UNCHANGED)
    return f"{path}?{query}" if query else path


def _is_own(link: SplitResult, base: SplitResult, names: Collection[str]) -> bool:
    """Whether *link* is of the tenant: its origin, or a name of it on a usual port."""
    if _origin(link) == _origin(base):
        return True
    is_usual = (link.port or _PORTS.get(link.scheme)) == _PORTS.get(link.scheme, 0)
    if not is_usual:
        return False
    base_is_usual = (base.port or _PORTS.get(base.scheme)) == _PORTS.get(base.scheme)
    host = (link.hostname or "").rstrip(".")
    return host in names or (base_is_usual and host == base.hostname)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
