"""Metrics of single runs, from either source, into the lake."""

from datetime import date

import polars as pl

from pipeline.endpoints.run_metrics import RUN_CONNECTORS, RUN_METRICS
from pipeline.lake import Lake, Merged


def keep_metrics(lake: Lake, tenant: str, day: date, runs: pl.DataFrame) -> Merged:
    """Keep the metrics of runs created on *day*; a run without any has no row."""
    known = pl.any_horizontal(
        pl.col("bandwidth_in_bytes", "bandwidth_out_bytes", "api_calls").is_not_null()
    )
    metrics = runs.filter(known).select(*RUN_METRICS.columns)
    connectors = (
        runs.select("run_id", "automation_id", "connectors")
        .explode("connectors", keep_nulls=False)
        .unnest("connectors")
        .select(*RUN_CONNECTORS.columns)
    )
    if connectors.height:
        lake.merge(RUN_CONNECTORS, tenant, day, connectors)
    if metrics.is_empty():
        return Merged(metrics, 0)
    return lake.merge(RUN_METRICS, tenant, day, metrics)
