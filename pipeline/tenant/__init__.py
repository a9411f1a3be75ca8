"""The tenant API: authentication, pace, retries, pages. Nothing else."""

import logging
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec
import polars as pl

from pipeline.config import Extract, TenantAccess
from pipeline.endpoints import Endpoint, Record
from pipeline.endpoints.times import LATEST
from pipeline.errors import TenantError
from pipeline.tenant import quarantine
from pipeline.tenant.failures import (
    OTHER_ORIGIN,
    BadRequestError,
    ForbiddenError,
    Found,
    InvalidPageError,
    NotFoundError,
    UnreachableError,
    log_retry,
)
from pipeline.tenant.invalid import (
    NOTHING_KEPT,
    invalid_page,
    invalid_records,
    invalid_rows,
    salvaged_page,
)
from pipeline.tenant.pagination import OtherOriginError, Page, PaginationGuard
from pipeline.tenant.quarantine import Salvaged, as_word
from pipeline.tenant.responses import decode, generic
from pipeline.tenant.session import Session
from pipeline.tenant.transport import Trust

__all__ = [
    "BadRequestError",
    "ForbiddenError",
    "Found",
    "InvalidPageError",
    "NotFoundError",
    "Tenant",
    "UnreachableError",
    "as_word",
    "invalid_rows",
    "log_retry",
    "tenants_of",
]

log = logging.getLogger(__name__)

_R = TypeVar("_R", bound=Record)

# What is done with records that are not as documented, all of a page at once.
OnOdd = Callable[[InvalidPageError], None]

# What limits of pages are multiples of.
_ROUND = 10


class Tenant(Session):
    """One tenant, spoken to over HTTP by any number of threads.

    Every request goes to the tenant's own origin, at one pace, with retries on 429,
    5xx, cut connections and bodies that are no JSON.
    """

    def __init__(
        self,
        access: TenantAccess,
        limits: Extract,
        trust: Trust = None,
    ) -> None:
        super().__init__(access, limits, trust)
        # A later time of a record counts as not set.
        self.latest = LATEST
        self._odd_times: set[tuple[str, str]] = set()

    def pages(
        self,
        endpoint: Endpoint,
        parent: str = "",
        params: Mapping[str, str] | None = None,
        on_odd: OnOdd | None = None,
    ) -> Iterator[pl.DataFrame]:
        """The rows of *endpoint*, a page at a time, in the tenant's order.

        Raises:
            TenantError: As `records`.
        """
        for records in self.records(endpoint, parent, params, on_odd):
            yield self.rows(endpoint, endpoint.raw_columns([records], parent))

    def rows(self, endpoint: Endpoint, raw: pl.DataFrame) -> pl.DataFrame:
        """Rows of the table, made of the `raw_columns` of pages of a listing.

        The first time that is no plausible time is a warning, for each field.
        """
        rows = endpoint.rows(raw, self.latest)
        for field, text in endpoint.unset_times(raw, rows).items():
            if (endpoint.path, field) not in self._odd_times:
                self._odd_times.add((endpoint.path, field))
                log.warning(
                    "tenant %s: %s: %r as %s counts as not set, like all others"
                    " that are no plausible time",
                    *(self.name, endpoint.path, self._clean(text), field),
                )
        return rows

    def records(
        self,
        endpoint: Endpoint,
        parent: str = "",
        params: Mapping[str, str] | None = None,
        on_odd: OnOdd | None = None,
    ) -> Iterator[list[Any]]:
        """The records of *endpoint*, a page at a time, in the tenant's order.

        Records that are not as documented are handed to *on_odd*, all of a page at
        once, and the others are returned; without it they are an error.

        Ends by construction: a link that was followed before, a link to another
        origin, and a run of empty pages are errors. A full page that says it is the
        last one is asked for again: it may have lost its link on the way. Where no
        size was asked for, one of a round number of records is taken for full.

        Raises:
            NotFoundError: The tenant answered 404.
            BadRequestError: The tenant answered 400.
            InvalidPageError: A page is not as documented.
            TenantError: The tenant refused, or kept failing.
        """
        target: str | None = _first(endpoint, parent, params or {})
        guard = PaginationGuard()
        while target is not None:
            page, size = self._page(target, endpoint, on_odd)
            yield page.records
            following = self._next(target, page)
            if following is None and _may_be_full(size, endpoint.page_size):
                second, _ = self._page(target, endpoint, on_odd)
                if second.records != page.records:
                    yield second.records
                following = self._next(target, second)
            if following:
                refusal = guard.refusal(target, page.records, following)
                if refusal:
                    raise self._unfollowed(target, refusal)
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
                found = Found(ids=(as_word(" ".join(ids.values())),) if ids else ())
                raise invalid_page(self, target, exc, kept, found) from exc

        return self.get(target, read, path)

    def _page(
        self, target: str, endpoint: Endpoint, on_odd: OnOdd | None
    ) -> tuple[Page[Any], int]:
        """The page at *target* without invalid records, and its size with them."""

        def read(body: bytes) -> Page[Any] | Salvaged[Any]:
            try:
                return decode(body, _decoder(endpoint.record))
            except msgspec.ValidationError:
                # If the JSON is cut short, that is why the record looked odd.
                return salvaged_page(self, target, body, endpoint.record)

        answer = self.get(target, read, endpoint.path)
        if isinstance(answer, Page):
            return answer, len(answer.records)
        error = invalid_records(self, target, answer, endpoint.record)
        if on_odd is None:
            raise error
        on_odd(error)
        return answer.page, len(answer.page.records) + len(answer.invalid)

    def _next(self, target: str, page: Page[Any]) -> str | None:
        """Where the next page is; the key rides along, so only on this origin."""
        if not page.href:
            return None
        try:
            return self.names.resolve(target, page.href)
        except OtherOriginError as exc:
            what = f"its next link {exc}"
            raise self.error(f"GET {target}", what, OTHER_ORIGIN) from None
        except ValueError as exc:
            raise self._unfollowed(target, f"its next link {exc}") from None

    def _unfollowed(self, target: str, what: str) -> TenantError:
        return self.error(f"GET {target}", what, NOTHING_KEPT)


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


def tenants_of(accesses: Sequence[TenantAccess], limits: Extract) -> list[Tenant]:
    """The tenants of *accesses*, each with a pace of its own."""
    is_secure = any(one.url.startswith("https") for one in accesses)
    trust = ssl.create_default_context() if is_secure else None
    return [Tenant(one, limits, trust) for one in accesses]
