"""A right that the caller lacks, apart from failures of the tenant."""

from pipeline.errors import TenantError
from pipeline.tenant import ForbiddenError, NotFoundError


def is_denied(exc: TenantError) -> bool:
    """Whether the tenant answered 403 or 404, as it does where a right is missing."""
    return isinstance(exc, ForbiddenError | NotFoundError)
