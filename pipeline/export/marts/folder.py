"""The folder of the marts: replaced whole, if it is new or an earlier export.

All is made in a folder beside it, `.NAME.partial`, which is locked, and which the next
export removes if this one is killed.
"""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline import files
from pipeline.errors import ConfigError, LockError, PipelineError
from pipeline.export.marts.contract import NAME, files_of
from pipeline.files.access import Access, Readers
from pipeline.files.lock import locked

_FIRST_AT_MOST = 3


def checked(path: Path, kept: Sequence[Path]) -> Path:
    """Where *path* leads to, if it is new, empty, or an earlier export.

    Raises:
        ConfigError: It is something else, or in, or above, what is *kept*.
    """
    target = path.resolve()
    for one in (each.resolve() for each in kept):
        if target.is_relative_to(one) or one.is_relative_to(target):
            raise _rejected(path, f"{one} is no place for exports")
    if not os.path.lexists(target):
        return target
    if not target.is_dir():
        raise _rejected(path, "is a file; name a folder")
    if target.is_mount():
        raise _rejected(path, "is a mounted volume, which cannot be replaced")
    try:
        foreign = _foreign(target)
    except OSError as exc:
        raise _rejected(path, f"cannot be listed: {exc.strerror}") from exc
    if foreign:
        named = ", ".join(foreign[:_FIRST_AT_MOST])
        raise _rejected(path, f"has what is no export of marts: {named}")
    return target


@contextmanager
def replacing(target: Path, kept: Sequence[Path] = ()) -> Iterator[Path]:
    """A new folder, which takes the place of *target* at the end of the block.

    A reader finds the old files or the new ones, also after a power cut.

    Raises:
        LockError: Another export to the same place is under way.
    """
    work = target.with_name(f".{target.name}.partial")
    if work.is_symlink():
        raise PipelineError(
            f"{work}: a link, where an export is made\nremove it, and repeat"
        )
    with _locked(work, target):
        new, old = work / "new", work / "old"
        if old.is_dir() and not os.path.lexists(target):
            files.move(old, target)  # a kill between two renames left none
        files.discard(new)
        files.discard(old)
        new.mkdir()
        try:
            yield new
            checked(target, kept)  # nobody put anything there meanwhile
            _give(new, target)
            files.sync_tree(new)
            _take_place(new, target, old)
        finally:
            files.discard(work)


@contextmanager
def _locked(work: Path, target: Path) -> Iterator[None]:
    try:
        with locked(work):
            yield
    except LockError as exc:
        raise LockError(
            f"{target}: another export is at work here; wait for its end"
        ) from exc


def _take_place(new: Path, target: Path, old: Path) -> None:
    try:
        if not os.path.lexists(target):
            files.move(new, target)
        elif not files.exchange(new, target):
            files.move(target, old)
            files.move(new, target)
    except OSError as exc:
        if exc.errno in {errno.EXDEV, errno.EBUSY}:
            exc.strerror = "is mounted here, and cannot be replaced"
            exc.filename = str(target)
        raise
    files.sync(target.parent)


def _give(new: Path, target: Path) -> None:
    """Let those read *new* who may read the folder that it replaces."""
    if not target.is_dir():
        return
    found = target.stat()
    readers = Readers.of(target, _access(new))
    given = [readers.give(path) for path in new.iterdir()]
    with suppress(PermissionError):  # another's folder, or a file system without modes
        if all(given):
            os.chown(new, -1, found.st_gid)
        new.chmod(stat.S_IMODE(found.st_mode))


def _access(new: Path) -> Access:
    """The mode that this command gives to files."""
    return Access(stat.S_IMODE((new / NAME).stat().st_mode))


def _foreign(folder: Path) -> list[str]:
    """What is in *folder* and is no file of an earlier export, by name."""
    found = sorted(folder.iterdir())
    own = files_of(folder / NAME) if found else set()
    return [
        path.name
        for path in found
        if path.name not in own or path.is_symlink() or not path.is_file()
    ]


def _rejected(path: Path, why: str) -> ConfigError:
    return ConfigError(
        f"{path}: {why}\nnothing was written; name a new folder for the marts"
    )
