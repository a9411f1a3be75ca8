"""What a tenant lists now: automations, users, spaces, connectors, once a night."""

import logging

import polars as pl

from pipeline.endpoints import AUTOMATIONS, CONNECTORS, SNAPSHOTS, Endpoint
from pipeline.errors import TenantError
from pipeline.extract.extraction import Extraction
from pipeline.lake import Note
from pipeline.tenant import Tenant

log = logging.getLogger(__name__)


def read_snapshots(extraction: Extraction) -> pl.DataFrame:
    """Keep each listing as the snapshot of tonight; the automations."""
    automations, *_ = [_snapshot(extraction, endpoint) for endpoint in SNAPSHOTS]
    return automations


def _snapshot(extraction: Extraction, endpoint: Endpoint) -> pl.DataFrame:
    table, as_of = endpoint.table, extraction.run.as_of
    with extraction.listings.listing(table.name) as counts:
        try:
            rows = _listing(extraction.tenant, endpoint)
        except TenantError as exc:
            if endpoint is not CONNECTORS:
                raise
            # No figure stands on connectors, and not every caller may list them.
            log.warning("%s", exc)
            return table.frame([])
        counts.rows = rows.height
        shrunken = _shrunken(extraction, endpoint, rows)
        counts.keep(extraction.lake.merge(table, extraction.tenant.name, as_of, rows))
        note = Note("partial" if shrunken else "complete", extraction.run.now, shrunken)
        extraction.lake.cover(table, extraction.tenant.name, {as_of: note})
    return rows


def _listing(tenant: Tenant, endpoint: Endpoint) -> pl.DataFrame:
    params = {"listAll": "true"} if endpoint is AUTOMATIONS else None
    return pl.concat([endpoint.table.frame([]), *tenant.pages(endpoint, params=params)])


def _shrunken(
    extraction: Extraction, endpoint: Endpoint, rows: pl.DataFrame
) -> tuple[str, ...]:
    """`*` if so much is gone at once that a right was lost, rather than things.

    A caller whose right is narrowed is answered with a part of the list and no
    error. Such a list is kept for what it names, and proves nobody gone.
    """
    table, tenant = endpoint.table, extraction.tenant.name
    earlier = [
        d for d in extraction.lake.days(table, tenant) if d < extraction.run.as_of
    ]
    whole = extraction.lake.notes(tenant, table).filter(status="complete")["date"]
    proven = sorted(set(earlier) & set(whole))
    if not proven:
        return ()
    held = extraction.lake.read(table, tenant, proven[-1]).height
    if rows.height >= held * (1 - extraction.run.settings.extract.shrink_ratio):
        return ()
    log.warning(
        "tenant %s: %s shrank from %d to %d since %s; taken as a narrowed right of the"
        " caller, not as deletions: check its role and scopes; if so many were deleted,"
        " set extract.shrink_ratio = 1 for one night",
        *(tenant, table.name, held, rows.height, proven[-1]),
    )
    return ("*",)
