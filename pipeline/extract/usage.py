"""Metered quantities by automation and day, which are what is charged."""

from contextlib import closing
from datetime import date

import polars as pl

from pipeline.endpoints import USAGE
from pipeline.errors import TenantError
from pipeline.extract.extraction import Extraction
from pipeline.extract.workers import side_by_side
from pipeline.tenant import Tenant


def read_usage(extraction: Extraction) -> set[str]:
    """Keep the usage of the days that are due; the automations that it changed for.

    One request and one file a day, so that a backfill continues where it stopped.
    """
    tenant = extraction.tenant
    days = extraction.due(USAGE.table, extraction.first_kept_day)
    changed: set[str] = set()
    with (
        extraction.listings.listing("usage", len(days)) as counts,
        closing(side_by_side(lambda day: _usage_of(tenant, day), days)) as answers,
    ):
        for day, answer in answers:
            rows = answer.result()
            merged = extraction.lake.merge(USAGE.table, tenant.name, day, rows)
            extraction.cover(USAGE.table, [day])
            changed.update(merged.rows["automation_id"])
            counts.rows += rows.height
            counts.keep(merged)
            extraction.listings.step(rows.height)
    return changed


def _usage_of(tenant: Tenant, day: date) -> pl.DataFrame:
    """All metrics of one day, by a filter of the documented form."""
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
