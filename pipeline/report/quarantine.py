"""Invalid pages of a tenant, which are kept in quarantine: their names only."""

from collections.abc import Mapping
from pathlib import Path


def quarantined(folder: Path) -> list[Mapping[str, str]]:
    """The files in *folder* by tenant and name; none if there is no folder."""
    files = sorted(path for path in folder.glob("tenant=*/*") if path.is_file())
    return [
        {"tenant": path.parent.name.removeprefix("tenant="), "file": path.name}
        for path in files
    ]
