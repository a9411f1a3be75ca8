"""Metered quantities by automation and day, which are what is charged."""

from contextlib import closing
from datetime import date

import polars as pl

from pipeline.endpoints import USAGE
from pipeline.errors import TenantError
from pipeline.extract.extraction import Extraction
from pipeline.extract.workers import side_by_side
from pipeline.tenant import Found, InvalidPageError, Tenant, as_word, invalid_rows

# After so many days in a row that failed, each after all retries, the others would too.
_MOST_FAILED = 3


def read_usage(extraction: Extraction) -> set[str]:
    """Keep the usage of the days that are due; the automations that it changed for.

    One request and one file a day, so that a backfill continues where it stopped. Where
    figures are set aside, those that were kept before stay.
    """
    tenant, run = extraction.tenant, extraction.run
    days = extraction.due(USAGE.table, extraction.first_kept_day)
    # Not before the day under which a snapshot of this run is filed.
    read_on = pl.lit(max(run.now.date(), run.as_of))
    changed: set[str] = set()
    failed = 0
    with (
        extraction.listings.listing("usage", len(days)) as counts,
        closing(side_by_side(lambda day: _usage_of(tenant, day), days)) as answers,
    ):
        for day, answer in answers:
            try:
                rows, odd = answer.result()
            except TenantError as exc:
                extraction.end(exc)
                failed += 1
                if failed == _MOST_FAILED:
                    break
                continue
            failed = 0
            rows = rows.with_columns(read_on=read_on)
            missing = extraction.leave_out(*odd)
            merged = extraction.lake.merge(USAGE.table, tenant.name, day, rows)
            extraction.cover(USAGE.table, [day], missing)
            changed.update(merged.rows["automation_id"])
            counts.rows += rows.height
            counts.keep(merged)
            extraction.listings.step(rows.height)
    return changed


def _usage_of(tenant: Tenant, day: date) -> tuple[pl.DataFrame, list[InvalidPageError]]:
    """All metrics of one day, and what was set aside of them.

    It is asked for by a filter of the documented form.
    """
    span = f'date ge "{day}" and date le "{day}"'
    params = {"breakdownBy": "automation", "filter": span}
    odd: list[InvalidPageError] = []
    pages = tenant.pages(USAGE, params=params, on_odd=odd.append)
    rows = pl.concat([USAGE.frame([]), *pages])
    for is_odd, reason in (
        (pl.col("date") != day, "a figure of another day"),
        (_is_torn(), "two figures of one metric"),
    ):
        some = rows.filter(is_odd)
        rows = rows.filter(~is_odd)
        if some.height:
            odd.append(_left_out(tenant, day, some, reason))
    return rows.select(*USAGE.table.columns), odd


def _is_torn() -> pl.Expr:
    """Whether a metric of an automation has two figures: neither is better."""
    return pl.col("value").n_unique().over(USAGE.table.key) > 1


def _left_out(
    tenant: Tenant, day: date, odd: pl.DataFrame, reason: str
) -> InvalidPageError:
    names = map(tenant.redact, odd["automation_id"].unique().sort())
    ids = tuple(map(as_word, names))
    figure = f"{odd['metric'][0]!r} of automation {ids[0]}, dated {odd['date'][0]}"
    found = Found(ids, frozenset([day]), odd.height)
    return invalid_rows(tenant, f"usage of {day}", f"{reason}: {figure}", odd, found)
