"""Secrets come from the environment or from files, never from the configuration."""

import logging
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import ConfigError

log = logging.getLogger(__name__)


def secret(where: str, reference: str, path: Path, env: Mapping[str, str]) -> str:
    """The secret that *reference* (`env:NAME` or `file:PATH`) points to.

    Raises:
        ConfigError: It is not there, or not usable in a header; or *reference* is a
            literal secret, which the message does not repeat.
    """
    kind, _, name = reference.partition(":")
    if kind == "env" and name:
        if name not in env:
            raise ConfigError(f"{where}: the variable {name} is not set")
        value = env[name].strip()
    elif kind == "file" and name:
        value = _read(where, path.absolute().parent / name)
    else:
        raise ConfigError(
            f'{where}: a secret is not written here; use "env:NAME" or "file:PATH"'
        )
    if not value or not value.isascii() or not value.isprintable():
        raise ConfigError(f"{where}: the secret is empty, or holds odd characters")
    return value


def _read(where: str, file: Path) -> str:
    try:
        with file.open(encoding="ascii") as secret_file:
            if _is_open_to_all(secret_file.fileno()):
                log.warning("%s: %s: anyone on this machine can read it", where, file)
            return secret_file.read().strip()
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "not plain text"
        raise ConfigError(f"{where}: {file}: {reason}") from None


def _is_open_to_all(descriptor: int) -> bool:
    """Whether users outside of the file's group may read it; never on Windows."""
    return os.name == "posix" and bool(os.fstat(descriptor).st_mode & stat.S_IROTH)
