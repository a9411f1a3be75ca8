"""Whose files these are: what another user left stops the next run."""

import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from pipeline.errors import ConfigError

_ROOT = 0


def check(folder: Path) -> None:
    """Refuse to write as root into the *folder* of another user, who reads it later.

    Raises:
        ConfigError: What root writes there would be root's.
    """
    if os.geteuid() != _ROOT or not folder.is_dir():
        return
    owner = folder.stat().st_uid
    if owner == _ROOT or _made_by(folder) == owner:
        return
    user = name_of(owner)
    raise ConfigError(
        f"{folder}: belongs to {user}, who could not replace what root writes there\n"
        f"run this command as {user}: sudo -u {user} chargeback …"
    )


def others(folder: Path) -> Iterator[tuple[Path, int]]:
    """What in *folder*, itself too, belongs to other users than this one: each owner.

    Links are passed over: they are nobody's business but their folder's.
    """
    own = os.geteuid()
    with suppress(OSError):  # it is not there, or nobody may look
        if (owner := folder.stat().st_uid) != own:
            yield folder, owner
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(place) / name
            with suppress(OSError):  # it is not there any more
                found = path.lstat()
                if found.st_uid != own and not stat.S_ISLNK(found.st_mode):
                    yield path, found.st_uid


def remedy(folder: Path) -> str | None:
    """What to do about the first file in *folder* of another user; None if none is."""
    found = next(others(folder), None)
    if found is None or os.geteuid() == _ROOT:
        return None
    path, owner = found
    user = name_of(os.geteuid())
    return f"{path} belongs to {name_of(owner)}: sudo chown -R {user}: {folder}"


def name_of(user: int) -> str:
    """The name of a *user*, or the number where it has none here."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"


def _made_by(folder: Path) -> int:
    """Whose a new file in *folder* is: not always ours, as on CIFS."""
    with TemporaryFile(dir=folder) as made:
        return os.fstat(made.fileno()).st_uid
