"""`chargeback init --system`: folders and files of a machine, as the FHS has them."""

import sys
from pathlib import Path

from pipeline.cli.init import init
from pipeline.config import DEFAULT_FILE
from pipeline.errors import ConfigError
from pipeline.files import replacing
from pipeline.files.access import python_of_one_user

_CONFIG = Path("etc/chargeback")
_DATA = Path("var/lib/chargeback")
_PAGES = Path("var/www/chargeback")

_NEXT = """
next, as root (docs/deploy.md has all of it):
1. useradd --system --user-group --home-dir /{data} --no-create-home chargeback
2. chown -R chargeback: /{data} /{pages}; chgrp -R chargeback /{config}
3. install -m 0400 -o chargeback /dev/stdin /{config}/acme-api-key; then the key, Ctrl-D
4. put your tenant and prices in place of the examples in /{config}
5. say there who learns of bad nights ([alerts], [monitor]) and gets statements ([mail])
6. runuser -u chargeback -- {program} doctor --config /{config}/{file}
7. every night by a timer or cron: deploy/ has the units and the line"""

_HIDDEN = """
{python} cannot be run by a service user
make the environment anew with the Python of /usr: docs/deploy.md"""


def init_system(root: Path) -> str:
    """Write what *root* lacks of /etc, /var/lib and /var/www; a text on what is next.

    Files that exist are never changed.

    Raises:
        ConfigError: A folder cannot be made.
    """
    config = root / _CONFIG
    is_new = not (config / DEFAULT_FILE).exists()
    try:
        folders = {config: 0o750, root / _DATA: 0o700, root / _PAGES: 0o750}
        for folder, mode in folders.items():
            if not folder.exists():
                folder.mkdir(parents=True)
                folder.chmod(mode)
        link = root / _DATA / "reports"
        if not link.exists() and not link.is_symlink():
            link.symlink_to(f"/{_PAGES}")
    except OSError as exc:
        where, why = exc.filename, exc.strerror
        raise ConfigError(f"{where}: {why}\nrun this as root, or name a DIR") from exc
    lines = [one for one in init(config).split("\n\n")[0].splitlines() if one]
    if is_new:
        _set_paths(config / DEFAULT_FILE)
        names = {"config": _CONFIG, "data": _DATA, "pages": _PAGES}
        program = Path(sys.prefix) / "bin" / "chargeback"
        lines.append(_NEXT.format(**names, file=DEFAULT_FILE, program=program))
    if python := python_of_one_user():
        lines.append(_HIDDEN.format(python=python))
    return "\n".join(lines)


def _set_paths(path: Path) -> None:
    """Let the configuration name the folders of the machine."""
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ('data_dir = "data"', f'data_dir = "/{_DATA}"'),
        ('api_key = "env:ACME_API_KEY"', f'api_key = "file:/{_CONFIG}/acme-api-key"'),
    ):
        if old not in text:
            raise ConfigError(f"{path}: has no line {old}")
        text = text.replace(old, new, 1)
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")
