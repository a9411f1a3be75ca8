"""Where an export may be written: to new files, and over earlier exports."""

import csv
import os
import stat
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from errno import EISDIR
from io import BytesIO, StringIO
from pathlib import Path
from xml.etree.ElementTree import ParseError, iterparse

import msgspec
import polars as pl

from pipeline.errors import ConfigError, PipelineError
from pipeline.files import read_small, replacing
from pipeline.files.archive import BROKEN
from pipeline.lake.faults import PARQUET_ERRORS

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}sheet"

# So much of the names in a file are in another file of the same kind: later versions
# have more columns, other versions of FOCUS have fewer.
_ALIKE = 2 / 3

_LARGEST = 2**30


def replace(files: Mapping[Path, bytes], kept: Sequence[Path], out: Path) -> None:
    """As `write`; what the disk refuses is said of *out*, which they are or are in.

    Raises:
        ConfigError: One would replace what is no export, or is among what is *kept*.
        PipelineError: One cannot be written.
    """
    try:
        write(files, kept)
    except OSError as exc:
        raise PipelineError(
            f"{exc.filename or out}: {exc.strerror or exc}\n"
            "nothing was written; name another place with --out"
        ) from exc


def write(files: Mapping[Path, bytes], kept: Sequence[Path]) -> None:
    """Write all *files* beside their places, then let each take its own.

    Raises:
        ConfigError: One would replace what is no export, or is in one of the folders
            or files *kept*.
        OSError: One cannot be written.
    """
    targets = {_target(path, content, kept): content for path, content in files.items()}
    with ExitStack() as stack:
        for path, content in targets.items():
            stack.enter_context(replacing(path)).write_bytes(content)


def _target(path: Path, content: bytes, kept: Sequence[Path]) -> Path:
    """Where *path* leads to, if *content* may be written there."""
    target = path.resolve()
    for one in kept:
        if target.is_relative_to(one.resolve()):
            raise _rejected(path, f"{one} is no place for exports")
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return target
    if stat.S_ISDIR(mode):  # its rename would fail after those of others
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise _rejected(path, "is not a regular file")
    if target.stat().st_size:
        there, new = _names(read_small(target, _LARGEST)), _names(content)
        if len(there & new) < len(there or {""}) * _ALIKE:
            raise _rejected(path, "is there, and is no such export")
    return target


def _rejected(path: Path, why: str) -> ConfigError:
    return ConfigError(
        f"--out: {path}: {why}\nnothing was written; name another place with --out"
    )


def _names(content: bytes) -> set[str]:
    """The columns of a CSV or Parquet file, the sheets of a workbook; else none."""
    if content.startswith(b"PAR1"):
        with suppress(*PARQUET_ERRORS):
            return {*pl.read_parquet_schema(BytesIO(content))}
        return set()
    if content.startswith(b"{"):
        return _keys(content)
    if content.startswith(b"PK"):
        return _sheets(content)
    first = content.partition(b"\n")[0].decode(errors="replace")
    with suppress(csv.Error):
        return {*next(csv.reader(StringIO(first)), ())}
    return set()


def _keys(content: bytes) -> set[str]:
    with suppress(msgspec.DecodeError):
        return {*msgspec.json.decode(content, type=dict[str, object])}
    return set()


def _sheets(content: bytes) -> set[str]:
    try:
        with (
            zipfile.ZipFile(BytesIO(content)) as book,
            book.open("xl/workbook.xml") as file,
        ):
            elements = (one for _, one in iterparse(file))  # noqa: S314 (a small file)
            return {one.get("name", "") for one in elements if one.tag == _SHEET}
    except (*BROKEN, KeyError, ParseError):
        return set()
