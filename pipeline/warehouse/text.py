"""Text on its way into SQL, and DuckDB's messages on their way out."""

import re
from pathlib import Path


def quoted(text: str) -> str:
    """*text* as a string literal."""
    return "'" + text.replace("'", "''") + "'"


def first_line(exc: Exception) -> str:
    """What DuckDB says, without the picture of the statement that follows."""
    return str(exc).partition("\n")[0]


def literal(file: Path) -> str:
    """The path of a *file* as a pattern that matches no other one."""
    return re.sub(r"[*?[]", r"[\g<0>]", str(file))
