"""Who may do what with the files of a folder."""

from pathlib import Path

OWN = {"folder 0700", "file 0600"}  # the user alone


def modes(folder: Path) -> set[str]:
    """The modes of folders and files, but of the lock."""
    return {
        f"{'folder' if path.is_dir() else 'file'} {path.stat().st_mode & 0o7777:04o}"
        for path in (folder, *folder.rglob("*"))
        if path.name != ".lock"
    }
