"""Run selection: the fewest automations whose runs must be listed, and since when."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import polars as pl

from pipeline import seeds
from pipeline.dates import DAY, days_between, midnight
from pipeline.endpoints import RUNS, USAGE
from pipeline.extract.extraction import Extraction
from pipeline.lake import Table

# A run waits up to 14 days for its start and then takes up to 4 hours: for so long its
# record may change.
_OPEN_DAYS = 15

# Clocks differ, and a run is listed a moment after it was created.
_OVERLAP = timedelta(hours=1)

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

# By automation, when the oldest run of interest started.
Since = dict[str, datetime]


def is_behind(extraction: Extraction) -> bool:
    """Whether the last run of the pipeline read usage, but was cut off before runs."""
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
    """The automations whose runs are listed, and since when.

    Selected are automations

    * that ran since runs were last read, by usage (*changed*) or by `lastRunAt`
    * with a run that is not final
    * whose runs could not be read before
    * with fewer runs listed than metered on a day of the lookback
    * that usage names on *days*, if the last run was cut off (*behind*) or older days
      are to be read
    * all, if the lake lost runs of one of *days*
    """
    mark, has_older_days = _watermark(extraction, days)
    ran = automations.filter(pl.col("last_run_at") >= mark)["automation_id"]
    since: Since = {}
    _add(since, dict.fromkeys([*changed, *ran], mark))
    if behind or has_older_days:
        days_since = [day for day in days if midnight(day) + DAY > mark]
        metered = _metered(extraction, days_since)["automation_id"]
        _add(since, dict.fromkeys(metered, mark))
    run = extraction.run
    if not extraction.lost.get(RUNS.table.name, set()).isdisjoint(days):
        # To their end: of a run that never started, no day of a start is known.
        _add(since, dict.fromkeys(automations["automation_id"], _BEGINNING))
    _add(since, _open(extraction))
    _add(since, _unread(extraction))
    lookback = run.settings.extract.lookback_days
    looked_back_to = [run.as_of - n * DAY for n in range(1, lookback + 1)]
    kept = [day for day in looked_back_to if day >= extraction.first_kept_day]
    _add(since, short_of_metered(extraction, kept))
    return since


def short_of_metered(extraction: Extraction, days: list[date]) -> Since:
    """Automations with fewer runs listed than metered on one of *days*.

    They are listed again, which finds a row that slipped between two pages and a page
    that came without its next link. Where a run waited longer than a day for its
    start, they are listed in vain; that is rare.
    """
    return {
        name: midnight(day) for name, day in _earliest(_short(extraction, days), "day")
    }


def provable(extraction: Extraction, days: list[date]) -> list[date]:
    """*days* without those of which runs may be missing since they are old.

    In a run of an earlier day, some may be older than what the tenant lists today:
    these were read if as many runs are there as were metered.
    """
    history = extraction.run.settings.extract.run_history_days
    old = [day for day in days if not extraction.is_listed(day, history)]
    short = set(_short(extraction, old)["day"])
    return [day for day in days if day not in short]


def _short(extraction: Extraction, days: list[date]) -> pl.DataFrame:
    """Automation and day, of *days*, with fewer runs listed than metered."""
    metered = _metered(extraction, days)
    if metered.is_empty():
        return metered
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
    return metered.join(listed, on=["automation_id", "day"], how="left").filter(
        pl.col("value") > pl.col("listed").fill_null(0)
    )


def has_ended() -> pl.Expr:
    """Whether a run has stopped or has a final status, so that its record is final."""
    final = [one.status for one in seeds.statuses() if one.is_final]
    is_final = pl.col("status").is_in(final).fill_null(value=False)
    return pl.col("stopped_at").is_not_null() | is_final


def _watermark(extraction: Extraction, days: list[date]) -> tuple[datetime, bool]:
    """When runs were last read, less an overlap; and whether older days are to be read.

    Where they are, the watermark is the first of them. Runs were read up to the end of
    the last day at most: a run of an earlier day reads no later ones.
    """
    read_at = _read_at(extraction, RUNS.table)
    if read_at is None:
        return midnight(days[0]), True
    coverage = extraction.coverage(RUNS.table)
    last, last_read_at = coverage.select("date", "extracted_at").row(-1)
    read_at = min(last_read_at, midnight(last + DAY))
    covered = set(coverage["date"])
    older = [d for d in days if d not in covered and d < read_at.date()]
    if extraction.run.since is not None:
        older.append(max(extraction.run.since, days[0]))
    mark = read_at - _OVERLAP
    return (min(mark, midnight(min(older))), True) if older else (mark, False)


def _metered(extraction: Extraction, days: list[date]) -> pl.DataFrame:
    """The metered number of runs by automation and day."""
    return extraction.lake.query(
        USAGE.table,
        extraction.tenant.name,
        days,
        lambda usage: usage.filter(metric="runs").select(
            "automation_id", "value", day="date"
        ),
    )


def _open(extraction: Extraction) -> Since:
    """Automations with a run that is not final.

    A run that has not started has no start to sort by, so that its listing is read to
    the end.
    """
    as_of, read_at = extraction.run.as_of, _read_at(extraction, RUNS.table)
    # From what was open when runs were last read, however long ago that is.
    first = min(as_of, read_at.date() if read_at else as_of)
    first -= _OPEN_DAYS * DAY
    days = days_between(first, as_of)
    is_open = has_ended().not_()
    open_runs = extraction.lake.query(
        RUNS.table,
        extraction.tenant.name,
        days,
        lambda runs: runs.filter(is_open).select(
            "automation_id", pl.col("started_at").fill_null(_BEGINNING)
        ),
    )
    return dict(_earliest(open_runs, "started_at"))


def _unread(extraction: Extraction) -> Since:
    """Automations whose runs could not be read in an earlier run."""
    missing = (
        extraction.coverage(RUNS.table)
        .drop_nulls("missing")
        .select("date", pl.col("missing").str.split(" ").alias("automation_id"))
        .explode("automation_id")
    )
    return {name: midnight(day) for name, day in _earliest(missing, "date")}


def _read_at(extraction: Extraction, table: Table) -> datetime | None:
    latest = extraction.coverage(table)["extracted_at"].max()
    return latest if isinstance(latest, datetime) else None


def _earliest(rows: pl.DataFrame, column: str) -> Iterable[tuple[str, datetime]]:
    return rows.group_by("automation_id").agg(pl.col(column).min()).iter_rows()


def _add(since: Since, more: Since) -> None:
    for name, moment in more.items():
        since[name] = min(moment, since.get(name, moment))
