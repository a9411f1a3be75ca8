"""Failures of sending: why a message was not delivered, and which are tried again."""

from collections.abc import Iterable

import stamina

from pipeline.errors import DeliveryError

_TRIES = 3
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 15.0


class SendError(DeliveryError):
    """A message was not delivered; if that *is_transient*, another try may succeed."""

    def __init__(self, reason: str, remedy: str, *, is_transient: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.is_transient = is_transient


def attempts() -> Iterable[stamina.Attempt]:
    """A few attempts with pauses between them, after transient failures only."""
    return stamina.retry_context(
        on=_is_transient,
        attempts=_TRIES,
        timeout=None,
        wait_initial=_FIRST_WAIT_SECONDS,
        wait_max=_LONGEST_WAIT_SECONDS,
    )


def _is_transient(exc: Exception) -> bool:
    return isinstance(exc, SendError) and exc.is_transient
