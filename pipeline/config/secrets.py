"""Secrets come from the environment or from files, never from the configuration."""

import logging
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from pipeline.config.paths import resolved
from pipeline.errors import ConfigError
from pipeline.files import read_small

log = logging.getLogger(__name__)

# Where secrets are looked for; None for what speaks to nobody, and needs none.
Env = Mapping[str, str] | None

_LARGEST = 65_536
_NAME = re.compile("[A-Za-z_][A-Za-z_0-9]{0,63}")


def secret(where: str, reference: str, path: Path, env: Env) -> str:
    """The secret that *reference* (`env:NAME` or `file:PATH`) points to.

    Without *env* it is not looked for, and empty.

    Raises:
        ConfigError: It is not there, or not usable in a header; or *reference* is a
            literal secret, which the message does not repeat.
    """
    kind, _, name = reference.partition(":")
    if env is None and kind in {"env", "file"} and name:
        return ""
    if env is not None and kind == "env" and name:
        if name not in env:
            # Who writes env: before a key must not find it in a log.
            named = f"the variable {name}" if _NAME.fullmatch(name) else "its variable"
            raise ConfigError(f"{where}: {named} is not set")
        value = env[name].strip()
    elif kind == "file" and name:
        value = _read(where, _file(where, path, name))
    else:
        raise ConfigError(
            f'{where}: a secret is not written here; use "env:NAME" or "file:PATH"'
        )
    if not value or not value.isascii() or not value.isprintable():
        raise ConfigError(f"{where}: the secret is empty, or holds odd characters")
    return value


def _file(where: str, path: Path, name: str) -> Path:
    """The file of a secret, which is relative to the folder of the one at *path*."""
    return resolved(path, where.removeprefix(f"{path}: "), name)


def _read(where: str, file: Path) -> str:
    try:
        content = read_small(file, _LARGEST).decode("ascii").strip()
        if _is_open_to_all(file):
            log.warning("%s: %s: anyone on this machine can read it", where, file)
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "not plain text"
        raise ConfigError(f"{where}: {file}: {reason}") from None
    return content


def _is_open_to_all(file: Path) -> bool:
    """Whether users outside of the file's group may read it; never on Windows."""
    return os.name == "posix" and bool(file.stat().st_mode & stat.S_IROTH)
