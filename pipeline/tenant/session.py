"""One request at a time at the tenant's pace: retries, redirects, credentials, counts.

The ways a request can end are `answers.Trouble`; here they are waited out, or told as
a `TenantError` that names the tenant, the request and the mend.
"""

import logging
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Self, TypeVar
from urllib.parse import urlencode

import msgspec
import stamina
from stamina.instrumentation import RetryDetails

from pipeline.config import Extract, TenantAccess
from pipeline.errors import TenantError
from pipeline.tenant.auth import ApiKey, ClientCredentials, Credentials
from pipeline.tenant.failures import (
    MAX_PAUSE_SECONDS,
    ClosedError,
    again,
    is_redirect,
    kind,
    mend,
)
from pipeline.tenant.pace import Pace
from pipeline.tenant.pagination import resolve
from pipeline.tenant.responses import (
    Answer,
    Malformed,
    Refused,
    Trouble,
    accepted,
    clean,
    decode,
    generic,
)
from pipeline.tenant.transport import Header, Wire

log = logging.getLogger(__name__)

_MAX_REDIRECTS = 3
_TOKEN_PATH = "/oauth/token"  # noqa: S105 (where it is asked for)
_TOKEN_SECONDS = 3600
_FORM: Header = (b"Content-Type", b"application/x-www-form-urlencoded")

_T = TypeVar("_T")


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float | None = None


class Sender:
    """Requests to one tenant, and what was counted of them.

    Counted are requests sent, those of them that were retries, answers that were a
    429, and bytes of bodies on the wire. *on_request* is called before each request,
    from any thread.
    """

    def __init__(self, access: TenantAccess, limits: Extract) -> None:
        self.name = access.name
        self.requests_sent = 0
        self.retries = 0
        self.throttled = 0
        self.bytes_received = 0
        self.on_request: Callable[[], None] | None = None
        self._base = access.url
        self._attempts = limits.retries + 1
        self._closed = threading.Event()
        self._pace = Pace(limits.requests_per_minute, sleep=self._sleep)
        self._count = threading.Lock()
        self._auth = self._credentials(access)
        self._wire = Wire(access.url, limits.timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._wire.close()

    @property
    def waited_seconds(self) -> float:
        """For how long the tenant held all workers back."""
        return self._pace.paused_seconds

    def error(self, request: str, what: object, mend: str) -> TenantError:
        """An error that says who, what and where, and holds no secret."""
        return TenantError(self.message(request, what, mend))

    def message(self, request: str, what: object, mend: str) -> str:
        """Tenant, request, what is wrong; in the second line, what to do about it."""
        where = clean(self._auth.hide(request))
        told = clean(self._auth.hide(str(what)))
        return f"tenant {self.name}: {where}: {told}\n{mend}"

    def get(self, target: str, read: Callable[[bytes], _T]) -> _T:
        """What *read* makes of the answer's body; if that is Malformed, ask again.

        Raises:
            TenantError: The tenant refused, or kept failing.
        """
        return self._retried(f"GET {target}", lambda: read(self._ask(target)))

    def _retried(self, request: str, ask: Callable[[], _T]) -> _T:
        try:
            for attempt in stamina.retry_context(
                on=again,
                attempts=self._attempts,
                timeout=None,
                wait_initial=0.5,
                wait_max=30,
            ):
                with attempt:
                    return self._noted(request, ask, attempt)
        except Trouble as exc:
            told = self.message(request, exc, mend(exc))
            raise kind(exc)(told) from exc
        raise AssertionError  # stamina re-raises the last failure

    def _noted(
        self, request: str, ask: Callable[[], _T], attempt: stamina.Attempt
    ) -> _T:
        """One attempt; a 429, or another pause asked for, holds every worker back."""
        if attempt.num > 1:
            with self._count:
                self.retries += 1
        try:
            return ask()
        except Trouble as exc:
            exc.request = clean(self._auth.hide(f"tenant {self.name}: {request}"))
            if isinstance(exc, Refused):
                self._hold(exc, attempt.next_wait)
            raise

    def _hold(self, exc: Refused, backoff: float) -> None:
        is_throttled = exc.status == HTTPStatus.TOO_MANY_REQUESTS
        with self._count:
            self.throttled += is_throttled
        if exc.retry_after is not None:
            self._pace.pause(min(exc.retry_after, MAX_PAUSE_SECONDS))
        elif is_throttled:
            self._pace.pause(backoff)

    def _ask(self, target: str) -> bytes:
        """The body; with a new token after one 401, and a few redirects followed."""
        bearer = self._auth.bearer()
        is_renewed = False
        for _ in range(_MAX_REDIRECTS + 2):
            answer = self._send("GET", target, (_authorization(bearer),))
            if answer.status == HTTPStatus.UNAUTHORIZED and not is_renewed:
                refused, bearer = bearer, self._auth.bearer(refused=bearer)
                is_renewed = True
                if bearer != refused:
                    continue
            location = answer.header(b"location")
            if not (location and is_redirect(answer.status)):
                break
            target = self._redirected(answer.status, target, location)
        return accepted(answer, self._auth.hide)

    def _redirected(self, status: int, target: str, location: str) -> str:
        try:
            return resolve(self._base, target, location)
        except ValueError as exc:
            raise Refused(status, self._auth.hide(f"its redirect {exc}")) from None

    def _send(
        self,
        method: str,
        target: str,
        headers: tuple[Header, ...],
        content: bytes = b"",
    ) -> Answer:
        self._sleep(0)
        self._pace.wait()
        with self._count:
            self.requests_sent += 1
        if self.on_request is not None:
            self.on_request()
        answer = self._wire.send(method, target, headers, content)
        with self._count:
            self.bytes_received += answer.received
        return answer

    def _sleep(self, seconds: float) -> None:
        """Wait, unless the tenant is closed: then no worker goes on."""
        if self._closed.wait(seconds):
            raise ClosedError(f"tenant {self.name}: closed, nothing more is asked")

    def _credentials(self, access: TenantAccess) -> Credentials:
        if access.api_key is not None:
            return ApiKey(access.api_key)
        secret = access.client_secret or ""
        form = {
            "grant_type": "client_credentials",
            "client_id": access.client_id or "",
            "client_secret": secret,
        }
        content = urlencode(form).encode()
        request = f"POST {_TOKEN_PATH}"
        return ClientCredentials(
            secret, lambda: self._retried(request, lambda: self._ask_token(content))
        )

    def _ask_token(self, form: bytes) -> tuple[str, float]:
        answer = self._send("POST", _TOKEN_PATH, (_FORM,), form)
        body = accepted(answer, self._auth.hide)
        try:
            token = decode(body, msgspec.json.Decoder(_Token, strict=False))
        except msgspec.ValidationError as exc:
            generic(body)
            mend = "the tenant's url, or what stands between, gives no tokens"
            raise self.error(f"POST {_TOKEN_PATH}", exc, mend) from None
        if not (token.access_token.isascii() and token.access_token.isprintable()):
            raise Malformed("the token holds odd characters")
        return token.access_token, token.expires_in or _TOKEN_SECONDS


def log_retry(details: RetryDetails) -> None:
    """Say in one line that a request is tried again, and why."""
    cause = details.caused_by
    request = cause.request if isinstance(cause, Trouble) else ""
    what = clean(cause or type(cause).__name__)
    log.warning(
        "%s: retry %d in %.1fs: %s", request, details.retry_num, details.wait_for, what
    )


def _authorization(bearer: str) -> Header:
    return b"Authorization", f"Bearer {bearer}".encode("ascii")
