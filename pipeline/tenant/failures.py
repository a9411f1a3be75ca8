"""What a failed request means to whoever runs this: the error, the remedy, a retry.

A request fails in one of httpx's errors:

* HTTPError
  - HTTPStatusError         any status but 2xx; the message is the tenant's own reason
  - RequestError
    + TransportError        no connection, or no whole response in time
    + DecodingError         a body that is cut short, or not JSON
    + ResponseTooLargeError

What is left of it after all retries is a `TenantError`:

* TenantError
  - BadRequestError         400
  - ForbiddenError          403
  - NotFoundError           404
  - InvalidPageError        a page that is not as documented, or records of it
  - UnreachableError        no connection, no valid key, or asked to come back later:
                            nothing else of this tenant will be answered either
"""

import logging
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

import httpx
from stamina.instrumentation import RetryDetails

from pipeline.errors import PipelineError, TenantError
from pipeline.tenant.responses import clean, retry_after
from pipeline.tenant.transport.body import ResponseTooLargeError

log = logging.getLogger(__name__)

# A tenant that asks for a longer pause is better tried again another time.
MAX_PAUSE_SECONDS = 300

# A link or redirect that leads to another host.
OTHER_ORIGIN = (
    "if that is a name of the tenant, set tenant.url to it; else look at what stands"
    " between"
)

_REMEDIES = {
    400: "the tenant no longer takes this request; look for a newer version",
    401: "the key or client is wrong, expired or revoked",
    403: "the caller needs the role TenantAdmin or AnalyticsAdmin",
    404: "it is not, or no longer, there; if nothing is, check tenant.url",
    429: "lower extract.requests_per_minute",
}
_TRANSIENT = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class BadRequestError(TenantError):
    """The tenant does not take the request (400): a filter or sort it does not know."""


class ForbiddenError(TenantError):
    """The caller lacks the right to what was asked for (403)."""


class NotFoundError(TenantError):
    """What was asked for is not there (404): deleted, or never visible."""


class UnreachableError(TenantError):
    """The tenant answers nothing, whatever it is asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """Which records are not as documented; if it is the whole page there are none.

    *ids* has `?` for one without, each once; *days* are what they are of, None for an
    unknown one; *count* is their number.
    """

    ids: tuple[str, ...] = ()
    days: frozenset[date | None] = frozenset()
    count: int = 1


@dataclass(frozen=True, slots=True)
class Invalid(Found):
    """What is not as documented.

    *request* is path and query, *place* where the first record is in the page, *kept*
    what may be kept, as JSON, redacted to the fields that our record types name.
    """

    request: str = ""
    place: str = "$"
    kept: bytes = b""


class InvalidPageError(TenantError):
    """A page that is not as documented, or records of it."""

    def __init__(self, message: str, invalid: Invalid) -> None:
        super().__init__(message)
        self.invalid = invalid


class ClosedError(PipelineError):
    """The run is being ended: nothing more is sent, and nothing is waited for."""


_BY_STATUS = {
    400: BadRequestError,
    401: UnreachableError,
    403: ForbiddenError,
    404: NotFoundError,
    429: UnreachableError,
}


def tenant_error(exc: httpx.HTTPError) -> type[TenantError]:
    """The error that *exc* ends in if it stays."""
    if isinstance(exc, httpx.HTTPStatusError):
        if (retry_after(exc.response) or 0) > MAX_PAUSE_SECONDS:
            return UnreachableError
        return _BY_STATUS.get(exc.response.status_code, TenantError)
    is_cut_off = isinstance(exc, httpx.ConnectError | httpx.ProxyError)
    return UnreachableError if is_cut_off else TenantError


def retryable(exc: Exception) -> bool | float:
    """Whether a request that met *exc* is sent again, and after how many seconds.

    Where the tenant said how long, all workers are held back for so long, and there
    is nothing to wait on top of it.
    """
    if not isinstance(exc, httpx.HTTPStatusError):
        return isinstance(exc, httpx.TransportError | httpx.DecodingError)
    response = exc.response
    if not (response.status_code in _TRANSIENT or response.is_server_error):
        return False
    if (seconds := retry_after(response)) is None:
        return True
    return 0.0 if seconds <= MAX_PAUSE_SECONDS else False


# What a token is denied with (RFC 6749, 5.2).
_DENIED_TOKEN = (400, 401, 403)
_CHECK_CLIENT = (
    "the key or client is wrong, expired or revoked: check oauth_client_id and its"
    " secret"
)


def token_remedy(exc: httpx.HTTPError) -> str:
    """What to do about it where a token was asked for."""
    if isinstance(exc, httpx.HTTPStatusError):
        if exc.response.status_code in _DENIED_TOKEN:
            return _CHECK_CLIENT
        if exc.response.status_code == HTTPStatus.NOT_FOUND:
            return "check tenant.url: nobody gives tokens there"
    return remedy(exc)


def remedy(exc: httpx.HTTPError) -> str:
    """What to do about it, in a line."""
    if isinstance(exc, ResponseTooLargeError):
        return "no page is that large; nothing of this listing was kept"
    if not isinstance(exc, httpx.HTTPStatusError):
        return "check the network and the tenant's url, then run again"
    response = exc.response
    if (seconds := retry_after(response) or 0) > MAX_PAUSE_SECONDS:
        return (
            f"the tenant asks to wait {seconds:.0f} seconds; that is more than"
            f" the {MAX_PAUSE_SECONDS} that are waited for, so run again then"
        )
    if response.is_server_error:
        return "the tenant is failing; run again later"
    if response.is_redirect:
        return f"only a few on the tenant's own origin are followed; {OTHER_ORIGIN}"
    return _REMEDIES.get(response.status_code, "the tenant refused the request")


def log_retry(details: RetryDetails) -> None:
    """Log in one line that a request is sent again, and why.

    Tenant and request are the note of the error.
    """
    cause = details.caused_by
    request = "".join(getattr(cause, "__notes__", ()))
    what = clean(cause or type(cause).__name__)
    log.warning(
        "%s: retry %d in %.1fs: %s", request, details.retry_num, details.wait_for, what
    )
