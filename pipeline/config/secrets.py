"""Secrets come from the environment or from files, never from the configuration."""

import os
import re
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path

from pipeline.config.paths import resolved
from pipeline.errors import ConfigError
from pipeline.files import owners, read_small

# Where secrets are looked for; None for what speaks to nobody, and needs none.
Env = Mapping[str, str] | None

_LARGEST = 65_536
_OTHERS = 0o077
_NAME = re.compile("[A-Za-z_][A-Za-z_0-9]{0,63}")


def secret(
    where: str, reference: str, path: Path, env: Env, *, lines: bool = False
) -> str:
    """The secret that *reference* (`env:NAME` or `file:PATH`) points to.

    Without *env* it is not looked for, and empty. With *lines* it may have several.

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
        value = _read(where, _file(where, path, name), env)
    else:
        raise ConfigError(
            f'{where}: a secret is not written here; use "env:NAME" or "file:PATH"'
        )
    line = "".join(value.splitlines()) if lines else value
    if not line or not line.isascii() or not line.isprintable():
        raise ConfigError(f"{where}: the secret is empty, or holds odd characters")
    return value


def _file(where: str, path: Path, name: str) -> Path:
    """The file of a secret, which is relative to the folder of the one at *path*."""
    return resolved(path, where.removeprefix(f"{path}: "), name)


def _read(where: str, file: Path, env: Env) -> str:
    try:
        content = read_small(file, _LARGEST).decode("ascii").strip()
        mode = stat.S_IMODE(file.stat().st_mode)
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "not plain text"
        raise ConfigError(f"{where}: {file}: {reason}\n{_remedy(exc, file)}") from None
    if mode & _OTHERS and not _is_of_systemd(file, env):
        raise ConfigError(
            f"{where}: {file} can be read or changed by other users (mode {mode:04o})\n"
            f"chmod 600 {shlex.quote(str(file))}; and set a new secret if others could"
            " read it"
        )
    return content


def _remedy(exc: OSError | UnicodeDecodeError, file: Path) -> str:
    """What lets this user read the *file* of a secret."""
    if isinstance(exc, PermissionError):
        user, name = owners.name_of(os.geteuid()), shlex.quote(str(file))
        return (
            f"let {user}, who runs this, read it: chown {user} {name}; and look into"
            " the folders above it"
        )
    if isinstance(exc, FileNotFoundError):
        return "write the secret into it (chmod 600), or correct the path"
    return "write the secret into it, and nothing else, as plain text"


def _is_of_systemd(file: Path, env: Mapping[str, str] | None) -> bool:
    """Whether systemd made the file for this service alone.

    It does so by an access list, which shows as if the group might read.
    """
    folder = (env or {}).get("CREDENTIALS_DIRECTORY")
    return bool(folder) and file.resolve().is_relative_to(Path(folder or "").resolve())
