"""What the API answers in place of a record: an error with its body, a redirect."""

from http import HTTPStatus


class StatusError(Exception):
    """A request that the tenant answers with *status* and an error body."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(f"{status} {detail}")
        self.status = status
        self.detail = detail


class RedirectError(Exception):
    """A request that the tenant answers with a redirect to *path*."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def bad_request(detail: str) -> StatusError:
    """A 400 that says what was wrong."""
    return StatusError(HTTPStatus.BAD_REQUEST, detail)
