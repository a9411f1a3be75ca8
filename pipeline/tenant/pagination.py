"""From one page to the next: on the tenant's own origin, and not for ever."""

from typing import Any, Generic, TypeVar
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import msgspec

from pipeline.tenant.responses import clean

# An empty page may have a next link; a tenant that goes on like that may not.
_MAX_EMPTY_PAGES = 20

# What a path and a query may hold as it is (RFC 3986), and what is encoded already.
_UNCHANGED = "%/?:@!$&'()*+,;=~"

_PORTS = {"http": 80, "https": 443}

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
        self._empty = 0

    def allows(self, target: str, records: list[Any], following: str | None) -> bool:
        """Whether the page *following* may be asked for, after *target*'s records.

        False if it was read before, after a run of empty pages, and if the last two
        pages were the same one.
        """
        self._seen.add(target)
        self._empty = 0 if records else self._empty + 1
        repeats = bool(records) and records == self._before
        self._before = records
        return not (
            following in self._seen or self._empty > _MAX_EMPTY_PAGES or repeats
        )


def resolve(base: str, target: str, href: str) -> str:
    """The path and query that *href*, found on the page *target*, leads to.

    Raises:
        ValueError: It leads off the origin of *base*, or is not a URL.
    """
    if href.startswith(f"{base}/"):
        href = href.removeprefix(base)  # what is left needs no look at its origin
        return quote(href.partition("#")[0], safe=_UNCHANGED)
    parts = urlsplit(urljoin(base + target, href))
    if _origin(parts) != _origin(urlsplit(base)) or "@" in parts.netloc:
        where = f"{clean(parts.scheme)}://{clean(parts.netloc.rpartition('@')[2])}"
        raise ValueError(f"leads to {where}, which is not asked")
    path = quote(parts.path or "/", safe=_UNCHANGED)
    query = quote(parts.query, safe=_UNCHANGED)
    return f"{path}?{query}" if query else path


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
