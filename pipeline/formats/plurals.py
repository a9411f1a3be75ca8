"""Counts with their nouns: `1 tenant`, `1,200 rows`."""


def counted(count: int, noun: str, several: str = "") -> str:
    """*count* and *noun*, or the word for *several*; without one, noun and "s"."""
    return f"{count:,} {noun if count == 1 else several or f'{noun}s'}"
