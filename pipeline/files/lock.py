"""The lock of a run: a file that nobody else can hold or empty."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline import files
from pipeline.errors import LockError, PipelineError
from pipeline.files import disk

NAME = ".lock"

_MODE = 0o600
_LOCKS = Path("/proc/locks")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of *folder*, which ends with the process at the latest.

    Raises:
        LockError: Another process holds it.
        PipelineError: The file is not ours, or its file system has no locks.
    """
    files.make_folder(folder)
    path = folder / NAME
    descriptor = _opened(path)
    try:
        _check_owner(path, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise LockError(
                f"{folder}: another run is at work here; wait for its end"
            ) from exc
        except OSError as exc:
            raise PipelineError(disk.described(exc, path)) from exc
        yield
    finally:
        os.close(descriptor)


def is_locked(folder: Path) -> bool | None:
    """Whether a process holds the lock of *folder*; None if nobody can say.

    The system is asked, and the lock not taken: a run that begins now would find it
    taken. In another container than the run's it may not be seen.
    """
    try:
        inode = (folder / NAME).stat().st_ino
        locks = _LOCKS.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return None if not _LOCKS.exists() else False
    except OSError:
        return None
    taken = [line.split() for line in locks if "FLOCK" in line and "->" not in line]
    return any(words[5].rpartition(":")[2] == f"{inode}" for words in taken)


def _opened(path: Path) -> int:
    """The file at *path*, made if it is not there; it is never emptied."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        return os.open(path, flags, _MODE)
    except OSError as exc:
        if exc.errno in {errno.ELOOP, errno.EISDIR, errno.ENXIO}:
            raise _foreign(path, "is not a file of its own") from exc
        raise


def _check_owner(path: Path, descriptor: int) -> None:
    """Refuse the file of somebody else, who could hold it; let only its owner open it.

    Where all files belong to one user, as on CIFS, the folder does too.
    """
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise _foreign(path, "is not a file of its own")
    if found.st_uid not in {os.geteuid(), path.parent.stat().st_uid}:
        raise _foreign(path, f"belongs to another user (uid {found.st_uid})")
    if stat.S_IMODE(found.st_mode) != _MODE and found.st_uid == os.geteuid():
        try:
            os.fchmod(descriptor, _MODE)
        except OSError as exc:
            if exc.errno != errno.EPERM:  # a file system without modes
                raise


def _foreign(path: Path, what: str) -> PipelineError:
    return PipelineError(
        f"{path}: {what}, so that others could hold the lock\n"
        "see who put it there, remove it, and let nobody else write to its folder"
    )
