"""What a tenant lists now: automations, users, spaces, connectors, once a night."""

import logging

import polars as pl

from pipeline.endpoints import AUTOMATIONS, CONNECTORS, SNAPSHOTS, Endpoint
from pipeline.errors import TenantError
from pipeline.extract.work import Work
from pipeline.lake import Note
from pipeline.tenant import Tenant

log = logging.getLogger(__name__)


def read_snapshots(work: Work) -> pl.DataFrame:
    """Keep each listing as the snapshot of tonight; the automations."""
    automations, *_ = [_snapshot(work, endpoint) for endpoint in SNAPSHOTS]
    return automations


def _snapshot(work: Work, endpoint: Endpoint) -> pl.DataFrame:
    table, as_of = endpoint.table, work.night.as_of
    with work.shown.listing(table.name) as counts:
        try:
            rows = _listing(work.tenant, endpoint)
        except TenantError as exc:
            if endpoint is not CONNECTORS:
                raise
            # No figure stands on connectors, and not every caller may list them.
            log.warning("%s", exc)
            return table.frame([])
        counts.rows = rows.height
        shrunken = _shrunken(work, endpoint, rows)
        counts.keep(work.lake.merge(table, work.tenant.name, as_of, rows))
        note = Note("partial" if shrunken else "complete", work.night.now, shrunken)
        work.lake.cover(table, work.tenant.name, {as_of: note})
    return rows


def _listing(tenant: Tenant, endpoint: Endpoint) -> pl.DataFrame:
    params = {"listAll": "true"} if endpoint is AUTOMATIONS else None
    return pl.concat([endpoint.table.frame([]), *tenant.pages(endpoint, params=params)])


def _shrunken(work: Work, endpoint: Endpoint, rows: pl.DataFrame) -> tuple[str, ...]:
    """`*` if so much is gone at once that a right was lost, rather than things.

    A caller whose right is narrowed is answered with a part of the list and no
    error. Such a list is kept for what it names, and proves nobody gone.
    """
    table, tenant = endpoint.table, work.tenant.name
    earlier = [d for d in work.lake.days(table, tenant) if d < work.night.as_of]
    whole = work.lake.notes(tenant, table).filter(status="complete")["date"]
    proven = sorted(set(earlier) & set(whole))
    if not proven:
        return ()
    held = work.lake.read(table, tenant, proven[-1]).height
    if rows.height >= held * (1 - work.limits.shrink_ratio):
        return ()
    log.warning(
        "tenant %s: %s shrank from %d to %d since %s; taken as a narrowed right of the"
        " caller, not as deletions: check its role and scopes; if so many were deleted,"
        " set extract.shrink_ratio = 1 for one night",
        *(tenant, table.name, held, rows.height, proven[-1]),
    )
    return ("*",)
