"""One tenant's requests, at its pace: retries, redirects, credentials, counts.

A request that fails in one of httpx's errors is sent again where that may help; what
stays is a `TenantError` that says which tenant, which request, and what to do.
"""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Self, TypeVar

import httpx
import msgspec
import stamina

from pipeline.config import Extract, TenantAccess
from pipeline.errors import TenantError
from pipeline.tenant import auth
from pipeline.tenant.auth import ApiKey, ClientCredentials, Credentials
from pipeline.tenant.client import HEADERS
from pipeline.tenant.deprecations import Deprecations
from pipeline.tenant.failures import (
    MAX_PAUSE_SECONDS,
    ClosedError,
    remedy,
    retryable,
    tenant_error,
    token_remedy,
)
from pipeline.tenant.names import Names
from pipeline.tenant.pace import Pace
from pipeline.tenant.responses import (
    accepted,
    clean,
    generic,
    retry_after,
    status_error,
)
from pipeline.tenant.transport import Transport, Trust

_HEADERS = httpx.Headers(HEADERS)
_MAX_REDIRECTS = 3
_NO_LINK = "the tenant's link is not usable; nothing of this listing was kept"
_TOKEN_PATH = "/oauth/token"  # noqa: S105 (where it is asked for)

_T = TypeVar("_T")


