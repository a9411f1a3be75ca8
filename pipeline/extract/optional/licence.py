"""What the licence includes, and what the provider counts as used of it."""

import polars as pl

from pipeline.endpoints import Endpoint
from pipeline.endpoints.optional import CONSUMPTION, LICENCE, LicenceOverview
from pipeline.extract.optional.span import Reading
from pipeline.extract.progress import Counts
from pipeline.lake import Note


def read_licence(night: Reading) -> None:
    """Keep the quotas of the licence, as the snapshot of the day."""
    with night.listings.listing(LICENCE.table.name) as counts:
        overview = night.tenant.one(LICENCE.path, LicenceOverview)
        quotas = [each for each in overview.parameters or () if each.is_quota]
        _keep(night, LICENCE, LICENCE.frame(quotas), counts)


def read_consumption(night: Reading) -> None:
    """Keep the provider's own figures, as the snapshot of the day."""
    params = {"filter": 'taskName eq "automation_run_ended"'}
    with night.listings.listing(CONSUMPTION.table.name) as counts:
        pages = night.tenant.pages(CONSUMPTION, params=params)
        rows = pl.concat([CONSUMPTION.frame([]), *pages])
        _keep(night, CONSUMPTION, rows, counts)


def _keep(
    night: Reading, endpoint: Endpoint, rows: pl.DataFrame, counts: Counts
) -> None:
    tenant, span = night.tenant.name, night.span
    counts.rows = rows.height
    counts.keep(night.lake.merge(endpoint.table, tenant, span.as_of, rows))
    night.lake.cover(endpoint.table, tenant, {span.as_of: Note("complete", span.now)})
