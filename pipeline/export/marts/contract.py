"""What an export of marts holds, for programs: its version, tables, columns, types."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from pipeline.export.marts.companions import NAMES
from pipeline.export.marts.tables import Mart
from pipeline.files import read_small

NAME = "contract.json"

# The first number counts changes that break a reader: a column or table that is gone,
# or has another type or meaning. The second one counts what is added.
VERSION = "1.0"

_KIND = "chargeback.marts"


def contract(found: Sequence[Mart]) -> tuple[str, str]:
    """The name and the text of the file."""
    said = {
        "kind": _KIND,
        "version": VERSION,
        "files": sorted([NAME, *NAMES, *(one.file for one in found)]),
        "tables": [_table(one) for one in found],
    }
    return NAME, msgspec.json.format(msgspec.json.encode(said)).decode() + "\n"


def files_of(path: Path) -> set[str]:
    """The files of the export that the contract at *path* is of; none if it is none."""
    with suppress(OSError, msgspec.DecodeError):
        found = msgspec.json.decode(read_small(path))
        if isinstance(found, dict) and found.get("kind") == _KIND:
            return {name for name in found.get("files", ()) if isinstance(name, str)}
    return set()


def _table(mart: Mart) -> dict[str, Any]:
    return {
        "name": mart.name,
        "file": mart.file,
        "description": mart.meaning,
        "rows": mart.rows,
        "columns": [
            {"name": one.name, "type": one.dtype, "description": one.meaning}
            for one in mart.columns
        ],
    }
