"""What is noted of a day: how each table was read, and what its file holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import polars as pl


@dataclass(frozen=True, slots=True)
class DayCoverage:
    """How a day was read: `complete` or `partial`, when, and which ids are missing."""

    status: str
    read_at: datetime
    missing: Sequence[str] = ()


# A row of the table `coverage`: source, status, rows, missing, extracted_at, has_hash.
_CoverageRow = tuple[str, str, int, str | None, datetime, bool | None]


class Found(NamedTuple):
    """What a day of a table has in the lake; *has_hash* is None where it has none."""

    table: str
    height: int
    has_hash: bool | None


def everything(rows: pl.LazyFrame) -> pl.LazyFrame:
    """All that is noted of a day."""
    return rows


def with_coverage(
    existing: list[_CoverageRow], found: Found, coverage: DayCoverage
) -> list[_CoverageRow]:
    """The coverage rows of a day with the new one of what was *found*.

    They are tuples: a day has a few rows, and a frame costs more than all of them.
    """
    before = [row for row in existing if row[0] == found.table]
    was_complete = any(status == "complete" for _, status, *_ in before)
    is_complete = was_complete and not coverage.missing
    status = "complete" if is_complete else coverage.status
    missing = " ".join(sorted(coverage.missing)) or None
    # Rows are never taken away: fewer than before are a loss, which stays known.
    rows = max([found.height, *(row[2] for row in before)])
    outcome = (found.table, status, rows, missing)
    is_same = [row[:4] for row in before] == [outcome]
    read_at = before[0][4] if is_same else coverage.read_at
    has_hash = found.has_hash or any(row[5] for row in before) or None
    new = (*outcome, read_at, has_hash)
    if before == [new]:
        return existing
    return sorted([*(row for row in existing if row not in before), new])
