"""Whose runs are asked for tonight, and from when on: as few as lose nothing."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import polars as pl

from pipeline.entities import RUNS, USAGE, Table
from pipeline.extract.night import DAY, Work, midnight

# A run waits up to 14 days for its start and then runs up to 4 hours: until then its
# record may still change.
_OPEN_DAYS = 15

# Clocks differ, and a run is listed a moment after it was created.
_OVERLAP = timedelta(hours=1)

_FINAL = ("failed", "finished", "finished with warnings", "stopped", "exceeded limit")

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Since = dict[str, datetime]


def is_behind(work: Work) -> bool:
    """Whether usage was read on a night that did not come to its runs."""
    usage, runs = _read_at(work, USAGE.table), _read_at(work, RUNS.table)
    return usage is not None and (runs is None or usage > runs)


def wanted(
    work: Work,
    automations: pl.DataFrame,
    changed: set[str],
    days: list[date],
    *,
    behind: bool,
) -> Since:
    """Automations to list runs of, each with when the oldest run of interest started.

    Asked for are those that usage (*changed*) or `lastRunAt` shows to have run since
    the runs were last read, that hold a run which is not final, that could not be
    read before, and that were metered more often than listed of late. Where a night
    was cut off (*behind*) or days are to be read again, all that usage names there.
    """
    mark, again = _watermark(work, days)
    ran = automations.filter(pl.col("last_run_at") >= mark)["automation_id"]
    since: Since = {}
    _add(since, dict.fromkeys([*changed, *ran], mark))
    if behind or again:
        named = [day for day in days if midnight(day) + DAY > mark]
        ids = work.lake.rows(USAGE.table, work.tenant.name, named, ["automation_id"])
        _add(since, dict.fromkeys(ids["automation_id"], mark))
    runs = _recent(work)
    _add(since, _open(runs))
    _add(since, _unread(work))
    _add(since, _short_of_metered(work, runs))
    return since


def short_of_metered(work: Work) -> Since:
    """Automations with fewer runs listed than metered on a day of the lookback.

    A row that slipped between two pages, or a page that came without its next, is
    found by this, and read again.
    """
    return _short_of_metered(work, _recent(work))


def _watermark(work: Work, days: list[date]) -> tuple[datetime, bool]:
    """When runs were last read, less an overlap; and whether older days are due."""
    read_at = _read_at(work, RUNS.table)
    if read_at is None:
        return midnight(days[0]), True
    noted = set(work.lake.notes(work.tenant.name, RUNS.table)["date"])
    older = [d for d in days if d not in noted and d < read_at.date()]
    if work.night.since is not None:
        older.append(max(work.night.since, days[0]))
    mark = read_at - _OVERLAP
    return (min(mark, midnight(min(older))), True) if older else (mark, False)


def _recent(work: Work) -> pl.DataFrame:
    """The runs that are held of the days in which one may still be open."""
    span = _OPEN_DAYS + work.limits.lookback_days
    days = [work.night.as_of - n * DAY for n in range(span + 1)]
    columns = ["automation_id", "status", "started_at", "stopped_at"]
    return work.lake.rows(RUNS.table, work.tenant.name, days, columns)


def _open(runs: pl.DataFrame) -> Since:
    """Automations that hold a run which is not final.

    A run that has not started has no start to sort by: its listing is read to the end.
    """
    final = pl.col("status").is_in(_FINAL).fill_null(value=False)
    still = runs.filter(pl.col("stopped_at").is_null() & final.not_())
    begun = still.with_columns(pl.col("started_at").fill_null(_BEGINNING))
    return dict(_earliest(begun, "started_at"))


def _unread(work: Work) -> Since:
    """Automations whose runs could not be read on an earlier night."""
    notes = work.lake.notes(work.tenant.name, RUNS.table).drop_nulls("missing")
    named = notes.select(
        "date", pl.col("missing").str.split(" ").alias("automation_id")
    ).explode("automation_id")
    return {name: midnight(day) for name, day in _earliest(named, "date")}


def _short_of_metered(work: Work, runs: pl.DataFrame) -> Since:
    days = [work.night.as_of - n * DAY for n in range(1, work.limits.lookback_days + 1)]
    metered = work.lake.rows(
        USAGE.table, work.tenant.name, days, ["automation_id", "metric", "value"]
    ).filter(metric="runs")
    listed = (
        runs.filter(pl.col("stopped_at").is_not_null())
        .group_by("automation_id", pl.col("started_at").dt.date().alias("date"))
        .agg(pl.len().alias("listed"))
    )
    short = metered.join(listed, on=["automation_id", "date"], how="left").filter(
        pl.col("value") > pl.col("listed").fill_null(0)
    )
    return {name: midnight(day) for name, day in _earliest(short, "date")}


def _read_at(work: Work, table: Table) -> datetime | None:
    latest = work.lake.notes(work.tenant.name, table)["extracted_at"].max()
    return latest if isinstance(latest, datetime) else None


def _earliest(rows: pl.DataFrame, column: str) -> Iterable[tuple[str, datetime]]:
    return rows.group_by("automation_id").agg(pl.col(column).min()).iter_rows()


def _add(since: Since, more: Since) -> None:
    for name, moment in more.items():
        since[name] = min(moment, since.get(name, moment))
