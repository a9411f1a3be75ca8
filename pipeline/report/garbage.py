"""Rows are no garbage: Python need not look for some among half a million values."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# So many objects are made before some are looked at: those of a page or two.
_RARELY = 50_000


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
    """What was read before is no garbage: a search, which is rare, passes it by."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_RARELY, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
