"""The folder of the pages, replaced whole."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from pipeline import files


def replace(folder: Path, pages: Mapping[str, bytes]) -> None:
    """Replace *folder* and all that is in it by *pages*.

    The new folder is complete before the old one is removed. If a run is killed
    between the two renames, the next one restores the old folder first.
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
    if folder.exists():
        shutil.rmtree(folder)
