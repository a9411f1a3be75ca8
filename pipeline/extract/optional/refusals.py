"""What the tenant refuses the caller, told from what fails."""

from http import HTTPStatus

from pipeline.errors import TenantError
from pipeline.tenant.responses import Refused

_STATUSES = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


def is_refused(exc: TenantError) -> bool:
    """Whether the tenant answered 403 or 404: a right that the caller lacks."""
    cause = exc.__cause__
    return isinstance(cause, Refused) and cause.status in _STATUSES
