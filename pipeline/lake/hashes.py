"""The hash that a file of the lake carries, in its metadata: over all of its bytes.

With it stands which file of the lake it is, so that a copy at another place is found.
"""

import re
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import polars as pl

from pipeline.lake import folders

_KEY = "chargeback"
_UNSET = "0" * 64
_STATED = re.compile(rb"sha256=([0-9a-f]{64}) file=([\w=/.-]+/[\w=/.-]+);")

# The metadata stand at the end of a file, and are shorter.
_TAIL = 2**14


def encoded(rows: pl.DataFrame, name: str) -> bytes:
    """*rows* as the Parquet file *name*, a path in the lake, with the file's hash."""
    buffer = BytesIO()
    metadata = {_KEY: f"sha256={_UNSET} file={name};"}
    rows.write_parquet(
        buffer, compression="zstd", compression_level=1, metadata=metadata
    )
    content = buffer.getvalue()
    start = content.rindex(metadata[_KEY].encode()) + len("sha256=")
    digest = sha256(content).hexdigest().encode()
    return b"".join([content[:start], digest, content[start + len(_UNSET) :]])


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
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - _TAIL, 0))
            return _STATED.search(file.read())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise folders.unreadable(path, exc) from exc


def name_in(content: bytes) -> str | None:
    """The path in the lake that a file was written for; None if it has no hash.

    It is empty if the bytes of the file are others than those that were written.
    """
    found = _STATED.search(content, max(len(content) - _TAIL, 0))
    if found is None:
        return None
    start, end = found.span(1)
    unset = b"".join([content[:start], _UNSET.encode(), content[end:]])
    is_same = sha256(unset).hexdigest().encode() == found[1]
    return found[2].decode() if is_same else ""
