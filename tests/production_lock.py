"""requirements-production.lock: what of requirements.lock an installation needs.

`make lock` writes it. It has the packages of all platforms, and none for development.
"""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
PRODUCTION = ROOT / "requirements-production.lock"


def needed() -> set[str]:
    """The names of the dependencies, and of all that they need without an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    waiting = list(map(Requirement, project["dependencies"]))
    found: set[str] = set()
    while waiting:
        name = canonicalize_name(waiting.pop().name)
        if name in found:
            continue
        found.add(name)
        try:
            further = requires(name) or []
        except PackageNotFoundError:  # of another platform
            continue
        waiting += [one for one in map(Requirement, further) if not _is_extra(one)]
    return found


def _is_extra(requirement: Requirement) -> bool:
    return "extra" in str(requirement.marker or "")


def production_lock() -> str:
    """The blocks of the lock file that are needed, as they stand there."""
    names = needed()
    blocks = re.split(r"\n(?=\w)", LOCK.read_text("utf-8").rstrip("\n"))
    kept = [one for one in blocks if canonicalize_name(one.split("==")[0]) in names]
    return "\n".join(kept) + "\n"


if __name__ == "__main__":
    PRODUCTION.write_text(production_lock(), encoding="utf-8")
