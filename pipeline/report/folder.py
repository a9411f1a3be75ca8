"""The folder of the pages, replaced whole."""

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pipeline import files
from pipeline.errors import PipelineError


def replace(folder: Path, pages: Mapping[str, bytes]) -> None:
    """Replace *folder* and all that is in it by *pages*.

    The new folder is complete before the old one is removed. If a run is killed
    between the two renames, the next one restores the old folder first.

    Raises:
        PipelineError: What is there cannot be removed; the new pages may be in place.
    """
    new = folder.with_name(f".{folder.name}.partial")
    old = folder.with_name(f".{folder.name}.old")
    if old.exists() and not folder.exists():
        old.rename(folder)
    _remove(new)
    _remove(old)
    new.mkdir(parents=True)
    for name, page in pages.items():
        (new / name).write_bytes(page)
    files.sync_tree(new)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    files.sync(folder.parent)
    _remove(old)


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
