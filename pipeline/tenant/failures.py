"""What a tenant's answer means to whoever runs this: kinds of failure, and mends."""

from http import HTTPStatus

from pipeline.errors import PipelineError, TenantError
from pipeline.tenant.responses import Broken, Malformed, Oversized, Refused, Trouble

# A tenant that asks for a longer pause is better tried again another time.
MAX_PAUSE_SECONDS = 300

_MENDS = {
    400: "the tenant no longer takes this request; look for a newer version",
    401: "the key or client is wrong, expired or revoked",
    403: "the caller needs the role TenantAdmin or AnalyticsAdmin",
    404: "it is not, or no longer, there",
    429: "lower extract.requests_per_minute",
}
_TRANSIENT = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class GoneError(TenantError):
    """What was asked for is not there (404): deleted, or never visible."""


class BadRequestError(TenantError):
    """The tenant does not take the request (400): a filter or sort it does not know."""


class RefusedPageError(TenantError):
    """A page that holds a record which is not as documented.

    *request* is path and query, *place* where the record is in the page, *kept* the
    page as JSON, reduced to the fields that our record types name.
    """

    def __init__(self, message: str, request: str, place: str, kept: bytes) -> None:
        super().__init__(message)
        self.request = request
        self.place = place
        self.kept = kept


class ClosedError(PipelineError):
    """The run is being ended: nothing more is sent, and nothing is waited for."""


_KINDS = {400: BadRequestError, 404: GoneError}


def kind(exc: Trouble) -> type[TenantError]:
    """The error that a trouble which did not pass ends in."""
    if isinstance(exc, Refused):
        return _KINDS.get(exc.status, TenantError)
    return TenantError


def again(exc: Exception) -> bool | float:
    """Whether a request that met *exc* is sent again, and after how many seconds.

    Where the tenant said how long, all workers are held back for so long, and there
    is nothing to wait on top of it.
    """
    if not isinstance(exc, Refused):
        return isinstance(exc, (Broken, Malformed))
    if not (exc.status in _TRANSIENT or _is_server_error(exc.status)):
        return False
    if exc.retry_after is None:
        return True
    return 0.0 if exc.retry_after <= MAX_PAUSE_SECONDS else False


def mend(exc: Trouble) -> str:
    """What to do about it, in a line."""
    if isinstance(exc, Oversized):
        return "no page is that large; nothing of this listing was kept"
    if not isinstance(exc, Refused):
        return "check the network and the tenant's url, then run again"
    if exc.retry_after is not None and exc.retry_after > MAX_PAUSE_SECONDS:
        return (
            f"the tenant asks to wait {exc.retry_after:.0f} seconds; that is more than"
            f" the {MAX_PAUSE_SECONDS} that are waited for, so run again then"
        )
    if _is_server_error(exc.status):
        return "the tenant is in trouble; run again later"
    if is_redirect(exc.status):
        return "only a few on the tenant's own origin are followed; check its url"
    return _MENDS.get(exc.status, "the tenant refused the request")


def is_redirect(status: int) -> bool:
    """Whether a status sends the caller somewhere else."""
    return HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST


def _is_server_error(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR
