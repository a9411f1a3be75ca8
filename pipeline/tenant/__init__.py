"""The tenant API: authentication, pace, retries, pages. Nothing else."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any, Generic, Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec
import polars as pl
import stamina
from stamina.instrumentation import RetryDetails

from pipeline.config import Extract, TenantAccess
from pipeline.entities import Entity
from pipeline.errors import TenantError
from pipeline.tenant.answers import Malformed, Refused, clean, read
from pipeline.tenant.auth import ApiKey, ClientCredentials
from pipeline.tenant.pace import Pace

log = logging.getLogger(__name__)

# An empty page may have a next link; a tenant that goes on like that may not.
_MAX_EMPTY_PAGES = 20

# A tenant that asks for a longer pause is better tried again another time.
_MAX_PAUSE_SECONDS = 300

_MENDS = {
    400: "the tenant no longer takes this request; look for a newer version",
    401: "the key or client is wrong, expired or revoked",
    403: "the caller needs the role TenantAdmin or AnalyticsAdmin",
    404: "it is not, or no longer, there",
    429: "lower extract.requests_per_minute",
}

_R = TypeVar("_R")


class _Link(msgspec.Struct):
    href: str | None = None


class _Links(msgspec.Struct):
    next: _Link | str | None = None


class _Page(msgspec.Struct, Generic[_R]):
    data: list[_R]
    links: _Links | None = None


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float = 3600


class GoneError(TenantError):
    """What was asked for is not there (404): deleted, or never visible."""


class BadRequestError(TenantError):
    """The tenant does not take the request (400): a filter or sort it does not know."""


_KINDS = {400: BadRequestError, 404: GoneError}


class Tenant:
    """One tenant, spoken to over HTTP by any number of threads.

    Every request goes to the tenant's own origin, at one pace, with retries on 429,
    5xx, cut connections and bodies that are no JSON.
    """

    def __init__(self, access: TenantAccess, limits: Extract) -> None:
        self.name = access.name
        self.requests_sent = 0
        self._limits = limits
        self._pace = Pace(limits.requests_per_minute)
        self._count = threading.Lock()
        self._http = httpx.Client(
            base_url=access.url,
            auth=self._auth(access),
            timeout=limits.timeout_seconds,
            headers={"Accept": "application/json"},
            # Proxies and certificates of the environment are for the world outside;
            # plain http is for loopback only.
            trust_env=access.url.startswith("https:"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def pages(
        self, entity: Entity, parent: str = "", params: Mapping[str, str] | None = None
    ) -> Iterator[pl.DataFrame]:
        """The rows of *entity*, a page at a time, in the tenant's order.

        Ends by construction: a link that was followed before, a link to another
        origin, and a run of empty pages are errors.

        Raises:
            GoneError: The tenant answered 404.
            TenantError: It refused, kept failing, or answered what it may not.
        """
        decoder = msgspec.json.Decoder(_Page[entity.record], strict=False)  # type: ignore[name-defined]
        url: httpx.URL | None = self._first(entity, parent, params or {})
        seen: set[httpx.URL] = set()
        empty = 0
        while url is not None:
            page = self._page(url, decoder)
            yield self._frame(url, entity, page.data, parent)
            seen.add(url)
            empty = 0 if page.data else empty + 1
            following = self._next(url, page.links)
            if following in seen or empty > _MAX_EMPTY_PAGES:
                raise self._error(url, "the tenant's pages do not end")
            url = following

    def _frame(
        self, url: httpx.URL, entity: Entity, records: list[Any], parent: str
    ) -> pl.DataFrame:
        try:
            return entity.frame(records, parent)
        except TenantError as exc:
            raise self._error(url, exc) from exc

    def _first(
        self, entity: Entity, parent: str, params: Mapping[str, str]
    ) -> httpx.URL:
        query = dict(params)
        if entity.page_size is not None:
            query["limit"] = str(entity.page_size)
        path = entity.path.format(parent=quote(parent, safe=""))
        return self._http.base_url.join(path).copy_merge_params(query)

    def _page(self, url: httpx.URL, decoder: msgspec.json.Decoder[Any]) -> Any:
        try:
            return self._get(url, decoder)
        except Refused as exc:
            kind = _KINDS.get(exc.status, TenantError)
            raise self._error(url, exc, _mend(exc), kind) from exc
        except msgspec.ValidationError as exc:
            raise self._error(url, exc, "the answer is not what is documented") from exc
        except (httpx.HTTPError, Malformed) as exc:
            mend = "check the network and the tenant's url, then run again"
            raise self._error(url, exc or type(exc).__name__, mend) from exc

    def _get(self, url: httpx.URL, decoder: msgspec.json.Decoder[Any]) -> Any:
        for attempt in stamina.retry_context(
            on=_is_transient,
            attempts=self._limits.retries + 1,
            timeout=None,
            wait_initial=0.5,
            wait_max=30,
        ):
            with attempt:
                return _decode(self._send("GET", url), decoder)
        raise AssertionError  # stamina re-raises the last failure

    def _send(self, method: str, url: httpx.URL, **form: Any) -> bytes:
        """One request at the tenant's pace; a 429 holds every worker back."""
        self._pace.wait()
        with self._count:
            self.requests_sent += 1
        deadline = time.monotonic() + self._limits.timeout_seconds
        try:
            with self._http.stream(method, url, **form) as response:
                return read(response, deadline)
        except Refused as exc:
            if exc.status == httpx.codes.TOO_MANY_REQUESTS:
                self._pace.pause(min(exc.retry_after or 0, _MAX_PAUSE_SECONDS))
            raise

    def _next(self, url: httpx.URL, links: _Links | None) -> httpx.URL | None:
        """Where the next page is; the key rides along, so only on this origin."""
        link = links.next if links else None
        href = link.href if isinstance(link, _Link) else link
        if not href:
            return None
        try:
            target = url.join(href)
        except httpx.InvalidURL as exc:
            raise self._error(url, "its next link is not a link") from exc
        if _origin(target) != _origin(self._http.base_url) or target.userinfo:
            what = f"its next link leads to {clean(target.host)}, which is not asked"
            raise self._error(url, what)
        return target

    def _auth(self, access: TenantAccess) -> httpx.Auth:
        if access.api_key is not None:
            return ApiKey(access.api_key)
        form = {
            "grant_type": "client_credentials",
            "client_id": access.client_id,
            "client_secret": access.client_secret,
        }
        return ClientCredentials(lambda: self._ask_token(form))

    def _ask_token(self, form: dict[str, str | None]) -> tuple[str, float]:
        decoder = msgspec.json.Decoder(_Token, strict=False)
        url = self._http.base_url.join("/oauth/token")
        body = self._send("POST", url, data=form, auth=None)
        token = _decode(body, decoder)
        return token.access_token, token.expires_in

    def _error(
        self,
        url: httpx.URL,
        what: object,
        mend: str = "nothing of this listing was kept",
        kind: type[TenantError] = TenantError,
    ) -> TenantError:
        request = clean(url.raw_path.decode("ascii"))
        return kind(f"tenant {self.name}: GET {request}: {clean(what)}\n{mend}")


