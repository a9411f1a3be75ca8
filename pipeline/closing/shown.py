"""What a warehouse shows as issued, held to the register."""

from pathlib import Path

import duckdb

from pipeline import warehouse
from pipeline.closing.archive import Archive
from pipeline.errors import CheckError, PipelineError


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
    sql = "select seal, statement_number || ' v' || version from issued_statements"
    try:
        with warehouse.read(database, with_macros=False) as connection:
            return dict(connection.execute(sql).fetchall())
    except (PipelineError, duckdb.Error):
        return {}
