"""A power cut in this process: after so many changes of files nothing more happens."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_CHANGES = {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.link", "os.truncate"}


class PowerCut(BaseException):
    """Raised instead of a change, and of every further one: nothing is cleaned up."""


class _Fuse:
    """Counts down the changes that are let through in a folder."""

    def __init__(self) -> None:
        self.folder = ""
        self.left = 0
        self._has_hook = False

    def arm(self, folder: str, changes: int) -> None:
        if not self._has_hook:
            sys.addaudithook(self)  # for good: there is no way to remove one
            self._has_hook = True
        self.folder, self.left = folder, changes

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.folder or not _changes(event, args):
            return
        if any(str(arg).startswith(self.folder) for arg in args):
            self.left -= 1
            if self.left < 0:
                raise PowerCut


def _changes(event: str, args: tuple[Any, ...]) -> bool:
    if event == "open":
        _, mode, flags = args
        return any(sign in (mode or "") for sign in "wax+") or bool(flags & 3)
    return event in _CHANGES


_fuse = _Fuse()


@contextmanager
def power_cut(folder: Path, changes: int) -> Iterator[None]:
    """Within it, *changes* files of *folder* are written, renamed or removed, no more.

    What DuckDB and Polars write by themselves is not counted, and not stopped.
    """
    _fuse.arm(str(folder), changes)
    try:
        yield
    except PowerCut:
        pass
    finally:
        _fuse.folder = ""
