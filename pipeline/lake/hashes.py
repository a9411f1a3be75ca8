"""The hash that a file of the lake carries, in its metadata: over all of its bytes.

With it stands which file of the lake it is, so that a copy at another place is found.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import file_digest, sha256
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import BinaryIO

import polars as pl

from pipeline.lake import faults, footers

_CHUNK = 2**20
_MOST_KNOWN = 2**10
_SET_AT = len("sha256=")


def encoded(files: Iterable[tuple[str, pl.DataFrame]]) -> Iterator[bytes]:
    """Rows as Parquet files of these names, paths in the lake, each with its hash.

    They are made at once: each alone would wake polars' threads. Statistics are left
    out: a day is read whole, and they take a third of the time.
    """
    made = [(footers.stated(name), rows, BytesIO()) for name, rows in files]
    pl.collect_all(
        [
            rows.lazy().sink_parquet(
                buffer,
                compression="zstd",
                compression_level=1,
                statistics=False,
                metadata=metadata,
                lazy=True,
            )
            for metadata, rows, buffer in made
        ],
        engine="streaming",
    )
    for metadata, _, buffer in made:
        yield _sealed(buffer.getvalue(), metadata[footers.KEY].encode())


def _sealed(content: bytes, unset: bytes) -> bytes:
    """*content*, which has a hash that is *unset*, with it."""
    start = content.rindex(unset) + _SET_AT
    digest = sha256(content).hexdigest().encode()
    return b"".join([content[:start], digest, content[start + len(footers.UNSET) :]])


def seal(path: Path) -> None:
    """Set the hash of a file that was written with metadata of `footers.stated`."""
    end = footers.tail(path)
    unset = f"sha256={footers.UNSET} file=".encode()
    start = path.stat().st_size - len(end) + end.rindex(unset) + _SET_AT
    with path.open("r+b") as file:
        digest = file_digest(file, "sha256").hexdigest().encode()
        file.seek(start)
        file.write(digest)


def has_hash(path: Path) -> bool:
    """Whether the file carries a hash; it may be wrong. False if there is no file."""
    return _stated(path) is not None


def tenant_in(path: Path) -> str | None:
    """The tenant that the file was written for; None if it has no hash, or is none."""
    stated = _stated(path)
    if stated is None:
        return None
    return stated[2].decode().split("/")[1].removeprefix("tenant=")


def _stated(path: Path) -> re.Match[bytes] | None:
    try:
        return footers.STATED.search(footers.tail(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise faults.unreadable(path, exc) from exc


def name_of(path: Path) -> str | None:
    """As `name_in`, of the file at *path*, which is not held in memory.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return _name_in(file)


def is_as_written(path: Path) -> bool:
    """Whether the file has the bytes that were written, or has no hash.

    It is looked into once, until it is changed.

    Raises:
        OSError: It cannot be read.
    """
    found = path.stat()
    return _is_as_written(path, found.st_size, found.st_mtime_ns, found.st_ino)


@lru_cache(_MOST_KNOWN)
def _is_as_written(path: Path, *_state: int) -> bool:
    return name_of(path) != ""


def name_in(content: bytes) -> str | None:
    """The path in the lake that a file was written for; None if it has no hash.

    It is empty if the bytes of the file are others than those that were written.
    """
    return _name_in(BytesIO(content))


def _name_in(file: BinaryIO) -> str | None:
    size = file.seek(0, SEEK_END)
    begin = max(size - footers.TAIL, 0)
    file.seek(begin)
    found = footers.STATED.search(file.read())
    if found is None:
        return None
    start, end = (begin + place for place in found.span(1))
    digest = sha256()
    file.seek(0)
    for count in [_CHUNK] * (start // _CHUNK) + [start % _CHUNK]:
        digest.update(file.read(count))
    digest.update(footers.UNSET.encode())
    file.seek(end)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return found[2].decode() if digest.hexdigest().encode() == found[1] else ""
