"""Files that are read or replaced whole, the lock of a run, file names."""

import errno
import fcntl
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import LockError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside *path* to write to, which replaces *path* at the end.

    A reader sees the old file or the new one, also after a power cut. If the block
    fails, the old file stays.
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
    """Hold the lock of *folder*, which ends with the process at the latest.

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


def read_small(path: Path, most: int = 64 * 2**20) -> bytes:
    """The content of a regular file: a pipe would hang, a device would never end.

    Raises:
        OSError: It is no regular file, larger than *most* bytes, or not readable.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"larger than {most:,} bytes", str(path))
    return content


def sync_tree(folder: Path) -> None:
    """Write all of *folder* to the disk, so that it outlasts a power cut."""
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)


def sync(path: Path) -> None:
    """Write *path*, a file or the entries of a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def slug(text: str, longest: int = 40) -> str:
    """*text* as a part of a file name: letters, digits and dashes."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", ascii_text.lower()).strip("-")[:longest].strip("-")
