"""What the tenant refuses the caller, told from what fails."""

from pipeline.errors import TenantError
from pipeline.tenant import ForbiddenError, NotFoundError


def is_refused(exc: TenantError) -> bool:
    """Whether the tenant answered 403 or 404: a right that the caller lacks."""
    return isinstance(exc, ForbiddenError | NotFoundError)