class Session:
    """Requests to one tenant, and what was counted of them.

    Counted are requests sent, those of them that were retries, responses that were a
    429, and bytes of bodies as they were sent. *on_request* is called before each
    request, from any thread. *names* are the other hosts of the tenant.
    """

    def __init__(self, access: TenantAccess, limits: Extract, trust: Trust) -> None:
        self.name = access.name
        self.requests_sent = 0
        self.retries = 0
        self.throttled = 0
        self.bytes_received = 0
        self.on_request: Callable[[], None] | None = None
        self.names = Names(access.url, self._fetch)
        self._base = access.url
        self._attempts = limits.retries + 1
        self._closed = threading.Event()
        self._pace = Pace(limits.requests_per_minute, sleep=self._sleep)
        self._count = threading.Lock()
        self._auth = self._credentials(access)
        self.deprecations = Deprecations(access.name, self._auth.redact)
        seconds = limits.timeout_seconds
        self.transport = Transport(access.url, seconds, access.proxy, trust)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self.transport.close()

    @property
    def waited_seconds(self) -> float:
        """For how long the tenant held all workers back."""
        return self._pace.paused_seconds

    def redact(self, text: str) -> str:
        """*text* without the secrets that this tenant is asked with."""
        return self._auth.redact(text)

    def error(self, request: str, what: object, remedy: str) -> TenantError:
        """An error that says who, what and where, and holds no secret."""
        return TenantError(self.message(request, what, remedy))

    def message(self, request: str, what: object, remedy: str) -> str:
        """Tenant, request, what is wrong; in the second line, what to do about it."""
        described = f"{self._clean(request)}: {self._clean(what)}"
        return f"tenant {self.name}: {described}\n{remedy}"

    def get(self, target: str, read: Callable[[bytes], _T], endpoint: str) -> _T:
        """What *read* makes of the body; if it raises a DecodingError, ask again.

        *target* is path and query, *endpoint* the path without ids.

        Raises:
            TenantError: The tenant refused, or kept failing.
        """
        request = f"GET {target}"
        return self._retried(request, lambda: read(self._fetch(target, endpoint)))

    def _retried(
        self,
        request: str,
        ask: Callable[[], _T],
        hint: Callable[[httpx.HTTPError], str] = remedy,
    ) -> _T:
        try:
            for attempt in stamina.retry_context(
                on=retryable,
                attempts=self._attempts,
                timeout=None,
                wait_initial=0.5,
                wait_max=30,
            ):
                with attempt:
                    return self._attempt(request, ask, attempt)
        except httpx.HTTPError as exc:
            message = self.message(request, exc, hint(exc))
            raise tenant_error(exc)(message) from exc
        raise AssertionError  # stamina re-raises the last failure

    def _attempt(
        self, request: str, ask: Callable[[], _T], attempt: stamina.Attempt
    ) -> _T:
        """One attempt; a 429, or another pause asked for, holds every worker back."""
        if attempt.num > 1:
            with self._count:
                self.retries += 1
        try:
            return ask()
        except httpx.HTTPError as exc:
            exc.add_note(f"tenant {self.name}: {self._clean(request)}")
            if isinstance(exc, httpx.HTTPStatusError):
                self._hold(exc.response, attempt.next_wait)
            raise

    def _hold(self, response: httpx.Response, backoff: float) -> None:
        is_throttled = response.status_code == HTTPStatus.TOO_MANY_REQUESTS
        with self._count:
            self.throttled += is_throttled
        if (seconds := retry_after(response)) is not None:
            self._pace.pause(min(seconds, MAX_PAUSE_SECONDS))
        elif is_throttled:
            self._pace.pause(backoff)

    def _fetch(self, target: str, endpoint: str) -> bytes:
        """The body, after a few redirects on the tenant's own origin.

        What it repeats of the secrets is hidden before anything of it is read.
        """
        response = self._send(self._request("GET", target, endpoint))
        for _ in range(_MAX_REDIRECTS):
            if not response.has_redirect_location:
                break
            redirected = self._redirected(response)
            response = self._send(self._request("GET", redirected, endpoint))
        return self._auth.redact_body(accepted(response, self._auth.redact))

    def _redirected(self, response: httpx.Response) -> str:
        """Path and query of a redirect, which are asked for on the tenant's origin."""
        target = response.request.url.raw_path.decode("ascii")
        try:
            return self.names.resolve(target, response.headers["location"])
        except ValueError as exc:
            reason = self._auth.redact(f"its redirect {exc}")
            raise status_error(response, reason) from None

    def _request(
        self,
        method: str,
        target: str,
        endpoint: str,
        form: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        try:
            url = httpx.URL(self._base + target)
        except httpx.InvalidURL as exc:
            raise self.error(f"{method} {target}", exc, _NO_LINK) from None
        return httpx.Request(
            method, url, data=form, headers=_HEADERS, extensions={"endpoint": endpoint}
        )

    def _send(self, request: httpx.Request) -> httpx.Response:
        return auth.sent_signed(request, self._auth, self._sent)

    def _sent(self, request: httpx.Request) -> httpx.Response:
        """The response, without httpx's client: to look for cookies takes longer."""
        self._before()
        response = self.transport.handle_request(request)
        response.request = request
        self._after(response)
        return response

    def _before(self) -> None:
        """Wait for the pace, and count; also before a replay with a new token."""
        self._sleep(0)
        self._pace.wait()
        with self._count:
            self.requests_sent += 1
        if self.on_request is not None:
            self.on_request()

    def _after(self, response: httpx.Response) -> None:
        """Count, and warn of deprecations."""
        with self._count:
            self.bytes_received += response.extensions["received_bytes"]
        asked = response.request.extensions
        self.deprecations.notice(asked["endpoint"], response.headers)

    def _sleep(self, seconds: float) -> None:
        """Wait, unless the tenant is closed: then no worker goes on."""
        if self._closed.wait(seconds):
            raise ClosedError(f"tenant {self.name}: closed, nothing more is asked")

    def _clean(self, text: object) -> str:
        return clean(self._auth.redact(str(text)))

    def _credentials(self, access: TenantAccess) -> Credentials:
        if access.api_key is not None:
            return ApiKey(access.api_key)
        secret = access.client_secret or ""
        form = {"grant_type": "client_credentials", "client_id": access.client_id or ""}
        fetch = partial(self._fetch_token, {**form, "client_secret": secret})
        ask = partial(self._retried, f"POST {_TOKEN_PATH}", fetch, token_remedy)
        return ClientCredentials(secret, ask)

    def _fetch_token(self, form: Mapping[str, str]) -> tuple[str, float]:
        request = self._request("POST", _TOKEN_PATH, _TOKEN_PATH, form)
        body = accepted(self._sent(request), self._auth.redact)
        try:
            return auth.read_token(body)
        except msgspec.ValidationError as exc:
            generic(body)  # if it is cut short, that is why it looked odd
            remedy = "the tenant's url, or what stands between, gives no tokens"
            raise self.error(f"POST {_TOKEN_PATH}", exc, remedy) from None
