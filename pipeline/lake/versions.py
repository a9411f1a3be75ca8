"""What a data folder has of a bucket: the ETag that each of its files was read with."""

from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from typing import NamedTuple

import msgspec

from pipeline.files import replacing


class Version(NamedTuple):
    """The ETag of an object; size, time and number of the file that is the same."""

    etag: str
    size: int
    time: int
    number: int


class _Kept(msgspec.Struct):
    url: str
    machine: str
    files: dict[str, Version]


@dataclass
class Versions:
    """What the data folder of *machine* has, by the key of the object."""

    path: Path
    url: str
    machine: str
    files: dict[str, Version] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, url: str, new: str) -> "Versions":
        """What *path* says, of this bucket only. A *new* machine is named so."""
        try:
            found = msgspec.json.decode(path.read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return cls(path, url, new)
        return cls(path, url, found.machine, found.files if found.url == url else {})

    def write(self) -> None:
        """Keep it; without it, the next command compares contents."""
        content = msgspec.json.encode(_Kept(self.url, self.machine, self.files))
        with suppress(OSError):
            if self.path.exists() and self.path.read_bytes() == content:
                return
            with replacing(self.path) as partial:
                partial.write_bytes(content)

    def add(self, key: str, path: Path, etag: str) -> None:
        """Note that the file at *path* is the object of *key* that has *etag*."""
        found = path.stat()
        self.files[key] = Version(etag, found.st_size, found.st_mtime_ns, found.st_ino)

    def is_unchanged(self, key: str, path: Path) -> bool:
        """Whether the file at *path* is the one that was added."""
        version = self.files.get(key)
        try:
            found = path.stat()
        except OSError:
            return False
        state = (found.st_size, found.st_mtime_ns, found.st_ino)
        return version is not None and version[1:] == state

    def is_same(self, key: str, path: Path, etag: str) -> bool:
        """Whether the file at *path* is the object of *key* that has *etag*.

        Where the file is not known, an ETag that is an MD5 says it, as most are.
        """
        if self.is_unchanged(key, path):
            return self.files[key].etag == etag
        if not path.is_file() or md5_of(path.read_bytes()) != etag:
            return False
        self.add(key, path, etag)
        return True


def md5_of(content: bytes) -> str:
    """The MD5 of *content*, as ETags have it; nothing is secured by it."""
    return md5(content, usedforsecurity=False).hexdigest()
