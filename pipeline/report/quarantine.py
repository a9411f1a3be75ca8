"""Invalid pages of a tenant, which are kept in quarantine: their names only."""

from collections.abc import Mapping
from pathlib import Path


def quarantined(folder: Path) -> list[Mapping[str, str]]:
    """The files in *folder* by tenant and name; none if there is no folder.

    What a Mac or a sync program writes beside them is none of them.
    """
    files = sorted(
        path
        for path in folder.glob("tenant=*/*.json")
        if path.is_file() and not path.name.startswith(".")
    )
    return [
        {"tenant": path.parent.name.removeprefix("tenant="), "file": path.name}
        for path in files
    ]
