"""What a log line says of its place: the run, its day, the stage and the tenant.

Threads that read tenants are started in a copy of the context, so that their lines
say so too.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_FIELDS: ContextVar[Mapping[str, str]] = ContextVar("fields")


def fields() -> Mapping[str, str]:
    """The labels of a line that is logged now, by name."""
    return _FIELDS.get({})


def label(**values: str) -> None:
    """Add *values* to the labels of all lines to come."""
    _FIELDS.set({**fields(), **values})


@contextmanager
def labelled(**values: str) -> Iterator[None]:
    """Add *values* to the labels of the lines that the block logs."""
    token = _FIELDS.set({**fields(), **values})
    try:
        yield
    finally:
        _FIELDS.reset(token)
