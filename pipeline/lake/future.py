"""What the lake has of the future: it was read by a clock that was wrong, or is now.

Days that are noted as read in the future would not be asked for when they come, and a
time in the future hides the runs until then. So nothing is read until somebody has
seen to the clock, and has said from which day on is to be read again.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from pipeline.config import Settings
from pipeline.dates import DAY
from pipeline.errors import CheckError, ConfigError
from pipeline.files import make_folder, replacing
from pipeline.lake import COVERAGE, Lake, Table, present, store

log = logging.getLogger(__name__)

# Clocks that are set by NTP differ by less.
_TOLERANCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Future:
    """What a tenant has of the future, and the *first* day that was read then."""

    tenant: str
    first: date
    read_at: datetime


def check(
    settings: Settings, tables: Iterable[Table], now: datetime, since: date | None
) -> None:
    """Refuse a lake that knows the future; unless it is to be read again from then on.

    With *since*, what was noted in the future is not believed any more, and days that
    have not come are moved to the quarantine.

    Raises:
        ConfigError: There is something, and *since* is not set or too late.
    """
    for one in list(_found(settings, now)):
        if since is None or since > one.first:
            raise ConfigError(
                f"tenant {one.tenant}: was read at {one.read_at:%Y-%m-%d %H:%M} UTC,"
                f" which is in the future of {now:%Y-%m-%d %H:%M}: this machine's clock"
                " is wrong, or was then\nset the clock (timedatectl); once it is right,"
                f" chargeback run --since {one.first} reads again what was read then"
            )
        _amend(settings, tables, one.tenant, now)


def _found(settings: Settings, now: datetime) -> Iterator[Future]:
    lake = Lake(settings.lake)
    for tenant in sorted(present.counted(settings)):
        try:
            covered = lake.covered(tenant)
        except CheckError as exc:  # it stops its tenant, when that is read
            log.debug("%s", exc)
            continue
        later = [
            (day, read_at or now)
            for *_, read_at, _, day in covered
            if (read_at and read_at > now + _TOLERANCE) or day > now.date() + DAY
        ]
        if later:
            days, moments = zip(*later, strict=True)
            yield Future(tenant, min(*days, now.date()), max(moments))


def _amend(
    settings: Settings, tables: Iterable[Table], tenant: str, now: datetime
) -> None:
    """Move days that have not come away, and note days that have as not read whole."""
    lake = Lake(settings.lake)
    # The coverage comes last: until then this is found again.
    for table in sorted(tables, key=lambda one: one == COVERAGE):
        for path, days in lake.days_by_file(table, tenant).items():
            if min(days) > now.date() and path.exists():
                _move(settings, path)
                continue
            for day in (day for day in days if day > now.date() and path.exists()):
                rows = lake.stored(table, tenant, day)
                _copy(settings, path, rows, day)
                lake.store(table, tenant, day, rows.clear())
    for day in lake.days(COVERAGE, tenant):
        rows = lake.read(COVERAGE, tenant, day)
        is_later = pl.col("extracted_at") > now + _TOLERANCE
        amended = rows.with_columns(
            status=pl.when(is_later).then(pl.lit("partial")).otherwise("status"),
            extracted_at=pl.when(is_later).then(pl.lit(now)).otherwise("extracted_at"),
        )
        if not amended.equals(rows):
            lake.replace(COVERAGE, tenant, day, amended)


def _copy(settings: Settings, path: Path, rows: pl.DataFrame, day: date) -> None:
    """Keep *rows* of the file of a month that has begun."""
    name = path.relative_to(settings.lake).parents[1] / f"date={day}" / path.name
    target = settings.quarantine / "of-the-future" / name
    with replacing(target) as partial:
        rows.write_parquet(partial)


def _move(settings: Settings, path: Path) -> None:
    target = settings.quarantine / "of-the-future" / path.relative_to(settings.lake)
    make_folder(target.parent)
    store.move(path, target)
    path.parent.rmdir()
