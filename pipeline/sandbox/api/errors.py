"""An error of the API: a status with an error body in place of an answer."""

from http import HTTPStatus


class StatusError(Exception):
    """A request that the tenant answers with *status* and an error body."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(f"{status} {detail}")
        self.status = status
        self.detail = detail


def bad_request(detail: str) -> StatusError:
    """A 400 that says what was wrong."""
    return StatusError(HTTPStatus.BAD_REQUEST, detail)
