"""What an endpoint knows of a request: world, options, caller and query."""

import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import Any, TypeVar

from pipeline.sandbox.api.errors import StatusError, bad_request
from pipeline.sandbox.api.pagination import Listing, link, seal, unseal
from pipeline.sandbox.api.tenant_options import Options
from pipeline.sandbox.world.automations import Automation
from pipeline.sandbox.world.population import User
from pipeline.sandbox.world.runs import Run
from pipeline.sandbox.world.world import World

T = TypeVar("T")

_CACHED = 64
_LAST_LINKS: dict[str, dict[str, Any]] = {
    "null": {"next": None},
    "empty": {"next": {"href": ""}},
    "missing": {},
}


@dataclass(slots=True)
class ListingCache:
    """The listings that were sorted last: the next page needs no new sort."""

    _listings: OrderedDict[tuple[object, ...], Listing[Run]] = field(
        default_factory=OrderedDict
    )
    _lock: Lock = field(default_factory=Lock)

    def get(
        self, key: tuple[object, ...], make: Callable[[], Listing[Run]]
    ) -> Listing[Run]:
        """The cached listing of *key*, or the one that *make* returns."""
        with self._lock:
            listing = self._listings.get(key)
        if listing is None:
            listing = make()
            with self._lock:
                self._listings[key] = listing
                while len(self._listings) > _CACHED:
                    self._listings.popitem(last=False)
        return listing


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request to an endpoint; the clock of *world* does not move meanwhile."""

    world: World
    options: Options
    base: str
    path: str
    query: dict[str, str]
    caller: User
    is_admin: bool
    cache: ListingCache

    @property
    def now(self) -> int:
        """The tenant's clock, in seconds since the epoch."""
        return self.world.second

    def require_admin(self) -> None:
        """Answer 403 to a caller who is not an admin."""
        if not self.is_admin:
            raise StatusError(HTTPStatus.FORBIDDEN, "TenantAdmin is required")

    def automation(self, identity: str) -> Automation:
        """The automation with this id, if it exists and the caller may see it."""
        for automation in self.world.all_automations:
            if automation.id == identity and self.world.exists(automation):
                if self.is_admin or self.owns(automation):
                    return automation
                raise StatusError(HTTPStatus.FORBIDDEN, "not yours")
        raise StatusError(HTTPStatus.NOT_FOUND, f"no such automation: {identity}")

    def owns(self, automation: Automation) -> bool:
        """Whether the caller is the owner of *automation*."""
        return self.world.owner_now(automation) == self.caller.id

    def page(
        self,
        listing: Listing[T],
        count: int,
        record: Callable[[T], object],
    ) -> dict[str, Any]:
        """The page that the query's cursor asks for, with a link to the next one."""
        cursor = self.query.get("cursor")
        key = None if cursor is None else unseal(self.scope(), cursor)
        items, last = listing.after(key, count)
        if last is None:
            links = self._last_links()
        else:
            href = link(
                self._origin(), self.path, self.query, cursor=seal(self.scope(), last)
            )
            links = {"next": {"href": href}, "prev": None}
        return {"data": [record(item) for item in items], "links": links}

    def token_page(
        self,
        listing: Listing[T],
        count: int,
        record: Callable[[T], object],
    ) -> dict[str, Any]:
        """A page of a listing whose links carry `next` and `prev` tokens."""
        scope, query = self.scope(), self.query
        if "next" in query and "prev" in query:
            raise bad_request("next and prev exclude each other")
        links: dict[str, Any] = {"self": {"href": link(self.base, self.path, query)}}
        if "prev" in query:
            items, first = listing.before(unseal(scope, query["prev"]), count)
            last = listing.key_of(items[-1]) if items else None
        else:
            key = unseal(scope, query["next"]) if "next" in query else None
            items, last = listing.after(key, count)
            first = listing.key_of(items[0]) if items and key else None
        for name, edge in (("next", last), ("prev", first)):
            if edge is not None:
                token = {name: seal(scope, edge)}
                href = link(self._origin(), self.path, query, **token)
                links[name] = {"href": href}
        return {"data": [record(item) for item in items], "links": links}

    def scope(self) -> str:
        """What a cursor is valid for: the path, and the query that filters or sorts."""
        parameters = {
            name: value
            for name, value in sorted(self.query.items())
            if name not in ("cursor", "next", "prev", "limit")
        }
        return f"{self.path}?{parameters}"

    def _origin(self) -> str:
        return self.base if self.options.links == "absolute" else ""

    def _last_links(self) -> dict[str, Any]:
        kind = self.options.last_link
        if kind != "mixed":
            return _LAST_LINKS[kind]
        kinds = (*_LAST_LINKS.values(), {"next": {"href": None}})
        return kinds[zlib.crc32(self.path.encode()) % len(kinds)]
