"""The tenant API: authentication, pace, retries, pages. Nothing else."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec
import polars as pl

from pipeline.endpoints import Endpoint, Record
from pipeline.errors import TenantError
from pipeline.tenant import quarantine
from pipeline.tenant.failures import (
    BadRequestError,
    ForbiddenError,
    InvalidPageError,
    NotFoundError,
    log_retry,
)
from pipeline.tenant.pagination import Page, PaginationGuard, resolve
from pipeline.tenant.responses import clean, decode, generic
from pipeline.tenant.session import Session

__all__ = [
    "BadRequestError",
    "ForbiddenError",
    "InvalidPageError",
    "NotFoundError",
    "Tenant",
    "log_retry",
]

_R = TypeVar("_R", bound=Record)

# What limits of pages are multiples of.
_ROUND = 10

_NOTHING_KEPT = "nothing of this listing was kept"


class Tenant(Session):
    """One tenant, spoken to over HTTP by any number of threads.

    Every request goes to the tenant's own origin, at one pace, with retries on 429,
    5xx, cut connections and bodies that are no JSON.
    """

    def pages(
        self,
        endpoint: Endpoint,
        parent: str = "",
        params: Mapping[str, str] | None = None,
    ) -> Iterator[pl.DataFrame]:
        """The rows of *endpoint*, a page at a time, in the tenant's order.

        Raises:
            TenantError: As `records`.
        """
        for records in self.records(endpoint, parent, params):
            yield self.rows(endpoint, endpoint.texts([records], parent), parent)

    def rows(
        self, endpoint: Endpoint, texts: pl.DataFrame, parent: str
    ) -> pl.DataFrame:
        """Rows of the table, of the `texts` of one or more pages of a listing.

        Raises:
            InvalidPageError: A time of a record is not a time.
        """
        try:
            return endpoint.rows(texts)
        except TenantError as exc:
            kept = msgspec.json.encode({"data": endpoint.written(texts)})
            target = _first(endpoint, parent, {})
            raise self._invalid(target, exc, kept) from None  # it quotes the tenant

    def records(
        self,
        endpoint: Endpoint,
        parent: str = "",
        params: Mapping[str, str] | None = None,
    ) -> Iterator[list[Any]]:
        """The records of *endpoint*, a page at a time, in the tenant's order.

        Ends by construction: a link that was followed before, a link to another
        origin, and a run of empty pages are errors. A full page that says it is the
        last one is asked for again: it may have lost its link on the way. Where no
        size was asked for, one of a round number of records is taken for full.

        Raises:
            NotFoundError: The tenant answered 404.
            BadRequestError: The tenant answered 400.
            InvalidPageError: A record is not as documented.
            TenantError: The tenant refused, or kept failing.
        """
        decoder = _decoder(endpoint.record)
        target: str | None = _first(endpoint, parent, params or {})
        guard = PaginationGuard()
        while target is not None:
            page = self._page(target, endpoint, decoder)
            yield page.data
            following = self._next(target, page)
            if following is None and _may_be_full(len(page.data), endpoint.page_size):
                second = self._page(target, endpoint, decoder)
                if second.data != page.data:
                    yield second.data
                following = self._next(target, second)
            if following and not guard.allows(target, page.data, following):
                raise self._unfollowed(target, "the tenant's pages do not end")
            target = following

    def one(self, path: str, record: type[_R], **ids: str) -> _R:
        """The record at *path*, with *ids* in it encoded.

        Raises:
            InvalidPageError: It is not as documented.
            TenantError: The tenant refused, or kept failing.
        """
        encoded = {name: quote(value, safe="") for name, value in ids.items()}
        target = path.format(**encoded)
        decoder = msgspec.json.Decoder(record, strict=False)

        def read(body: bytes) -> _R:
            try:
                return decode(body, decoder)
            except msgspec.ValidationError as exc:
                kept = quarantine.redacted([generic(body)], record)
                raise self._invalid(target, exc, kept) from exc

        return self.get(target, read, path)

    def _page(
        self, target: str, endpoint: Endpoint, decoder: msgspec.json.Decoder[Page[Any]]
    ) -> Page[Any]:
        def read(body: bytes) -> Page[Any]:
            try:
                return decode(body, decoder)
            except msgspec.ValidationError as exc:
                # If the JSON is cut short, that is why the record looked odd.
                kept = quarantine.redacted(generic(body), endpoint.record)
                raise self._invalid(target, exc, kept) from exc

        return self.get(target, read, endpoint.path)

    def _next(self, target: str, page: Page[Any]) -> str | None:
        """Where the next page is; the key rides along, so only on this origin."""
        if not page.href:
            return None
        try:
            return resolve(self._base, target, page.href)
        except ValueError as exc:
            raise self._unfollowed(target, f"its next link {exc}") from None

    def _unfollowed(self, target: str, what: str) -> TenantError:
        return self.error(f"GET {target}", what, _NOTHING_KEPT)

    def _invalid(self, target: str, exc: Exception, kept: bytes) -> InvalidPageError:
        remedy = f"the answer is not what is documented; {_NOTHING_KEPT}"
        return InvalidPageError(
            self.message(f"GET {target}", exc, remedy),
            request=clean(self._auth.redact(target)),
            place=quarantine.place(exc),
            kept=self._auth.redact(kept.decode()).encode(),
        )


def _may_be_full(records: int, page_size: int | None) -> bool:
    if page_size is None:
        return records > 0 and records % _ROUND == 0
    return records == page_size


@cache
def _decoder(record: type[Record]) -> msgspec.json.Decoder[Page[Any]]:
    return msgspec.json.Decoder(Page[record], strict=False)  # type: ignore[valid-type]


def _first(endpoint: Endpoint, parent: str, params: Mapping[str, str]) -> str:
    """Path and query of the first page."""
    query = dict(params)
    if endpoint.page_size is not None:
        query["limit"] = str(endpoint.page_size)
    path = endpoint.path.format(parent=quote(parent, safe=""))
    return f"{path}?{urlencode(query, quote_via=quote)}" if query else path
