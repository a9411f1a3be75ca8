"""Rows are no garbage: Python need not look for some among half a million values."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Nothing is collected while rows are read."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def kept_as_read() -> Iterator[None]:
    """What was read before is no garbage: no search for some looks at it again."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