def log_retry(details: RetryDetails) -> None:
    """Say in one line that a request is tried again, and why."""
    cause = clean(details.caused_by or type(details.caused_by).__name__)
    log.warning(
        "retry %d in %.1fs: %s", details.retry_num, details.wait_for, clean(cause)
    )


def _decode(body: bytes, decoder: msgspec.json.Decoder[_R]) -> _R:
    """The typed answer; JSON of another shape is refused, anything else is retried."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise Malformed(f"the answer is not JSON: {exc}") from exc


def _is_transient(exc: Exception) -> bool:
    if isinstance(exc, Refused):
        too_long = (exc.retry_after or 0) > _MAX_PAUSE_SECONDS
        is_busy = exc.status == httpx.codes.TOO_MANY_REQUESTS and not too_long
        return is_busy or httpx.codes.is_server_error(exc.status)
    return isinstance(exc, (httpx.TransportError, httpx.DecodingError, Malformed))


def _mend(exc: Refused) -> str:
    if httpx.codes.is_server_error(exc.status):
        return "the tenant is in trouble; run again later"
    if httpx.codes.is_redirect(exc.status):
        return "it redirects elsewhere, which is not followed; check the tenant's url"
    return _MENDS.get(exc.status, "the tenant refused the request")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    ports = {"http": 80, "https": 443}
    return url.scheme, url.host, url.port or ports.get(url.scheme)
