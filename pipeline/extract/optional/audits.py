"""Audit events → runs, also those that are not listed any more, and their bytes."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial

import polars as pl

from pipeline.dates import DAY
from pipeline.endpoints import RUNS, Endpoint
from pipeline.endpoints.audits import ARCHIVE, AUDITS, RUN_ENDED
from pipeline.endpoints.run_metrics import RUN_METRICS
from pipeline.extract.days import by_kept_day
from pipeline.extract.extraction import Extraction
from pipeline.extract.optional.metrics import keep_metrics
from pipeline.formats.plurals import counted
from pipeline.lake import Lake, Merged
from pipeline.tenant import InvalidPageError, NotFoundError

log = logging.getLogger(__name__)

# Events are listed for 90 days, then they are in the archive. Of the 90th day before
# today, each has a part: a day later the archive has all of it.
_LISTED_DAYS = 90


def read_events(extraction: Extraction) -> None:
    """Keep the runs that ended on the days due, as far back as events are listed."""
    first = extraction.run.as_of - (_LISTED_DAYS - 1) * DAY
    days = extraction.due(RUN_METRICS, max(first, extraction.configured_first_day))
    asked = {day: _listed(day) for day in days}
    # What is listed of an earlier day is a part, or nothing, and proves nothing.
    is_proof = partial(extraction.is_listed, days_listed=_LISTED_DAYS)
    _read(extraction, AUDITS, asked, "audit events", is_proof)


def read_archive(extraction: Extraction, *, first: date) -> None:
    """Keep the runs that ended on days from *first* on that are archived."""
    last = extraction.run.as_of - (_LISTED_DAYS + 1) * DAY
    first = max(first, extraction.configured_first_day)
    days = extraction.due(RUN_METRICS, first, last)
    asked = {day: {"date": str(day)} for day in days}
    _read(extraction, ARCHIVE, asked, "audit archive", lambda _: True)


def _listed(day: date) -> dict[str, str]:
    """The parameters that ask for the events of *day*."""
    midnight = "T00:00:00.000Z"
    return {
        "source": "com.qlik/automations",
        "eventType": RUN_ENDED,
        "eventTime": f"{day}{midnight}/{day + DAY}{midnight}",
    }


def _read(
    extraction: Extraction,
    endpoint: Endpoint,
    asked: Mapping[date, Mapping[str, str]],
    source: str,
    is_proof: Callable[[date], bool],
) -> None:
    """Read one day after the other; a day that is kept is covered at once.

    *is_proof* is whether all events of a day are there, so that no others ran.
    """
    tenant, absent = extraction.tenant, 0
    with extraction.listings.listing(source, len(asked)) as counts:
        for day, params in asked.items():
            odd: list[InvalidPageError] = []
            pages = tenant.pages(endpoint, params=params, on_odd=odd.append)
            try:
                runs = _runs(extraction, day, endpoint, pages)
            except NotFoundError:
                # The archive may answer 404 for a day without events, which does not
                # prove that nothing ran: the day stays due.
                if endpoint is not ARCHIVE:
                    raise
                absent += 1
                continue
            for created, rows in _by_day(runs):
                counts.keep(_keep(extraction.lake, tenant.name, created, rows))
            missing = extraction.leave_out(*odd)
            if is_proof(day):
                extraction.cover(RUN_METRICS, [day], missing)
            counts.rows += runs.height
            extraction.listings.step(runs.height)
    if absent:
        days = counted(absent, "day")
        log.warning("%s: not in the audit archive: %s", tenant.name, days)


def _runs(
    extraction: Extraction,
    day: date,
    endpoint: Endpoint,
    pages: Iterable[pl.DataFrame],
) -> pl.DataFrame:
    """The runs of a day's events, without those that lack an automation or a time.

    Runs of days before the configured first one are left out too.
    """
    of_type = [rows.filter(event_type=RUN_ENDED) for rows in pages]
    runs = pl.concat([endpoint.frame([]), *of_type]).unique(
        "run_id", keep="last", maintain_order=True
    )
    first = extraction.configured_first_day
    dated = by_kept_day(runs, first, "updated_at", "event_at")
    placed = dated.drop_nulls(["automation_id", "created_date"])
    if lost := dated.height - placed.height:
        log.warning(
            "%s: %d audit events of %s name no automation or no time; left out",
            *(extraction.tenant.name, lost, day),
        )
    return placed


def _by_day(runs: pl.DataFrame) -> Iterable[tuple[date, pl.DataFrame]]:
    """Runs by the day that they were created on."""
    for day in runs["created_date"].unique().sort():
        yield day, runs.filter(created_date=day)


def _keep(lake: Lake, tenant: str, day: date, runs: pl.DataFrame) -> Merged:
    """Merge the runs created on *day*; what that did to the table of runs."""
    listed = lake.read(RUNS.table, tenant, day).select("run_id", listed_at="updated_at")
    # A listed run has all fields of an event, so only a newer event replaces it.
    newer = runs.join(listed, on="run_id", how="left").filter(
        pl.col("listed_at").is_null() | (pl.col("updated_at") > pl.col("listed_at"))
    )
    merged = lake.merge(RUNS.table, tenant, day, newer.select(*RUNS.table.columns))
    keep_metrics(lake, tenant, day, runs.with_columns(source=pl.lit("audit_event")))
    return merged
