"""The version of a data folder: a newer one is refused, an older one is raised.

Version 1 is the first that is noted. A folder without a note is of an earlier version
of this package, whose lake, closed months and notes are read as they are. What they
lack, such as a register, a build adds.
"""

from pathlib import Path

import msgspec

from pipeline.errors import ConfigError
from pipeline.files import replacing

FORMAT = 1
FILE = Path("state") / "format.json"


class _Version(msgspec.Struct, frozen=True):
    format: int


def check(data_dir: Path) -> int:
    """The version of *data_dir*; 0 if none is noted.

    Raises:
        ConfigError: It is newer than this package, or the note cannot be read.
    """
    path = data_dir / FILE
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Version).format
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as exc:
        raise ConfigError(
            f"{path}: cannot be read as the version of the data folder\n"
            f'restore it from a backup, or write {{"format": {FORMAT}}} into it'
        ) from exc
    if found > FORMAT:
        raise ConfigError(
            f"{path}: this folder has format {found}, and this version of chargeback"
            f" knows {FORMAT}\ninstall the version that wrote it, or restore a backup"
            " from before"
        )
    return found


def upgrade(data_dir: Path) -> None:
    """Note the version of today, once *data_dir* has it; call it with the lock.

    Raises:
        ConfigError: It is newer than this package, or the note cannot be read.
    """
    if check(data_dir) < FORMAT:
        with replacing(data_dir / FILE) as partial:
            partial.write_bytes(msgspec.json.encode(_Version(FORMAT)) + b"\n")
