"""Details of single runs → their bytes; a request each, and only where it may be."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import polars as pl

from pipeline.dates import DAY
from pipeline.endpoints import AUTOMATIONS, RUNS
from pipeline.endpoints.optional import RUN_DETAIL, RUN_METRICS, MeasuredRun
from pipeline.errors import TenantError
from pipeline.extract.extraction import Extraction
from pipeline.extract.optional.metrics import keep_metrics
from pipeline.extract.optional.refusals import is_refused
from pipeline.extract.workers import WORKERS
from pipeline.lake import Lake
from pipeline.tenant import Tenant

log = logging.getLogger(__name__)

# Runs that could not be read for so long are asked for no more: a tenant that answers
# 403 would else be asked every night for as long as it lists them.
_RECENT_DAYS = 7


def read_detail(extraction: Extraction) -> None:
    """Keep the bytes of recent runs that have ended and that no other source told."""
    tenant, lake, run = extraction.tenant, extraction.lake, extraction.run
    first = min(run.as_of - _RECENT_DAYS * DAY, run.since or date.max)
    days = [day for day in lake.days(RUNS.table, tenant.name) if day >= first]
    listed = lake.read(AUTOMATIONS.table, tenant.name, run.as_of)["automation_id"]
    refused: set[str] = set()
    with (
        extraction.listings.listing("run details", len(days)) as counts,
        ThreadPoolExecutor(WORKERS) as workers,
    ):
        for day in days:
            wanted = _unmeasured(lake, tenant.name, day, listed)
            parts = workers.map(lambda runs: _details(tenant, runs, refused), wanted)
            details = pl.concat([RUN_DETAIL.frame([]), *parts])
            counts.keep(keep_metrics(lake, tenant.name, day, details))
            counts.rows += details.height
            extraction.listings.step(details.height)
    if refused:
        log.warning(
            "%s: %d automations do not show the caller their runs' details, which needs"
            " to own them or a role in their space; their runs' bytes stay unknown",
            *(tenant.name, len(refused)),
        )


def _unmeasured(
    lake: Lake, tenant: str, day: date, listed: pl.Series
) -> list[pl.DataFrame]:
    """Runs of *day* that have ended without known bytes, by automation still there."""
    runs = lake.read(RUNS.table, tenant, day)
    known = lake.read(RUN_METRICS, tenant, day)
    wanted = (
        runs.drop_nulls("stopped_at")
        .filter(pl.col("automation_id").is_in(listed.to_list()))
        .join(known, on="run_id", how="anti")
    )
    return wanted.partition_by("automation_id", maintain_order=True)


def _details(tenant: Tenant, runs: pl.DataFrame, refused: set[str]) -> pl.DataFrame:
    """Details of one automation's runs, until the tenant refuses one."""
    read = [RUN_DETAIL.frame([])]
    for automation_id, run_id in runs.select("automation_id", "run_id").iter_rows():
        if automation_id in refused:
            break
        try:
            ids = {"parent": automation_id, "run": run_id}
            detail = tenant.one(RUN_DETAIL.path, MeasuredRun, **ids)
        except TenantError as exc:
            if not is_refused(exc):
                raise
            refused.add(automation_id)
        else:
            read.append(RUN_DETAIL.frame([detail], automation_id))
    return pl.concat(read)
