"""Tenant → lake: which days and which automations are asked for, and kept."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from pipeline.config import Extract
from pipeline.entities import AUTOMATIONS, RUNS, SNAPSHOTS, USAGE, Entity
from pipeline.errors import TenantError
from pipeline.lake import Lake
from pipeline.tenant import GoneError, Tenant

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)

# The pace is shared, so that more workers would only wait; these hide the latency.
_WORKERS = 4


@dataclass(frozen=True, slots=True)
class Night:
    """One night's work: up to which day, from where, and when it is."""

    as_of: date
    now: datetime
    first_day: date | None = None
    since: date | None = None


def extract(tenant: Tenant, lake: Lake, limits: Extract, night: Night) -> None:
    """Bring the lake up to *night*: snapshots, the usage of the days due, their runs.

    Days before `as_of` become complete; `as_of` itself is kept as partial. A day
    that is safe stays safe: after an error the next night goes on from there.

    Raises:
        TenantError: The tenant could not be read; what had been read is kept.
    """
    automations, *_ = [_snapshot(tenant, lake, entity, night) for entity in SNAPSHOTS]
    days = _due(lake, USAGE, tenant.name, limits, night)
    _read_usage(tenant, lake, days, night)
    run_days = _due(lake, RUNS, tenant.name, limits, night)
    active = _active(lake, tenant.name, automations, run_days)
    _read_runs(tenant, lake, active, run_days, night)
    log.info("%s: %d requests", tenant.name, tenant.requests_sent)


def _snapshot(tenant: Tenant, lake: Lake, entity: Entity, night: Night) -> pl.DataFrame:
    """Keep what *entity* lists tonight, as the snapshot of `as_of`."""
    params = {"listAll": "true"} if entity is AUTOMATIONS else None
    pages = tenant.pages(entity, params=params)
    rows = pl.concat([entity.table.frame([]), *pages])
    lake.merge(entity.table, tenant.name, night.as_of, rows)
    lake.cover(entity.table, tenant.name, night.as_of, "complete", night.now)
    log.info("%s: %s, %d listed", tenant.name, entity.table.name, rows.height)
    return rows


def _due(
    lake: Lake, entity: Entity, tenant: str, limits: Extract, night: Night
) -> list[date]:
    """The days to read, in order: never read whole, in the lookback, or asked for.

    Runs are asked for only as far back as a tenant lists them for the whole day.
    """
    complete = lake.complete_days(entity.table, tenant)
    listed_from = night.as_of - (limits.run_history_days - 1) * _DAY
    first = night.first_day or min(complete, default=listed_from)
    if night.since is not None:
        first = min(first, night.since)
    if entity is RUNS:
        first = max(first, listed_from)
    again = min(night.as_of - limits.lookback_days * _DAY, night.since or date.max)
    days = [first + n * _DAY for n in range((night.as_of - first).days + 1)]
    return [day for day in days if day >= again or day not in complete]


def _read_usage(tenant: Tenant, lake: Lake, days: list[date], night: Night) -> None:
    """Keep the metered quantities of *days*, one request and one file a day."""
    changed = 0
    with ThreadPoolExecutor(_WORKERS) as workers:
        frames = workers.map(lambda day: _usage_of(tenant, day), days)
        for day, rows in zip(days, frames, strict=True):
            changed += lake.merge(USAGE.table, tenant.name, day, rows)
            _cover(lake, USAGE, tenant.name, day, night)
    log.info("%s: usage, %d days, %d changed", tenant.name, len(days), changed)


def _usage_of(tenant: Tenant, day: date) -> pl.DataFrame:
    span = f'date ge "{day}" and date le "{day}"'
    params = {"breakdownBy": "automation", "filter": span}
    rows = pl.concat([USAGE.frame([]), *tenant.pages(USAGE, params=params)])
    if (stray := rows.filter(pl.col("date") != day)).height:
        raise TenantError(
            f"tenant {tenant.name}: usage of {day} came with a figure of"
            f" {stray['date'][0]}\nnothing of this day was kept; run again later"
        )
    values = rows.group_by(USAGE.table.key).agg(pl.col("value").n_unique())
    if (torn := values.filter(pl.col("value") > 1)).height:
        automation_id, metric, _ = torn.sort(USAGE.table.key).row(0)
        raise TenantError(
            f"tenant {tenant.name}: usage of {day} has two figures for {metric!r} of"
            f" automation {automation_id!r}\nnothing of this day was kept"
        )
    return rows.select(*USAGE.table.columns)


def _active(
    lake: Lake, tenant: str, automations: pl.DataFrame, days: list[date]
) -> list[str]:
    """The listed automations that usage or `lastRunAt` shows to have run in *days*."""
    metered = {
        automation_id
        for day in days
        for automation_id in lake.read(USAGE.table, tenant, day)["automation_id"]
    }
    ran = pl.col("last_run_at") >= _midnight(days[0])
    listed = automations.filter(ran | pl.col("automation_id").is_in(list(metered)))
    return sorted(listed["automation_id"].unique())


def _read_runs(
    tenant: Tenant, lake: Lake, active: list[str], days: list[date], night: Night
) -> None:
    """Keep the runs that *active* automations started on *days* or later."""
    since = _midnight(days[0])
    read: list[pl.DataFrame] = []
    try:
        with ThreadPoolExecutor(_WORKERS) as workers:
            # What was read before one failed is kept: extend() takes them one by one.
            read.extend(workers.map(lambda a: _runs_of(tenant, a, since), active))
    finally:
        changed = _keep_runs(tenant.name, lake, read)
    for day in days:
        _cover(lake, RUNS, tenant.name, day, night)
    rows = sum(frame.height for frame in read)
    log.info(
        "%s: runs of %d automations, %d listed, %d days changed",
        *(tenant.name, len(active), rows, changed),
    )


def _runs_of(tenant: Tenant, automation_id: str, since: datetime) -> pl.DataFrame:
    """The runs of one automation, the latest first, until one started before *since*.

    Sorting and stopping needs no filter on `startTime`, which a tenant may refuse.
    """
    read = [RUNS.table.frame([])]
    try:
        for rows in tenant.pages(RUNS, automation_id, {"sort": "-startTime"}):
            read.append(rows.select(*RUNS.table.columns))
            if (rows["started_at"] < since).any():
                break
    except GoneError as exc:
        log.warning("%s; it was deleted a moment ago", str(exc).partition("\n")[0])
    return pl.concat(read)


def _keep_runs(tenant: str, lake: Lake, read: list[pl.DataFrame]) -> int:
    """Runs into the day they were created on, which never changes; days changed."""
    first_known = pl.coalesce("created_at", "scheduled_at", "started_at", "updated_at")
    runs = pl.concat([RUNS.table.frame([]), *read]).with_columns(
        first_known.dt.date().alias("created_date")
    )
    changed = 0
    for (day,), rows in runs.group_by("created_date"):
        if not isinstance(day, date):
            raise TenantError(
                f"tenant {tenant}: run {rows['run_id'][0]!r} has no time at all\n"
                "the other runs were kept"
            )
        changed += lake.merge(RUNS.table, tenant, day, rows.drop("created_date"))
    return changed


def _cover(lake: Lake, entity: Entity, tenant: str, day: date, night: Night) -> None:
    status = "complete" if day < night.as_of else "partial"
    lake.cover(entity.table, tenant, day, status, night.now)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
