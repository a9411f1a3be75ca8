"""Days of a lake, written as a night writes them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import polars as pl

from pipeline.lake import DayCoverage, Lake, Table


def keep(
    lake: Lake,
    table: Table,
    day: date,
    rows: Sequence[Mapping[str, Any]],
    tenant: str = "acme",
) -> None:
    """Put *rows* into *day*, which the next night read to its end."""
    put(lake, table, day, rows, tenant)
    cover(lake, table, day, tenant)


def put(
    lake: Lake,
    table: Table,
    day: date,
    rows: Sequence[Mapping[str, Any]],
    tenant: str = "acme",
) -> None:
    """Put *rows* into *day*; a column that a row lacks is null."""
    lake.merge(table, tenant, day, pl.DataFrame(rows, schema=dict(table.columns)))


def cover(lake: Lake, table: Table, day: date, tenant: str = "acme") -> None:
    """Record that *day* was read to its end, at two the next morning."""
    read_at = datetime.combine(day + timedelta(days=1), time(2), UTC)
    lake.cover(table, tenant, {day: DayCoverage("complete", read_at)})


def new_folder() -> Path:
    """A folder for a lake that is made once and copied; it goes with the process."""
    return Path(mkdtemp(dir=_made_once().name))


@cache
def _made_once() -> TemporaryDirectory[str]:
    return TemporaryDirectory()
