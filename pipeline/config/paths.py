"""Paths in the configuration: of its own folder, or of somebody's home."""

from pathlib import Path

from pipeline.errors import ConfigError


def resolved(path: Path, key: str, written: str) -> Path:
    """What is *written* at *key* of the file at *path*, to whose folder it is relative.

    Raises:
        ConfigError: It begins with the home folder of somebody who has none.
    """
    try:
        return path.absolute().parent / Path(written).expanduser()
    except RuntimeError:
        raise ConfigError(
            f"{path}: {key}: {written!r} begins with a home folder that is not known"
            " here\nwrite the whole path, or ./~ for a file whose name begins so"
        ) from None
