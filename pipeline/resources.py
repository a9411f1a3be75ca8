"""Where the SQL, the templates and the example seeds are: in a checkout or a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_IN_CHECKOUT = {"sql": "sql", "templates": "reports/templates", "seeds": "data/seeds"}


def resource(name: str) -> Path:
    """Folder *name* (`sql`, `templates` or `seeds`) that came with this code."""
    installed = _PACKAGE / "_resources" / name
    return installed if installed.is_dir() else _PACKAGE.parent / _IN_CHECKOUT[name]
