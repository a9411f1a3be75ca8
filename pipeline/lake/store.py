"""Where changes of the lake go: to its folder, or to a bucket that the folder mirrors.

Readers always read the folder. A command that opened a bucket changes the bucket first,
so that a kill between the two leaves a mirror that is old, and is brought up to date.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Protocol

from pipeline import files
from pipeline.config.settings import LAKE_MIRROR
from pipeline.errors import PipelineError
from pipeline.lake import compacting
from pipeline.lake.compacting import NewMonth

# Not every path that has a folder of this name: a data folder may be called so.
_IN_MIRROR = re.compile(rf"/{LAKE_MIRROR}/(tenants\.json$|[^/]+/tenant=)")

# What to write in place of what another machine wrote meanwhile.
Merge = Callable[[bytes], bytes]


class Remote(Protocol):
    """A bucket whose objects have the names of files below *root*."""

    root: Path

    def put(self, path: Path, content: bytes, merge: Merge | None) -> None:
        """Replace the object of *path*, and then the file."""

    def remove(self, path: Path) -> None:
        """Remove the object of *path*, and then the file."""

    def compact(self, month: NewMonth, made: Path) -> None:
        """Let the object of *made* replace those of the days of *month*."""

    def compacted(self, month: NewMonth) -> None:
        """Note that the file of *month* is at its place."""

    def move(self, source: Path, target: Path) -> None:
        """Let *source*, a file or a folder, be *target*, which there is none of."""

    def fetch(self, path: Path) -> bool:
        """Read a file again if the bucket has another; whether it was so."""


_remote: ContextVar[Remote | None] = ContextVar("remote", default=None)


@contextmanager
def changing(remote: Remote) -> Iterator[None]:
    """Within it, changes below the root of *remote* are changes of its bucket."""
    token = _remote.set(remote)
    try:
        yield
    finally:
        _remote.reset(token)


def put(path: Path, content: bytes, merge: Merge | None = None) -> None:
    """Replace a file of the lake as a whole; *merge* it if others write it too."""
    if remote := _of(path):
        remote.put(path, content, merge)
        return
    files.replace(path, content)


def put_large(path: Path, write: Callable[[Path], None]) -> None:
    """Replace a file of the lake by what *write* writes, which need not be in memory.

    What it reads may be the file itself.
    """
    if remote := _of(path):
        partial = path.with_name(f".{path.name}.partial")
        write(partial)
        remote.put(path, partial.read_bytes(), None)
        partial.unlink(missing_ok=True)
        return
    with files.replacing(path) as partial:
        write(partial)


def compact(folder: Path, months: Sequence[NewMonth]) -> None:
    """Let *months* in *folder*, of a tenant in a table, be a file each, all at once."""
    remote = _of(folder)
    with compacting.replacing(folder, months) as made:
        if remote:
            for month, path in zip(months, made, strict=True):
                remote.compact(month, path)
    if remote:
        for month in months:
            remote.compacted(month)


def remove(path: Path) -> None:
    """Remove a file of the lake, if it is there."""
    if remote := _of(path):
        remote.remove(path)
        return
    files.remove(path)


def move(source: Path, target: Path) -> None:
    """Let a file or folder of the lake be *target*, in the lake or outside of it."""
    if remote := _of(source):
        remote.move(source, target)
        return
    files.move(source, target)


def fetch(path: Path) -> bool:
    """Read a file of a mirror again if the bucket has another; whether it was so.

    In a lake that is a folder there is no other.
    """
    remote = _remote.get()
    return (
        remote is not None and path.is_relative_to(remote.root) and remote.fetch(path)
    )


def _of(path: Path) -> Remote | None:
    """The bucket that *path* is in; None if the lake is a folder.

    Raises:
        PipelineError: It is in the mirror of a bucket that is not open: the change
            would be undone when the mirror is brought up to date.
    """
    remote = _remote.get()
    if remote and path.is_relative_to(remote.root):
        return remote
    if _IN_MIRROR.search(path.as_posix()):
        raise PipelineError(f"{path}: its bucket is not open: nothing was changed")
    return None
