"""The folder of the pages: each page replaced whole, the first page last.

The folder itself stays, so that it may be a link or a mounted volume, and a reader
always finds its first page. What is no page of ours is left alone.
"""

import logging
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from errno import EISDIR
from pathlib import Path

from pipeline import files
from pipeline.errors import PipelineError
from pipeline.files.access import Access, Readers
from pipeline.report.paths import FIRST_PAGES

log = logging.getLogger(__name__)

_FIRST = "index.html"

_OF_USER = Access()

# All pages that this or an earlier version makes, and what a kill left of one.
_PAGE = re.compile(
    rf"({'|'.join(map(re.escape, FIRST_PAGES))}|chargeback-\d{{4}}-\d{{2}}\.html"
    r"|statement-\d{4}-\d{2}-([a-z0-9-]+-)?[0-9a-f]{8}\.html)"
)
_PARTIAL = re.compile(rf"\.{_PAGE.pattern}\.partial")


def replace(
    folder: Path, pages: Mapping[str, bytes], access: Access = _OF_USER
) -> None:
    """Make *pages* those of *folder*: first all are written, then each gets its name.

    Where *folder* is a link, who may look into what it leads to may read them.

    Pages of links to other pages are there before the first page, and pages that are
    no longer made are removed last. A kill leaves each page old or new, and the next
    run makes all of them new.

    Raises:
        PipelineError: What an earlier version left cannot be removed.
    """
    _settle(folder)
    if folder.exists():
        _make_writable(folder)
        readers = Readers.of(folder, access) if folder.is_symlink() else None
        _replace_each(folder, pages, readers)
        return
    new = _beside(folder, "partial")
    files.make_folder(new)
    for name, page in pages.items():
        (new / name).write_bytes(page)
    files.sync_tree(new)
    # A link may lead to a folder that is not there yet.
    files.move(new, folder.resolve())


def _replace_each(
    folder: Path, pages: Mapping[str, bytes], readers: Readers | None
) -> None:
    for path in folder.iterdir():
        if _PARTIAL.fullmatch(path.name):
            files.remove(path)
    changed = [
        name
        for name, page in pages.items()
        if not _is(folder / name, page)
        or (readers and not readers.may_read(folder / name))
    ]
    changed.sort(key=lambda name: name == _FIRST)
    written: list[tuple[Path, Path]] = []
    try:
        for name in changed:
            path = folder / name
            partial = folder / f".{name}.partial"
            written.append((partial, path))
            partial.write_bytes(pages[name])
            files.sync(partial)
        if readers:
            _give(folder, [partial for partial, _ in written], readers)
        for partial, path in written:
            partial.replace(path)
    except BaseException:
        for partial, _ in written:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        raise
    files.sync(folder)
    old = [path for path in folder.iterdir() if _PAGE.fullmatch(path.name)]
    for path in old:
        if path.name not in pages:
            files.remove(path)


def _give(folder: Path, partials: Sequence[Path], readers: Readers) -> None:
    given = [readers.give(partial) for partial in partials]
    if not all(given):
        log.warning(
            "%s: pages cannot be given to its group %s: the web server may not read"
            " them\nchmod g+s %s",
            *(folder.resolve(), readers.name, folder.resolve()),
        )


def _is(path: Path, page: bytes) -> bool:
    """Whether *path* is the *page* already.

    Raises:
        IsADirectoryError: It is a folder.
    """
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
    is_file = path.is_file() and not path.is_symlink()
    return is_file and path.stat().st_size == len(page) and path.read_bytes() == page


def _make_writable(folder: Path) -> None:
    """Let the user of this command write to a folder that somebody made read-only."""
    if not os.access(folder, os.W_OK):
        with suppress(OSError):  # another's: then writing to it says so
            folder.chmod(0o700)


def _settle(folder: Path) -> None:
    """Put back or remove what a kill of an earlier version left beside *folder*.

    That renamed the folder.
    """
    old, new = _beside(folder, "old"), _beside(folder, "partial")
    if old.is_dir() and not os.path.lexists(folder):
        files.move(old, folder)
    _remove(new)
    _remove(old)


def _beside(folder: Path, what: str) -> Path:
    """A folder beside *folder*, or beside the one that a link leads to."""
    place = folder.resolve() if folder.is_symlink() else folder
    return place.with_name(f".{place.name}.{what}")


def _remove(folder: Path) -> None:
    """Remove *folder*, also where somebody made it or what is in it read-only."""
    if not folder.exists():
        return
    for one in (folder, *folder.rglob("*")):
        if one.is_dir() and not one.is_symlink():
            with suppress(OSError):  # another's: then it cannot be removed either
                one.chmod(0o700)
    try:
        shutil.rmtree(folder)
    except OSError as exc:
        raise PipelineError(
            f"{folder}: cannot be removed: {exc.strerror}\ngive it to the user of this"
            " command, or remove it; it has pages of an earlier run"
        ) from exc
