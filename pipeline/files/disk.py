"""What a disk refuses: the file, the cause, and what to do, in two lines.

DuckDB and Polars tell what the system said in errors of their own, by its words.
"""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

SAVED = "what was saved before is as it was"

_REMEDIES = {
    errno.ENOSPC: f"{SAVED}; see whether the disk is full, and repeat the command",
    errno.EDQUOT: f"{SAVED}; make room or raise the user's quota, and repeat it",
    errno.EFBIG: f"{SAVED}; allow larger files (ulimit -f), and repeat the command",
    errno.EROFS: f"{SAVED}; mount the disk so that it can be written to, or set"
    " another data_dir",
    errno.EIO: f"{SAVED}; the disk failed: see the system's log (dmesg), and restore"
    " the file from a backup if it fails again",
    errno.ENOLCK: "this file system has no locks: mount it with them, or set data_dir"
    " to a local disk",
    errno.EOPNOTSUPP: "this file system cannot do that: mount it with locks, or set"
    " data_dir to a local disk",
    errno.ENOSYS: "this file system cannot do that: set data_dir to a local disk",
    errno.ESTALE: f"{SAVED}; mount the network disk again, and repeat the command",
    errno.EACCES: "give it to the user of this command",
    errno.EPERM: "give it to the user of this command",
    errno.EISDIR: f"{SAVED}; move the folder away, where a file belongs",
    errno.EMFILE: f"{SAVED}; allow more open files (ulimit -n)",
}

# What DuckDB says, and nothing more, where a file cannot be written to the disk.
_NOT_SYNCED = "fsync failed"


def described(exc: OSError, path: Path | None = None) -> str:
    """Two lines for *exc*: the file or *path*, the cause, and the remedy."""
    where = exc.filename or path or "a file"
    cause = exc.strerror or str(exc)
    return f"{where}: {cause}\n{_REMEDIES.get(exc.errno or 0, SAVED)}"


def remedy(exc: BaseException) -> str | None:
    """What to do if the disk is what made *exc*, or one that it comes from."""
    return next(filter(None, map(_REMEDIES.get, _numbers(exc))), None)


def is_denied(exc: BaseException) -> bool:
    """Whether a right that this user lacks is what made *exc*."""
    return not {errno.EACCES, errno.EPERM}.isdisjoint(_numbers(exc))


def _numbers(exc: BaseException) -> Iterator[int]:
    """The numbers of the system's errors that made *exc*, or one that it comes from."""
    seen: set[int] = set()
    at: BaseException | None = exc
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        number = at.errno if isinstance(at, OSError) else None
        yield number or 0
        yield _number_in(str(at)) or 0
        at = at.__cause__ or at.__context__


def _number_in(message: str) -> int | None:
    """The number of the error whose words stand in *message*."""
    if _NOT_SYNCED in message:
        return errno.EIO
    for number in _REMEDIES:
        if os.strerror(number) in message:
            return number
    return None
