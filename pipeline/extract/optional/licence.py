"""The quotas of the licence, and what the provider counts as used of them."""

import polars as pl

from pipeline.endpoints.licence import (
    CONSUMPTION,
    LICENCE,
    LicenceOverview,
    LicenceParameter,
)
from pipeline.extract.extraction import Extraction
from pipeline.tenant import Found, InvalidPageError, as_word, invalid_rows


def read_licence(extraction: Extraction) -> None:
    """Keep the quotas of the licence, as the snapshot of the day."""
    with extraction.listings.listing(LICENCE.table.name) as counts:
        overview = extraction.tenant.one(LICENCE.path, LicenceOverview)
        quotas = [each for each in overview.parameters or () if each.is_quota]
        missing = _left_out(extraction, [one for one in quotas if one.is_odd])
        whole = [one for one in quotas if not one.is_odd]
        rows = LICENCE.frame(whole)
        extraction.keep_snapshot(LICENCE.table, rows, counts, missing)


def _left_out(extraction: Extraction, odd: list[LicenceParameter]) -> tuple[str, ...]:
    """The names of quotas whose values are not as documented."""
    if not odd:
        return ()
    names = tuple(as_word(one.name) for one in odd)
    what = f"the values of {names[0]} are not as documented"
    rows, found = pl.DataFrame({"name": names}), Found(names, count=len(names))
    exc = invalid_rows(extraction.tenant, f"GET {LICENCE.path}", what, rows, found)
    return extraction.leave_out(exc)


def read_consumption(extraction: Extraction) -> None:
    """Keep the provider's own figures, as the snapshot of the day."""
    params = {"filter": 'taskName eq "automation_run_ended"'}
    with extraction.listings.listing(CONSUMPTION.table.name) as counts:
        odd: list[InvalidPageError] = []
        pages = extraction.tenant.pages(CONSUMPTION, params=params, on_odd=odd.append)
        rows = pl.concat([CONSUMPTION.frame([]), *pages])
        placed = rows.drop_nulls("period_start")
        missing = extraction.leave_out(*odd)
        if placed.height < rows.height:
            timeless = rows.filter(pl.col("period_start").is_null())["resource_action"]
            missing += tuple(map(as_word, timeless))
        extraction.keep_snapshot(CONSUMPTION.table, placed, counts, missing)
