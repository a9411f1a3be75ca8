"""Which tenants' folders of the lake count, and since which day; others are left alone.

A tenant that left the configuration keeps its history: it is noted in `tenants.json`,
or has closed months. Any other folder is somebody's copy.
"""

import logging
from collections.abc import Mapping
from datetime import date

from pipeline.config import Settings
from pipeline.errors import CheckError
from pipeline.lake import COVERAGE, Lake, folders, hashes, tenants
from pipeline.lake.tenants import KnownTenant

log = logging.getLogger(__name__)


def counted(settings: Settings) -> set[str]:
    """The tenants whose files in the lake count: configured now, noted, or closed.

    A lake of an earlier version has no notes. There each folder is a tenant's, unless
    its files were written for another one. Of a part of the tenants, others are left
    to those who have the other parts.
    """
    root = settings.lake
    named = {*settings.tenant_names, *settings.renamed}
    if settings.part:
        return named
    if (root / tenants.FILE).exists():
        known = tenants.read(root)
        today = tenants.today(known, settings.renamed)
        folder = settings.closed.glob("tenant=*")
        closed = (one.name.removeprefix("tenant=") for one in folder)
        return named.union(known, (today.get(name, name) for name in closed))
    found = folders.tenants(root)
    return named | {one for one in found if not _is_copy(Lake(root), one)}


def left(settings: Settings) -> dict[str, list[date]]:
    """The days in the lake of each tenant that left the configuration, in order."""
    lake = Lake(settings.lake)
    former = counted(settings) - {*settings.tenant_names, *settings.renamed}
    days = {name: lake.days(COVERAGE, name) for name in sorted(former)}
    return {name: found for name, found in days.items() if found}


def log_strays(settings: Settings) -> None:
    """Name the folders that are nobody's, and files of other names in the others."""
    ours = counted(settings)
    for table in folders.tables(settings.lake):
        folders.log_strays(settings.lake, table, ours)
    for name in sorted(folders.tenants(settings.lake) - ours):
        log.warning(
            "%s/*/tenant=%s: of no tenant that is configured or was read: left alone,"
            " and not charged",
            settings.lake,
            name,
        )


def noted(settings: Settings) -> dict[str, KnownTenant]:
    """The notes of the lake; those of an earlier version's folders, before the first.

    What is noted then counts from then on, and no other folder that comes later.
    """
    if (settings.lake / tenants.FILE).exists():
        return tenants.read(settings.lake)
    found = folders.tenants(settings.lake) & counted(settings)
    return {name: KnownTenant(name, None, "") for name in found}


def first_days(settings: Settings) -> Mapping[str, date]:
    """The first day of each tenant that has its own; if it left, as it was."""
    known = tenants.read(settings.lake).values()
    before = {one.name: one.first_day for one in known}
    now = {one.name: one.first_day for one in settings.tenants}
    return {name: day for name, day in {**before, **now}.items() if day}


def first_day_of(settings: Settings, tenant: str) -> date | None:
    """The first day of *tenant* that is kept, charged and shown; None: any."""
    return first_days(settings).get(tenant) or settings.first_day


def _is_copy(lake: Lake, tenant: str) -> bool:
    """Whether the last day of a folder was written for a tenant of another name."""
    days = lake.days(COVERAGE, tenant)
    if not days:
        return False
    try:
        written_for = hashes.tenant_in(lake.path(COVERAGE, tenant, days[-1]))
    except CheckError as exc:  # it stops its tenant, when that is read
        log.debug("%s", exc)
        return False
    return written_for not in (None, tenant)
