"""What a warehouse shows as issued, held to the register."""

from functools import lru_cache
from pathlib import Path

import duckdb

from pipeline import warehouse
from pipeline.closing.archive import Archive
from pipeline.errors import CheckError, PipelineError

_MOST_KNOWN = 16


def shows(database: Path, closed: Archive) -> bool:
    """Whether the warehouse was made after the last document was issued."""
    issued = {one.seal for one in closed.register.documents}
    return database.exists() and _documents(database).keys() >= issued


def check_shown(database: Path, closed: Archive) -> None:
    """Refuse to forget a document that the warehouse shows as issued.

    Raises:
        CheckError: The register does not know one: it was deleted, or is an old copy.
    """
    known = {one.seal for one in closed.register.documents}
    for seal, name in _documents(database).items():
        if seal not in known:
            raise CheckError(
                f"{database}: shows {name} as issued, which the register does not know"
                "\nrestore data/closed and data/state from the newest backup; only to"
                " start anew, move the warehouse away"
            )


def _documents(database: Path) -> dict[str, str]:
    """The documents that a warehouse shows, by seal; none if it cannot say.

    It may be damaged, open for writing elsewhere, or of an earlier version.
    """
    try:
        if warehouse.log_of(database).exists():
            return _read(database)
        found = database.stat()
        state = found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
        return _read_once(database, *state)
    except (OSError, PipelineError, duckdb.Error):
        return {}


@lru_cache(_MOST_KNOWN)
def _read_once(database: Path, *_state: int) -> dict[str, str]:
    """As `_read`, of a file that is as it was: to open it takes longer than to ask."""
    return _read(database)


def _read(database: Path) -> dict[str, str]:
    sql = "select seal, statement_number || ' v' || version from issued_statements"
    with warehouse.read(database, with_macros=False) as connection:
        return dict(connection.execute(sql).fetchall())
