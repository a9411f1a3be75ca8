"""Files that somebody put beside those that were closed."""

from pathlib import Path

from pipeline.closing import credited, register
from pipeline.closing.archive import Archive
from pipeline.closing.manifest import NAME
from pipeline.errors import CheckError, joined

# Files of macOS and Windows in folders that somebody looked at.
_BROWSERS = {".DS_Store", "Thumbs.db", "ehthumbs.db", "desktop.ini"}


def check(root: Path, closed: Archive) -> None:
    """Hold what is in the folder *root* to what is *closed*.

    What a kill left of a folder that was never entered is passed over, and what a file
    browser puts into every folder.

    Raises:
        CheckError: There is a file that no closing and no reversal put there.
    """
    known = {root / register.NAME}
    for month in (*closed.months, *closed.reversed):
        known |= {month.folder / name for name in (NAME, *month.manifest.files)}
    for entry in closed.register.entries:
        if entry.kind == "reversal":
            folder = credited.folder_of(root, entry)
            known |= {folder / name for name in entry.files}
    wrong = []
    for path in sorted(root.rglob("*")):
        is_folder = path.is_dir() and not path.is_symlink()
        if is_folder or path in known or _is_left_over(path.relative_to(root)):
            continue
        error = f"{path}: was added; no closing put it there"
        remedy = "a closed month never changes: move the file away"
        wrong.append(CheckError(f"{error}\n{remedy}"))
    if wrong:
        raise joined(wrong)


def _is_left_over(path: Path) -> bool:
    """Whether a kill left it, or a file browser put it there to show the folder."""
    of_kill = (one.startswith(".") and one.endswith(".partial") for one in path.parts)
    return any(of_kill) or path.name in _BROWSERS or path.name.startswith("._")
