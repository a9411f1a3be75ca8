"""What the licence includes, and what the provider counts as used of it."""

import polars as pl

from pipeline.endpoints import Endpoint
from pipeline.endpoints.optional import CONSUMPTION, LICENCE, LicenceOverview
from pipeline.extract.extraction import Extraction
from pipeline.extract.progress import Counts
from pipeline.lake import Note


def read_licence(extraction: Extraction) -> None:
    """Keep the quotas of the licence, as the snapshot of the day."""
    with extraction.listings.listing(LICENCE.table.name) as counts:
        overview = extraction.tenant.one(LICENCE.path, LicenceOverview)
        quotas = [each for each in overview.parameters or () if each.is_quota]
        _keep(extraction, LICENCE, LICENCE.frame(quotas), counts)


def read_consumption(extraction: Extraction) -> None:
    """Keep the provider's own figures, as the snapshot of the day."""
    params = {"filter": 'taskName eq "automation_run_ended"'}
    with extraction.listings.listing(CONSUMPTION.table.name) as counts:
        pages = extraction.tenant.pages(CONSUMPTION, params=params)
        rows = pl.concat([CONSUMPTION.frame([]), *pages])
        _keep(extraction, CONSUMPTION, rows, counts)


def _keep(
    extraction: Extraction, endpoint: Endpoint, rows: pl.DataFrame, counts: Counts
) -> None:
    tenant, run = extraction.tenant.name, extraction.run
    counts.rows = rows.height
    counts.keep(extraction.lake.merge(endpoint.table, tenant, run.as_of, rows))
    extraction.lake.cover(
        endpoint.table, tenant, {run.as_of: Note("complete", run.now)}
    )
