"""What the licence includes, and what the provider counts as used of it."""

import logging

import polars as pl

from pipeline.entities.optional import CONSUMPTION, LICENCE, LicenceOverview
from pipeline.lake import Lake, Note
from pipeline.sources.single import one
from pipeline.sources.span import Span
from pipeline.tenant import Tenant

log = logging.getLogger(__name__)


def read_licence(tenant: Tenant, lake: Lake, span: Span) -> None:
    """Keep the quotas of the licence, as the snapshot of the day."""
    overview = one(tenant, LICENCE.path, LicenceOverview)
    quotas = [each for each in overview.parameters or () if each.is_quota]
    lake.merge(LICENCE.table, tenant.name, span.as_of, LICENCE.frame(quotas))
    lake.cover(LICENCE.table, tenant.name, {span.as_of: Note("complete", span.now)})
    log.info("%s: licence, %d quotas", tenant.name, len(quotas))


def read_consumption(tenant: Tenant, lake: Lake, span: Span) -> None:
    """Keep the provider's own figures, as the snapshot of the day."""
    params = {"filter": 'taskName eq "automation_run_ended"'}
    pages = tenant.pages(CONSUMPTION, params=params)
    rows = pl.concat([CONSUMPTION.frame([]), *pages])
    lake.merge(CONSUMPTION.table, tenant.name, span.as_of, rows)
    lake.cover(CONSUMPTION.table, tenant.name, {span.as_of: Note("complete", span.now)})
    log.info("%s: consumption, %d figures", tenant.name, rows.height)
