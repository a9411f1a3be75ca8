"""Details of single runs → their bytes: one request a run, where the caller may."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import polars as pl

from pipeline.dates import DAY
from pipeline.endpoints import AUTOMATIONS, RUNS
from pipeline.endpoints.run_metrics import RUN_DETAIL, RUN_METRICS, MeasuredRun
from pipeline.errors import TenantError
from pipeline.extract.extraction import Extraction
from pipeline.extract.optional.denials import is_denied
from pipeline.extract.optional.metrics import keep_metrics
from pipeline.extract.workers import WORKERS, submitted
from pipeline.lake import Lake
from pipeline.tenant import InvalidPageError

log = logging.getLogger(__name__)

# Older runs are not asked for: a tenant that answers 403 would else be asked in each
# run for as long as it lists them.
_RECENT_DAYS = 7


def read_detail(extraction: Extraction) -> None:
    """Keep the bytes of recent runs that have ended, if no other source has them."""
    tenant, lake, run = extraction.tenant, extraction.lake, extraction.run
    first = min(run.as_of - _RECENT_DAYS * DAY, run.since or date.max)
    first = max(first, extraction.configured_first_day)
    days = [day for day in lake.days(RUNS.table, tenant.name) if day >= first]
    listed = _listed(lake, tenant.name)
    denied: set[str] = set()
    with (
        extraction.listings.listing("run details", len(days)) as counts,
        ThreadPoolExecutor(WORKERS) as workers,
    ):
        for day in days:
            unmeasured = _unmeasured(lake, tenant.name, day, listed)
            parts = [
                submitted(workers, _details, extraction, denied, runs)
                for runs in unmeasured
            ]
            read = [part.result() for part in parts]
            details = pl.concat([RUN_DETAIL.frame([]), *read])
            counts.keep(keep_metrics(lake, tenant.name, day, details))
            counts.rows += details.height
            extraction.listings.step(details.height)
    if denied:
        log.warning(
            "%s: %d automations do not show the caller their runs' details, which needs"
            " to own them or a role in their space; their runs' bytes stay unknown",
            *(tenant.name, len(denied)),
        )


def _listed(lake: Lake, tenant: str) -> pl.Series:
    """The automations of the newest snapshot: of others, no detail is shown."""
    days = lake.days(AUTOMATIONS.table, tenant)
    newest = days[-1] if days else date.min
    return lake.read(AUTOMATIONS.table, tenant, newest)["automation_id"]


def _unmeasured(
    lake: Lake, tenant: str, day: date, listed: pl.Series
) -> list[pl.DataFrame]:
    """Runs of *day* that have ended and lack bytes, by automation that is listed."""
    runs = lake.read(RUNS.table, tenant, day)
    known = lake.read(RUN_METRICS, tenant, day)
    unmeasured = (
        runs.drop_nulls("stopped_at")
        .filter(pl.col("automation_id").is_in(listed.to_list()))
        .join(known, on="run_id", how="anti")
    )
    return unmeasured.partition_by("automation_id", maintain_order=True)


def _details(
    extraction: Extraction, denied: set[str], runs: pl.DataFrame
) -> pl.DataFrame:
    """Details of one automation's runs, until the tenant denies one."""
    tenant = extraction.tenant
    read = [RUN_DETAIL.frame([])]
    for automation_id, run_id in runs.select("automation_id", "run_id").iter_rows():
        if automation_id in denied:
            break
        try:
            ids = {"parent": automation_id, "run": run_id}
            detail = tenant.one(RUN_DETAIL.path, MeasuredRun, **ids)
        except InvalidPageError as exc:
            extraction.leave_out(exc)
        except TenantError as exc:
            if not is_denied(exc):
                raise
            denied.add(automation_id)
        else:
            raw = RUN_DETAIL.raw_columns([[detail]], automation_id)
            read.append(tenant.rows(RUN_DETAIL, raw))
    return pl.concat(read)
