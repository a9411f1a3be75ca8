"""The files of a beginning: a configuration that explains itself, example CSV files."""

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
    "budgets.csv",
)

_NEXT = """
next:
1. name your tenant and its url in {config}
2. set the variable ACME_API_KEY (or another name, or a file) to its key
3. put your prices, cost centres, costs and budgets in place of the examples
4. chargeback doctor --config {config}"""


def init(folder: Path) -> str:
    """Write what is not there yet into *folder*; what was written, left, and is next.

    A file that is there is never touched, whatever it holds.

    Raises:
        ConfigError: *folder* is a file.
    """
    if folder.is_file():
        raise ConfigError(f"{folder} is a file; name a folder")
    there = [name for name in _FILES if _is_there(folder / name)]
    for name in _FILES:
        if name not in there:
            with replacing(folder / name) as partial:
                shutil.copyfile(resource("examples") / name, partial)
    lines = [
        f"left as it was  {folder / name}"
        if name in there
        else f"written         {folder / name}"
        for name in _FILES
    ]
    if DEFAULT_FILE not in there:
        lines.append(_NEXT.format(config=folder / DEFAULT_FILE))
    return "\n".join(lines)


def _is_there(path: Path) -> bool:
    """Also a link that leads nowhere is somebody's."""
    return path.exists() or path.is_symlink()
