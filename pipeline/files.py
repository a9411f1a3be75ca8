"""Files that are replaced whole, and the lock that keeps two runs apart."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import LockError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside *path* to write to; it takes the place of *path* at the end.

    Whatever happens, a reader sees the old file or the new one, and after a power
    cut so does the disk. If the block fails, the old file stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        yield partial
        sync(partial)
        partial.replace(path)
    except BaseException as exc:
        partial.unlink(missing_ok=True)
        if isinstance(exc, OSError) and exc.filename is None:
            exc.filename = str(path)  # a full disk does not say which file
        raise
    sync(path.parent)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold *folder* for one run at a time; the lock dies with the process.

    Raises:
        LockError: Another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise LockError(
                f"{folder}: another run is at work here; wait for its end"
            ) from exc
        yield


def sync_tree(folder: Path) -> None:
    """Have all that is in *folder* outlast a power cut, the names last."""
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)


def sync(path: Path) -> None:
    """Have *path*, a file or the names in a folder, outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
