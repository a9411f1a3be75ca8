"""Who we are to a tenant: an API key, or an OAuth client's token."""

import threading
import time
from collections.abc import Callable

from pipeline.errors import TenantError

# A token is renewed this long before its end, so that none dies on its way.
_MARGIN_SECONDS = 60

_HIDDEN = "[hidden]"

# A shorter one is no secret, and hiding it would make a riddle of every message.
_SHORTEST = 8


class ApiKey:
    """A bearer key, the same on every request."""

    def __init__(self, key: str) -> None:
        self._key = key

    def bearer(self, refused: str = "") -> str:  # noqa: ARG002 (there is no other key)
        """The key to send."""
        return self._key

    def hide(self, text: str) -> str:
        """*text* without the key."""
        return _without(text, self._key)


class ClientCredentials:
    """A token for all workers: asked for once, again before its end or on a 401.

    *ask* fetches a token and its lifetime in seconds, with retries of its own; if it
    fails, it has failed for all who wait, and is not asked again. There are no refresh
    tokens for machine-to-machine clients (RFC 6749, 4.4.3).
    """

    def __init__(self, secret: str, ask: Callable[[], tuple[str, float]]) -> None:
        self._secret = secret
        self._ask = ask
        self._token = ""
        self._ends_at = 0.0
        self._failure: str | None = None
        self._lock = threading.Lock()

    def bearer(self, refused: str = "") -> str:
        """The token that all workers share; a new one if it is ending or *refused*.

        Raises:
            TenantError: No token is to be had.
        """
        with self._lock:
            if self._token == refused or time.monotonic() >= self._ends_at:
                self._renew()
            return self._token

    def hide(self, text: str) -> str:
        """*text* without the client's secret and the token."""
        return _without(_without(text, self._secret), self._token)

    def _renew(self) -> None:
        if self._failure is not None:
            raise TenantError(self._failure)
        try:
            self._token, lifetime = self._ask()
        except TenantError as exc:
            self._failure = str(exc)
            raise
        usable = max(lifetime - _MARGIN_SECONDS, lifetime / 2)
        self._ends_at = time.monotonic() + usable


def _without(text: str, secret: str) -> str:
    return text.replace(secret, _HIDDEN) if len(secret) >= _SHORTEST else text


Credentials = ApiKey | ClientCredentials
