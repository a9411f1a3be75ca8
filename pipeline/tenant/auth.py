"""Who we are to a tenant: an API key, or an OAuth client's token."""

import threading
import time
from collections.abc import Callable, Generator

import httpx
import msgspec

from pipeline.errors import TenantError
from pipeline.tenant.failures import UnreachableError
from pipeline.tenant.redaction import Redaction
from pipeline.tenant.responses import decode

# A token is renewed this long before its end, so that none dies on its way.
_MARGIN_SECONDS = 60

# How long a token lasts that does not say so.
_TOKEN_SECONDS = 3600

Flow = Generator[httpx.Request, httpx.Response, None]


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float | None = None


class ApiKey(httpx.Auth):
    """A bearer key, the same on every request."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._redaction = Redaction(key)

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Send *request* with the key."""
        _authorize(request, self._key)
        yield request

    def redact(self, text: str) -> str:
        """*text* without the key."""
        return self._redaction(text)

    def redact_body(self, body: bytes) -> bytes:
        """*body* without the key."""
        return self._redaction.of_body(body)


class ClientCredentials(httpx.Auth):
    """A token for all workers: fetched once, again before its end or after a 401.

    *fetch* returns a token and its lifetime in seconds, with retries of its own; if it
    fails, it has failed for all who wait, and is not called again. There are no refresh
    tokens for machine-to-machine clients (RFC 6749, 4.4.3).
    """

    def __init__(self, secret: str, fetch: Callable[[], tuple[str, float]]) -> None:
        self._secret = secret
        self._redaction = Redaction(secret)
        self._fetch = fetch
        self._token = ""
        self._tokens: list[str] = []
        self._ends_at = 0.0
        self._failure: str | None = None
        self._lock = threading.Lock()

    def sync_auth_flow(self, request: httpx.Request) -> Flow:
        """Send *request* with the shared token; after a 401 once more with a new one.

        Raises:
            UnreachableError: No token could be fetched.
        """
        token = self._current()
        _authorize(request, token)
        response = yield request
        if response.status_code != httpx.codes.UNAUTHORIZED:
            return
        renewed = self._current(rejected=token)
        if renewed != token:
            _authorize(request, renewed)
            yield request

    def redact(self, text: str) -> str:
        """*text* without the client's secret and all tokens that there were."""
        return self._redaction(text)

    def redact_body(self, body: bytes) -> bytes:
        """*body* without the client's secret and all tokens that there were."""
        return self._redaction.of_body(body)

    def _current(self, rejected: str = "") -> str:
        """The token that all workers share; a new one if it ends or is *rejected*."""
        with self._lock:
            if self._token == rejected or time.monotonic() >= self._ends_at:
                self._renew()
            return self._token

    def _renew(self) -> None:
        if self._failure is not None:
            raise UnreachableError(self._failure)
        try:
            self._token, lifetime = self._fetch()
        except TenantError as exc:
            self._failure = str(exc)
            raise UnreachableError(self._failure) from exc
        self._tokens.append(self._token)
        self._redaction = Redaction(self._secret, *self._tokens)
        usable = max(lifetime - _MARGIN_SECONDS, lifetime / 2)
        self._ends_at = time.monotonic() + usable


def sent_signed(
    request: httpx.Request,
    auth: httpx.Auth,
    send: Callable[[httpx.Request], httpx.Response],
) -> httpx.Response:
    """The response to *request*; to a second one, if *auth* has another token then."""
    flow = auth.sync_auth_flow(request)
    response = send(next(flow))
    try:
        again = flow.send(response)
    except StopIteration:
        return response
    return send(again)


def read_token(body: bytes) -> tuple[str, float]:
    """The token of the token endpoint's response, and its lifetime in seconds.

    Raises:
        httpx.DecodingError: It is not JSON, or the token is not fit for a header.
        msgspec.ValidationError: It is JSON of another shape than documented.
    """
    token = decode(body, msgspec.json.Decoder(_Token, strict=False))
    if not (token.access_token.isascii() and token.access_token.isprintable()):
        raise httpx.DecodingError("the token holds odd characters")
    return token.access_token, token.expires_in or _TOKEN_SECONDS


def _authorize(request: httpx.Request, token: str) -> None:
    request.headers["Authorization"] = f"Bearer {token}"


Credentials = ApiKey | ClientCredentials
