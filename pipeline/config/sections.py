"""The `[[tenant]]` sections: of `chargeback.toml`, and of a folder of such files."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.decoded import Decoded, decode
from pipeline.config.keys import File, TenantKeys, TenantsFile
from pipeline.config.paths import resolved
from pipeline.errors import ConfigError

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Section:
    """The *keys* of a tenant, which stand in a *file* as the section of a *number*."""

    file: Decoded
    number: int
    keys: TenantKeys

    @property
    def path(self) -> Path:
        """The file, to whose folder relative paths are relative."""
        return self.file.path

    @property
    def where(self) -> str:
        """The file and the section, as an error begins."""
        return f"{self.path}: tenant[{self.number}]"

    @contextmanager
    def placing(self) -> Iterator[None]:
        """Within it, an error that begins with this section says its line too."""
        with self.file.placing():
            yield


def folder_of(path: Path, keys: File) -> Path | None:
    """The folder of the files of tenants that the one at *path* names, if it does."""
    return None if keys.tenants is None else resolved(path, "tenants", keys.tenants)


def sections(decoded: Decoded) -> list[Section]:
    """All tenants of the configuration, those of its folder last, by file name.

    Raises:
        ConfigError: There are none, or a file cannot be read; others that cannot be
            are named too.
    """
    keys = decoded.keys
    found = list(_of(decoded, keys))
    folder = folder_of(decoded.path, keys)
    if folder is None and not found:
        raise ConfigError(f"{decoded.path}: tenant: required, not set")
    if folder is not None:
        found += _of_folder(decoded.path, folder)
        if not found:
            raise ConfigError(
                f"{decoded.path}: tenants: {folder} has no file that ends in .toml\n"
                "write one with a [[tenant]] section, or a section into this file"
            )
    return found


def _of(file: Decoded, keys: File | TenantsFile) -> Iterator[Section]:
    for number, one in enumerate(keys.tenant):
        yield Section(file, number, one)


def _of_folder(path: Path, folder: Path) -> Iterator[Section]:
    """The sections of all files; what is wrong with several is one error."""
    wrong: list[tuple[Path, ConfigError]] = []
    for one in _files(path, folder):
        try:
            file = decode(one)
            with file.placing():
                yield from _of(file, file.of_tenants)
        except ConfigError as exc:
            wrong.append((one, exc))
    if len(wrong) > 1:
        names = [one.name for one, _ in wrong[1:]]
        more = len(names) - _MOST_NAMED
        listed = ", ".join(names[:_MOST_NAMED]) + (f", and {more} more" * (more > 0))
        raise ConfigError(f"{wrong[0][1]}\nalso wrong: {listed}")
    if wrong:
        raise wrong[0][1]


def _files(path: Path, folder: Path) -> list[Path]:
    """The files of *folder*, without what editors leave beside them."""
    try:
        names = [one for one in folder.iterdir() if one.suffix == ".toml"]
    except OSError as exc:
        raise ConfigError(f"{path}: tenants: {folder}: {exc.strerror}") from exc
    return sorted(one for one in names if not one.name.startswith("."))
