"""Where SQL, templates, seeds and examples are: in a checkout or a wheel."""

import hashlib
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent
_IN_CHECKOUT = {
    "sql": "sql",
    "templates": "reports/templates",
    "seeds": "data/seeds",
    "examples": "data/examples",
}


def resource(name: str) -> Path:
    """Folder *name*, one of `_IN_CHECKOUT`, that came with this code."""
    installed = _PACKAGE / "_resources" / name
    return installed if installed.is_dir() else _PACKAGE.parent / _IN_CHECKOUT[name]


@cache
def revision() -> str:
    """A hash over all models, checks and seeds: which rules made a figure."""
    digest = hashlib.sha256()
    for folder in (resource("sql"), resource("seeds")):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            content = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
