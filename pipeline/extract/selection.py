"""Whose runs are asked for tonight, and from when on: as few as lose nothing."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import polars as pl

from pipeline import seeds
from pipeline.dates import DAY, days_between, midnight
from pipeline.endpoints import RUNS, USAGE
from pipeline.extract.extraction import Extraction
from pipeline.lake import Table

# A run waits up to 14 days for its start and then runs up to 4 hours: until then its
# record may still change.
_OPEN_DAYS = 15

# Clocks differ, and a run is listed a moment after it was created.
_OVERLAP = timedelta(hours=1)

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Since = dict[str, datetime]


def is_behind(extraction: Extraction) -> bool:
    """Whether usage was read on a night that did not come to its runs."""
    usage, runs = _read_at(extraction, USAGE.table), _read_at(extraction, RUNS.table)
    return usage is not None and (runs is None or usage > runs)


def select_runs(
    extraction: Extraction,
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
    mark, again = _watermark(extraction, days)
    ran = automations.filter(pl.col("last_run_at") >= mark)["automation_id"]
    since: Since = {}
    _add(since, dict.fromkeys([*changed, *ran], mark))
    if behind or again:
        named = [day for day in days if midnight(day) + DAY > mark]
        _add(since, dict.fromkeys(_metered(extraction, named)["automation_id"], mark))
    run = extraction.run
    _add(since, _open(extraction))
    _add(since, _unread(extraction))
    lookback = run.settings.extract.lookback_days
    late = [run.as_of - n * DAY for n in range(1, lookback + 1)]
    _add(since, short_of_metered(extraction, late))
    return since


def short_of_metered(extraction: Extraction, days: list[date]) -> Since:
    """Automations with fewer runs listed than metered on one of *days*.

    A row that slipped between two pages, or a page that came without its next, is
    found by this, and read again. That a run waits for its start for longer than a
    day is rare enough to be asked for in vain.
    """
    metered = _metered(extraction, days) if days else pl.DataFrame()
    if metered.is_empty():
        return {}
    started = pl.col("started_at").dt.date()
    listed = extraction.lake.query(
        RUNS.table,
        extraction.tenant.name,
        [min(days) - DAY, *days, max(days) + DAY],
        lambda runs: (
            runs.filter(pl.col("stopped_at").is_not_null())
            .group_by("automation_id", started.alias("day"))
            .agg(pl.len().alias("listed"))
        ),
    )
    short = metered.join(listed, on=["automation_id", "day"], how="left").filter(
        pl.col("value") > pl.col("listed").fill_null(0)
    )
    return {name: midnight(day) for name, day in _earliest(short, "day")}


def has_ended() -> pl.Expr:
    """Whether a run has stopped, or has a final status: its record changes no more."""
    final = [one.status for one in seeds.statuses() if one.is_final]
    is_final = pl.col("status").is_in(final).fill_null(value=False)
    return pl.col("stopped_at").is_not_null() | is_final


def _watermark(extraction: Extraction, days: list[date]) -> tuple[datetime, bool]:
    """When runs were last read, less an overlap; and whether older days are due."""
    read_at = _read_at(extraction, RUNS.table)
    if read_at is None:
        return midnight(days[0]), True
    noted = set(extraction.lake.notes(extraction.tenant.name, RUNS.table)["date"])
    older = [d for d in days if d not in noted and d < read_at.date()]
    if extraction.run.since is not None:
        older.append(max(extraction.run.since, days[0]))
    mark = read_at - _OVERLAP
    return (min(mark, midnight(min(older))), True) if older else (mark, False)


def _metered(extraction: Extraction, days: list[date]) -> pl.DataFrame:
    """Automation, day and number of runs, as usage has them."""
    return extraction.lake.query(
        USAGE.table,
        extraction.tenant.name,
        days,
        lambda usage: usage.filter(metric="runs").select(
            "automation_id", "value", day="date"
        ),
    )


def _open(extraction: Extraction) -> Since:
    """Automations that hold a run which is not final.

    A run that has not started has no start to sort by: its listing is read to the end.
    """
    as_of, read_at = extraction.run.as_of, _read_at(extraction, RUNS.table)
    # What was open when the runs were last read, however many nights were missed.
    first = min(as_of, read_at.date() if read_at else as_of)
    first -= _OPEN_DAYS * DAY
    days = days_between(first, as_of)
    open_runs = has_ended().not_()
    still = extraction.lake.query(
        RUNS.table,
        extraction.tenant.name,
        days,
        lambda runs: runs.filter(open_runs).select(
            "automation_id", pl.col("started_at").fill_null(_BEGINNING)
        ),
    )
    return dict(_earliest(still, "started_at"))


def _unread(extraction: Extraction) -> Since:
    """Automations whose runs could not be read on an earlier night."""
    notes = extraction.lake.notes(extraction.tenant.name, RUNS.table).drop_nulls(
        "missing"
    )
    named = notes.select(
        "date", pl.col("missing").str.split(" ").alias("automation_id")
    ).explode("automation_id")
    return {name: midnight(day) for name, day in _earliest(named, "date")}


def _read_at(extraction: Extraction, table: Table) -> datetime | None:
    latest = extraction.lake.notes(extraction.tenant.name, table)["extracted_at"].max()
    return latest if isinstance(latest, datetime) else None


def _earliest(rows: pl.DataFrame, column: str) -> Iterable[tuple[str, datetime]]:
    return rows.group_by("automation_id").agg(pl.col(column).min()).iter_rows()


def _add(since: Since, more: Since) -> None:
    for name, moment in more.items():
        since[name] = min(moment, since.get(name, moment))
