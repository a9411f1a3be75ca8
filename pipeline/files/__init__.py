"""Files and folders that are replaced whole and outlast a power cut; file names."""

import ctypes
import errno
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from shutil import rmtree

# What file systems answer that cannot write a folder's entries to the disk, as CIFS.
_NO_FOLDER_SYNC = {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS, errno.EBADF}

# What renameat2 is called with, and what it answers where it cannot exchange.
_HERE, _EXCHANGE = -100, 2
_NO_EXCHANGE = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside *path* to write to, which replaces *path* at the end.

    A reader sees the old file or the new one, also after a power cut. If the block
    fails, the old file stays.
    """
    make_folder(path.parent)
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        yield partial
        sync(partial)
        partial.replace(path)
    except BaseException as exc:
        with suppress(OSError):  # the disk may refuse this too; the next one does it
            partial.unlink(missing_ok=True)
        if isinstance(exc, OSError) and exc.filename is None:
            exc.filename = str(path)  # a full disk does not say which file
        raise
    sync(path.parent)


def replace(path: Path, content: bytes) -> None:
    """Let *content* be what is in *path*, as `replacing` does, with fewer calls."""
    folder = path.parent
    make_folder(folder)
    partial = f"{folder}/.{path.name}.partial"
    with suppress(FileNotFoundError):
        os.unlink(partial)  # noqa: PTH108 (a `Path` takes longer than the call)
    try:
        with open(partial, "wb") as file:  # noqa: PTH123
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)  # noqa: PTH105
    except BaseException as exc:
        with suppress(OSError):  # the disk may refuse this too; the next one does it
            os.unlink(partial)  # noqa: PTH108
        if isinstance(exc, OSError) and exc.filename is None:
            exc.filename = str(path)  # a full disk does not say which file
        raise
    sync(folder)


def make_folder(folder: Path) -> None:
    """Make *folder* and those above it; the names of new ones are on the disk then."""
    if os.path.isdir(folder):  # noqa: PTH112 (as above)
        return
    new = [*takewhile(lambda one: not one.exists(), (folder, *folder.parents))]
    folder.mkdir(parents=True, exist_ok=True)
    for one in reversed(new):
        sync(one.parent)


def write(path: Path, content: bytes) -> None:
    """Write a new file of a folder that `sync_tree` writes to the disk later."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.write_bytes(content)
    except OSError as exc:
        exc.filename = exc.filename or str(path)
        raise


def move(source: Path, target: Path) -> None:
    """Let *source* take the place of *target*: a file of a file, a folder of none."""
    source.rename(target)
    sync(target.parent)
    if source.parent != target.parent:
        sync(source.parent)


def exchange(one: Path, other: Path) -> bool:
    """Let two files or folders have each other's place, at once; False if it cannot be.

    That needs Linux, and a file system that knows it.
    """
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _NO_EXCHANGE:
        return False
    raise OSError(number, os.strerror(number), str(other))


def remove(path: Path) -> None:
    """Remove a file, if it is there."""
    if path.is_symlink() or path.exists():
        path.unlink(missing_ok=True)
        sync(path.parent)


def discard(folder: Path) -> None:
    """Remove a folder that nothing counts on; what cannot be removed is left."""
    rmtree(folder, ignore_errors=True)


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
    """Write all of *folder*, and its name, to the disk: it outlasts a power cut."""
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)
    sync(folder.parent)


def sync(path: Path) -> None:
    """Write *path*, a file or the entries of a folder, to the disk.

    A folder is passed over where the file system cannot do so.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as exc:
        exc.filename = str(path)
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        if not (is_folder and exc.errno in _NO_FOLDER_SYNC):
            raise
    finally:
        os.close(descriptor)


def slug(text: str, longest: int = 40) -> str:
    """*text* as a part of a file name: letters, digits and dashes."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", ascii_text.lower()).strip("-")[:longest].strip("-")
