"""The days of complete months, put into a file each: all of a tenant's table at once.

The tenant's folder is made anew beside the tables, of links to the files that stay,
and takes the place of the old one in a single step. A reader finds the files of days
or those of months, also after a kill: no row is there twice, and none is missing.
"""

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pipeline import files
from pipeline.errors import PipelineError

# Beside the tables: nobody who reads one of these looks into it.
FOLDER = ".compacting"

_FORMER = "former"

# What file systems answer that have no links.
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


class NewMonth(NamedTuple):
    """A file of a month, the files of *days* that it replaces, and what writes it."""

    target: Path
    days: Sequence[Path]
    write: Callable[[Path], None]


@contextmanager
def replacing(folder: Path, months: Sequence[NewMonth]) -> Iterator[list[Path]]:
    """The files of *months* in a copy of *folder*, which takes its place at the end.

    *folder* is that of a tenant in a table. If the block fails, it stays as it is.

    Raises:
        PipelineError: The folder is a link.
    """
    if folder.is_symlink():
        raise PipelineError(
            f"{folder}: is a link, and is not compacted\nput the folder itself there"
        )
    root = folder.parents[1]
    recover(root)
    beside = root / FOLDER / folder.relative_to(root)
    try:
        _link(folder, beside, {path for month in months for path in month.days})
        made = [beside / month.target.relative_to(folder) for month in months]
        for month, path in zip(months, made, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            month.write(path)
            files.sync(path)
        for name, _, _ in os.walk(beside):
            files.sync(Path(name))
        yield made
        _exchange(root, beside, folder)
    finally:
        files.discard(root / FOLDER)


def recover(root: Path) -> None:
    """Complete in the lake *root* what a kill interrupted; call it under the lock."""
    former = root / FOLDER / _FORMER
    for path in sorted(former.glob("*/*")):
        if not (folder := root / path.relative_to(former)).exists():
            files.move(path, folder)
    files.discard(root / FOLDER)


def _link(folder: Path, beside: Path, without: set[Path]) -> None:
    """Make *beside* of links to all that is in *folder*, but for *without*."""
    files.make_folder(beside)
    for path, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(path) / name).is_symlink()]
        for one in (Path(path) / name for name in (*names, *links)):
            if one not in without:
                target = beside / one.relative_to(folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                _link_file(one, target)


def _link_file(path: Path, target: Path) -> None:
    """Let *target* be the file, or the link, at *path*; a copy where there are none."""
    if path.is_symlink():
        shutil.copy2(path, target, follow_symlinks=False)
        return
    try:
        target.hardlink_to(path)
    except OSError as exc:
        if exc.errno not in _NO_LINKS:
            raise
        shutil.copy2(path, target)
        files.sync(target)


def _exchange(root: Path, beside: Path, folder: Path) -> None:
    """Let *beside* and *folder* have each other's place."""
    if not files.exchange(beside, folder):
        former = root / FOLDER / _FORMER / folder.relative_to(root)
        files.make_folder(former.parent)
        files.move(folder, former)
        files.move(beside, folder)
    files.sync(folder.parent)
