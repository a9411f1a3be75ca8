"""Who we are to a tenant: an API key, or an OAuth client's token."""

import threading
import time
from collections.abc import Callable, Generator

import httpx

# A token is renewed this long before its end, so that none dies on its way.
_MARGIN_SECONDS = 60


class ApiKey(httpx.Auth):
    """A bearer key, the same on every request."""

    def __init__(self, key: str) -> None:
        self._header = f"Bearer {key}"

    def auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the key on *request*."""
        request.headers["Authorization"] = self._header
        yield request


class ClientCredentials(httpx.Auth):
    """A token for all workers: asked for once, again before its end or on a 401.

    *ask* fetches a token and its lifetime in seconds. There are no refresh tokens
    for machine-to-machine clients (RFC 6749, 4.4.3).
    """

    def __init__(self, ask: Callable[[], tuple[str, float]]) -> None:
        self._ask = ask
        self._token = ""
        self._ends_at = 0.0
        self._lock = threading.Lock()

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the token on *request*; on a 401 replay it once with a new one."""
        token = self._current(refused="")
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            token = self._current(refused=token)
            request.headers["Authorization"] = f"Bearer {token}"
            yield request

    def _current(self, refused: str) -> str:
        """The token that all workers share; a new one if it is ending or *refused*."""
        with self._lock:
            if self._token == refused or time.monotonic() >= self._ends_at:
                self._token, lifetime = self._ask()
                self._ends_at = time.monotonic() + max(lifetime - _MARGIN_SECONDS, 0)
            return self._token
