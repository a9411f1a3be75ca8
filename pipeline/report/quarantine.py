"""Pages of a tenant that were refused: their names, never what is in them."""

from collections.abc import Mapping
from pathlib import Path


def held(folder: Path | None) -> list[Mapping[str, str]]:
    """The files under *folder* by tenant and name; none if there is no folder."""
    if folder is None or not folder.is_dir():
        return []
    files = sorted(path for path in folder.glob("tenant=*/*") if path.is_file())
    return [
        {"tenant": path.parent.name.removeprefix("tenant="), "file": path.name}
        for path in files
    ]
