"""Snapshots of what a tenant lists: automations, users, spaces, connectors.

What a tenant lists is of today. A run of an earlier day asks for the automations, to
find which of them ran, and keeps nothing of it.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from pipeline.endpoints import AUTOMATIONS, CONNECTORS, SNAPSHOTS, USERS, Endpoint
from pipeline.errors import TenantError
from pipeline.extract.extraction import Extraction
from pipeline.extract.settings import read_settings
from pipeline.lake import forgotten, tenants
from pipeline.lake.forgotten import Forgotten
from pipeline.tenant import InvalidPageError, Tenant

log = logging.getLogger(__name__)


def read_snapshots(extraction: Extraction) -> pl.DataFrame:
    """Keep each listing as the snapshot of the run's day; the listed automations.

    If that day is over, only the automations are listed, and nothing is kept.
    """
    asked = SNAPSHOTS if extraction.run.is_today else (AUTOMATIONS,)
    automations, *_ = [_snapshot(extraction, endpoint) for endpoint in asked]
    if extraction.run.is_today:
        read_settings(extraction)
    return automations


def _snapshot(extraction: Extraction, endpoint: Endpoint) -> pl.DataFrame:
    table = endpoint.table
    odd: list[InvalidPageError] = []
    with extraction.listings.listing(table.name) as counts:
        try:
            rows = _listing(extraction.tenant, endpoint, odd)
        except TenantError as exc:
            _unname(extraction, endpoint, [exc])
            if endpoint is CONNECTORS and not isinstance(exc, InvalidPageError):
                # No figure depends on connectors, and not every caller may list them.
                log.warning("%s", exc)
            else:
                extraction.end(exc)
            return table.empty
        _unname(extraction, endpoint, odd)
        if endpoint is USERS:
            rows = _without_forgotten(extraction, rows)
        counts.rows = rows.height
        if not extraction.run.is_today:
            extraction.leave_out(*odd)
            return rows
        missing = _shrunken(extraction, endpoint, rows)
        missing += extraction.leave_out(*odd)
        extraction.keep_snapshot(table, rows, counts, missing)
    return rows


def _without_forgotten(extraction: Extraction, rows: pl.DataFrame) -> pl.DataFrame:
    """*rows* of users without the names of those who were forgotten."""
    return forgotten.without_names(rows, _forgotten(extraction))


def _unname(
    extraction: Extraction, endpoint: Endpoint, odd: Sequence[TenantError]
) -> None:
    """Take these names out of what is kept of *odd* records of users, too."""
    for exc in odd:
        if endpoint is USERS and isinstance(exc, InvalidPageError):
            kept = forgotten.without_names_in(exc.invalid.kept, _forgotten(extraction))
            exc.invalid = replace(exc.invalid, kept=kept)


def _forgotten(extraction: Extraction) -> list[Forgotten]:
    """Who was forgotten of the tenant, and did not come back."""
    settings, tenant = extraction.run.settings, extraction.tenant.name
    today = tenants.today(tenants.read(settings.lake), settings.renamed)
    return [
        one
        for one in forgotten.read(settings.data_dir)
        if today.get(one.tenant, one.tenant) == tenant
        and one.user_id not in settings.privacy.returned
    ]


def _listing(
    tenant: Tenant, endpoint: Endpoint, odd: list[InvalidPageError]
) -> pl.DataFrame:
    params = {"listAll": "true"} if endpoint is AUTOMATIONS else None
    pages = tenant.pages(endpoint, params=params, on_odd=odd.append)
    return pl.concat([endpoint.table.empty, *pages])


def _shrunken(
    extraction: Extraction, endpoint: Endpoint, rows: pl.DataFrame
) -> tuple[str, ...]:
    """`*` as missing id if so much is not listed any more that a right must be lost.

    A tenant answers a caller whose right was narrowed with a part of the list and
    without an error. Such a list is kept, but what it does not name is not deleted.
    """
    table, tenant = endpoint.table, extraction.tenant.name
    earlier = [
        d for d in extraction.lake.days(table, tenant) if d < extraction.run.as_of
    ]
    complete = extraction.coverage(table).filter(status="complete")["date"]
    comparable = sorted(set(earlier) & set(complete))
    heights = extraction.lake.heights(table, tenant, comparable)
    if not heights:
        return ()
    last = max(heights)
    previous = heights[last]
    if rows.height >= previous * (1 - extraction.run.settings.extract.shrink_ratio):
        return ()
    log.warning(
        "tenant %s: %s shrank from %d to %d since %s; taken as a narrowed right of the"
        " caller, not as deletions: check its role and scopes; if so many were deleted,"
        " set extract.shrink_ratio = 1 for one run",
        *(tenant, table.name, previous, rows.height, last),
    )
    return ("*",)
