"""Text on its way into SQL, and DuckDB's messages on their way out."""


def quoted(text: str) -> str:
    """*text* as a string literal."""
    return "'" + text.replace("'", "''") + "'"


def first_line(exc: Exception) -> str:
    """What DuckDB says, without the picture of the statement that follows."""
    return str(exc).partition("\n")[0]
