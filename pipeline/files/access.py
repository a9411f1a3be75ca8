"""Who may read what a run writes: modes and a group, of new and of earlier files.

`[files]` says it of the data folder; a folder that a link leads to says it itself.
"""

import grp
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.files import make_folder, owners

_ALL = 0o777

# A group that may list a folder, and open what is in it.
_ENTERED = 0o050

# The unit of systemd hides these, whatever their mode.
_HOMES = (Path("/root"), Path("/home"))


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
        """The number of the group; by default that of the user.

        Raises:
            ConfigError: This machine has no such group.
        """
        if self.group is None:
            return os.getegid()
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
        ConfigError: There is no such group, or the user is not in it, or may not set
            the modes that it needs; or this is root, and the folder somebody else's.
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
    return stat.S_IMODE(found.st_mode) == mode and group == found.st_gid


def _give(path: Path, access: Access, group: int) -> None:
    found = path.lstat()
    is_known = stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)
    is_of_user = os.geteuid() == found.st_uid
    is_own = is_of_user or os.geteuid() == 0
    if not is_known or not is_own or _is_given(path, access, group):
        return
    # Root alone does not take the files of another user's group for its own.
    if group != found.st_gid and (access.group is not None or is_of_user):
        try:
            os.chown(path, -1, group)
        except PermissionError as exc:
            _refuse(path, access, exc)
    _set_mode(path, access, is_folder=stat.S_ISDIR(found.st_mode))


def _refuse(path: Path, access: Access, exc: PermissionError) -> None:
    """Raise ConfigError if a group is configured; else the file system has none."""
    if access.group is None:
        return
    raise ConfigError(
        f"files.group: {path} cannot be given to {access.group}\nadd the user of this"
        f" command to the group {access.group}; a service of systemd needs the drop-in"
        " of docs/deploy.md too"
    ) from exc


def _set_mode(path: Path, access: Access, *, is_folder: bool) -> None:
    mode = access.folder_mode if is_folder else access.mode
    with suppress(PermissionError):  # a file system without modes
        try:
            path.chmod(mode)
        except PermissionError as exc:
            path.chmod(mode & _ALL)
            if mode & stat.S_ISGID:  # a service that may not set this bit
                _refuse(path, access, exc)


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may read the files of a folder that a link leads to: its group, if it may.

    An administrator made that folder, and says by its group and mode who reads it.
    """

    mode: int
    group: int
    is_inherited: bool

    @classmethod
    def of(cls, folder: Path, access: Access) -> "Readers":
        """The readers of *folder*; *access* says whether all users are among them."""
        found = folder.stat()
        of_group = 0o040 if found.st_mode & _ENTERED == _ENTERED else 0
        inherits = bool(found.st_mode & stat.S_ISGID)
        return cls(access.mode | of_group, found.st_gid, inherits)

    @property
    def name(self) -> str:
        """The name of the group, or its number."""
        try:
            return grp.getgrgid(self.group).gr_name
        except KeyError:
            return str(self.group)

    @property
    def can_be_given(self) -> bool:
        """Whether new files have the group, or the user may give them to it."""
        groups = {os.getegid(), *os.getgroups()}
        return self.is_inherited or os.geteuid() == 0 or self.group in groups

    def may_read(self, path: Path) -> bool:
        """Whether *path* has the mode and the group of the folder's files."""
        found = path.stat()
        return (stat.S_IMODE(found.st_mode), found.st_gid) == (self.mode, self.group)

    def give(self, path: Path) -> bool:
        """Let them read a new file; whether it could be given to the group."""
        if path.stat().st_gid != self.group:
            try:
                os.chown(path, -1, self.group)
            except PermissionError:
                return False
        with suppress(PermissionError):  # a file system without modes
            path.chmod(self.mode)
        return True


def python_of_one_user() -> Path | None:
    """The running Python or its environment, if other users or a service cannot run it.

    So it is with one that pyenv or uv built for root.
    """
    program, environment = Path(sys.executable).resolve(), Path(sys.prefix).resolve()
    for path in (program, environment):
        is_at_home = any(path.is_relative_to(home) for home in _HOMES)
        if is_at_home or not all(one.stat().st_mode & 0o001 for one in path.parents):
            return path
    return None
