"""What an endpoint knows of a request: world, options, caller, query; and its pages."""

import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import Any, TypeVar

from pipeline.sandbox.api.options import Options, RefusedError
from pipeline.sandbox.api.pages import Listing, link, seal, unseal
from pipeline.sandbox.world.automations import Automation
from pipeline.sandbox.world.population import User
from pipeline.sandbox.world.runs import Run
from pipeline.sandbox.world.world import World

T = TypeVar("T")

_KEPT = 64
_LAST: dict[str, dict[str, Any]] = {
    "null": {"next": None},
    "empty": {"next": {"href": ""}},
    "missing": {},
}


@dataclass(slots=True)
class Shelf:
    """The listings that were sorted last, for the pages that follow."""

    _listings: OrderedDict[tuple[object, ...], Listing[Run]] = field(
        default_factory=OrderedDict
    )
    _lock: Lock = field(default_factory=Lock)

    def get(
        self, key: tuple[object, ...], make: Callable[[], Listing[Run]]
    ) -> Listing[Run]:
        """The listing of that key, made now if it was not kept."""
        with self._lock:
            kept = self._listings.get(key)
        if kept is None:
            kept = make()
            with self._lock:
                self._listings[key] = kept
                while len(self._listings) > _KEPT:
                    self._listings.popitem(last=False)
        return kept


@dataclass(frozen=True, slots=True)
class Scene:
    """One request on its way to an endpoint; *world* stands still meanwhile."""

    world: World
    options: Options
    base: str
    path: str
    query: dict[str, str]
    caller: User
    is_admin: bool
    shelf: Shelf

    @property
    def now(self) -> int:
        """The tenant's clock, in seconds since the epoch."""
        return self.world.second

    def refuse_others(self) -> None:
        """Answer 403 to a caller who is not an admin."""
        if not self.is_admin:
            raise RefusedError(HTTPStatus.FORBIDDEN, "TenantAdmin is required")

    def automation(self, identity: str) -> Automation:
        """The automation with this id, if it exists and the caller may see it."""
        for automation in self.world.everything:
            if automation.id == identity and self.world.exists(automation):
                if self.is_admin or self.owns(automation):
                    return automation
                raise RefusedError(HTTPStatus.FORBIDDEN, "not yours")
        raise RefusedError(HTTPStatus.NOT_FOUND, f"no such automation: {identity}")

    def owns(self, automation: Automation) -> bool:
        """Whether it is the caller's own."""
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

    def turning_page(
        self,
        listing: Listing[T],
        count: int,
        record: Callable[[T], object],
    ) -> dict[str, Any]:
        """A page of users or spaces, whose links carry tokens of their own."""
        scope, query = self.scope(), self.query
        if "next" in query and "prev" in query:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST, "next and prev exclude each other"
            )
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
        """What a cursor is good for: everything of the query that chooses or sorts."""
        chosen = {
            name: value
            for name, value in sorted(self.query.items())
            if name not in ("cursor", "next", "prev", "limit")
        }
        return f"{self.path}?{chosen}"

    def _origin(self) -> str:
        return self.base if self.options.links == "absolute" else ""

    def _last_links(self) -> dict[str, Any]:
        kind = self.options.last_link
        if kind != "mixed":
            return _LAST[kind]
        kinds = (*_LAST.values(), {"next": {"href": None}})
        return kinds[zlib.crc32(self.path.encode()) % len(kinds)]
