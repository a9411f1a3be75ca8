"""The files to start with: a commented configuration and example CSV files."""

import shutil
from pathlib import Path

from pipeline.config import DEFAULT_FILE
from pipeline.errors import ConfigError
from pipeline.files import replacing
from pipeline.resources import resource

_FILES = (
    DEFAULT_FILE,
    "rates.csv",
    "cost_centers.csv",
    "fixed_costs.csv",
    "entitlements.csv",
    "markups.csv",
    "value.csv",
    "budgets.csv",
    "exchange_rates.csv",
    "notes.csv",
    "ledger.toml",
)

_NEXT = """
next:
1. name your tenant and its url in {config}
2. set the variable ACME_API_KEY (or another name, or a file) to its key
3. put your prices, cost centres, costs and budgets in place of the examples
4. say who learns of bad nights and who gets statements: [alerts], [monitor], [mail]
5. chargeback doctor --config {config}
6. chargeback run --config {config}; then every night: docs/deploy.md"""


def init(folder: Path) -> str:
    """Write the files that *folder* lacks; a text on what was written and what is next.

    Files that exist are never changed.

    Raises:
        ConfigError: *folder* is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file; name a folder")
    existing = [name for name in _FILES if _exists(folder / name)]
    for name in _FILES:
        if name not in existing:
            with replacing(folder / name) as partial:
                shutil.copyfile(resource("examples") / name, partial)
    lines = [
        f"left as it was  {folder / name}"
        if name in existing
        else f"written         {folder / name}"
        for name in _FILES
    ]
    if DEFAULT_FILE not in existing:
        lines.append(_NEXT.format(config=folder / DEFAULT_FILE))
    return "\n".join(lines)


def _exists(path: Path) -> bool:
    """Whether *path* exists, also as a link to a file that does not."""
    return path.exists() or path.is_symlink()
