"""Who may read what a run writes: modes and a group, of new and of earlier files."""

import grp
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.files import make_folder, owners

_ALL = 0o777


@dataclass(frozen=True, slots=True)
class Access:
    """The mode of files, and their group if it is not that of the user."""

    mode: int = 0o600
    group: str | None = None

    @property
    def folder_mode(self) -> int:
        """The mode of folders: who may read files may look into them.

        With a group, what is made in them has it too.
        """
        looked_into = self.mode | (self.mode & 0o444) >> 2
        return looked_into | (stat.S_ISGID if self.group is not None else 0)

    @property
    def group_id(self) -> int:
        """The number of the group, -1 to leave it as it is.

        Raises:
            ConfigError: This machine has no such group.
        """
        if self.group is None:
            return -1
        try:
            return grp.getgrnam(self.group).gr_gid
        except KeyError as exc:
            raise ConfigError(
                f"files.group: {self.group}: this machine has no such group\n"
                "make it, or name another one"
            ) from exc


@contextmanager
def giving(access: Access, folder: Path, own: Iterable[Path]) -> Iterator[None]:
    """Within it, what is written in *folder* is for those whom *access* names.

    So are the folder and its files and folders *own* that are there, as of an earlier
    version. Those of other users are left as they are, so is what a link leads to, and
    so is a folder that holds the configuration too.

    Raises:
        ConfigError: There is no such group, or the user is not in it; or this is root,
            and the folder somebody else's.
    """
    owners.check(folder)
    group = access.group_id
    before = os.umask(_ALL & ~access.folder_mode)
    try:
        make_folder(folder)
        for path in own:
            _give_all(path, access, group)
        if not any(folder.glob("*.toml")):
            _give(folder, access, group)
        yield
    finally:
        os.umask(before)


def _give_all(path: Path, access: Access, group: int) -> None:
    """Set *path* and all in it; at last itself, which shows that all of it is done."""
    if path.is_symlink() or not path.exists() or _is_given(path, access, group):
        return
    for folder, folders, names in os.walk(path):
        for name in (*folders, *names):
            _give(Path(folder) / name, access, group)
    _give(path, access, group)


def _is_given(path: Path, access: Access, group: int) -> bool:
    found = path.lstat()
    mode = access.folder_mode if stat.S_ISDIR(found.st_mode) else access.mode
    return stat.S_IMODE(found.st_mode) == mode and group in {-1, found.st_gid}


def _give(path: Path, access: Access, group: int) -> None:
    found = path.lstat()
    is_known = stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)
    is_own = os.geteuid() in {0, found.st_uid}
    if not is_known or not is_own or _is_given(path, access, group):
        return
    if group not in {-1, found.st_gid}:
        try:
            os.chown(path, -1, group)
        except PermissionError as exc:
            raise ConfigError(
                f"files.group: {path} cannot be given to {access.group}\n"
                f"add the user of this command to the group {access.group}"
            ) from exc
    is_folder = stat.S_ISDIR(found.st_mode)
    with suppress(PermissionError):  # a file system without modes
        path.chmod(access.folder_mode if is_folder else access.mode)
