"""Tenant → lake, optional sources: bytes of runs, their connectors, and quotas."""

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial

from pipeline.config import Sources
from pipeline.errors import TenantError
from pipeline.extract.optional.audits import read_archive, read_events
from pipeline.extract.optional.detail import read_detail
from pipeline.extract.optional.licence import read_consumption, read_licence
from pipeline.extract.optional.refusals import is_refused
from pipeline.extract.optional.span import Reading, Span
from pipeline.extract.progress import Listings
from pipeline.lake import Lake
from pipeline.tenant import InvalidPageError, Tenant

__all__ = ["read"]

log = logging.getLogger(__name__)

_READ_AUDITS = "the caller needs the role TenantAdmin or AuditAdmin"
_OWN_RUNS = "the caller needs to own the automation, or a role in its space"
_READ_LICENCE = "the caller needs the role TenantAdmin"


def read(  # noqa: PLR0913 (each of them is a fact of its own)
    tenant: Tenant,
    lake: Lake,
    wanted: Sources,
    *,
    as_of: date,
    now: datetime,
    since: date | None = None,
    shown: Listings | None = None,
) -> None:
    """Bring what is *wanted* of the optional sources up to *as_of*, after the runs.

    A source that the tenant refuses (403, 404) is warned of and left out: what it
    would have told stays unknown. A page that is not as documented is kept aside.

    Raises:
        TenantError: The tenant could not be read; what had been read is kept.
    """
    span = Span(as_of, now, since)
    night = Reading(tenant, lake, span, shown or Listings(tenant))
    for right, step in _steps(wanted):
        try:
            step(night)
        except InvalidPageError as exc:
            path = lake.quarantine(tenant.name, as_of, exc.kept)
            log.warning("the refused page is kept in %s", path)
            raise
        except TenantError as exc:
            if not is_refused(exc):
                raise
            log.warning("%s; left out: %s", str(exc).partition("\n")[0], right)


def _steps(wanted: Sources) -> Iterator[tuple[str, Callable[[Reading], None]]]:
    """What is to be read, with the right that each needs; events save details."""
    if wanted.audit_events:
        yield _READ_AUDITS, read_events
    if wanted.audit_archive_from:
        yield _READ_AUDITS, partial(read_archive, first=wanted.audit_archive_from)
    if wanted.run_detail:
        yield _OWN_RUNS, read_detail
    if wanted.licence:
        yield _READ_LICENCE, read_licence
    if wanted.consumption:
        yield _READ_LICENCE, read_consumption
