"""Tenant → lake, optional sources: bytes of runs, their connectors, and quotas."""

import logging
from collections.abc import Callable, Iterator
from functools import partial

from pipeline.config import Run
from pipeline.errors import TenantError
from pipeline.extract.extraction import Extraction
from pipeline.extract.optional.audits import read_archive, read_events
from pipeline.extract.optional.denials import is_denied
from pipeline.extract.optional.detail import read_detail
from pipeline.extract.optional.licence import read_consumption, read_licence
from pipeline.extract.required import left_out_error
from pipeline.monitor import current

__all__ = ["read"]

log = logging.getLogger(__name__)

_READ_AUDITS = "the caller needs the role TenantAdmin or AuditAdmin"
_OWN_RUNS = "the caller needs to own the automation, or a role in its space"
_READ_LICENCE = "the caller needs the role TenantAdmin"


def read(extraction: Extraction) -> None:
    """Bring the optional sources that are configured up to the run's day.

    Runs are read before them. A source that the tenant denies (403, 404) is left out
    with a warning: its figures stay unknown. One that ends early stops no other one.

    Raises:
        TenantError: A source could not be read; what had been read is kept.
        LeftOutError: Records of a source were set aside.
    """
    before, odd_before = len(extraction.ended), len(extraction.odd)
    for name, right, step in _steps(extraction.run):
        try:
            step(extraction)
        except TenantError as exc:
            if not is_denied(exc):
                extraction.end(exc)
                continue
            first = str(exc).partition("\n")[0]
            reason = f"{first}; left out: {right}"
            log.warning("%s", reason)
            current().notice("sources", extraction.tenant.name, name, reason)
    if ended := extraction.ended[before:]:
        raise ended[0]
    if odd := extraction.odd[odd_before:]:
        raise left_out_error(extraction, odd)


def _steps(run: Run) -> Iterator[tuple[str, str, Callable[[Extraction], None]]]:
    """The configured sources by name, each with the right that it needs.

    Events come before details, which are then not asked for. The licence and what was
    consumed of it are those of today: a run of an earlier day does not ask for them.
    """
    sources = run.settings.sources
    if sources.audit_events:
        yield "audit_events", _READ_AUDITS, read_events
    if sources.audit_archive_from:
        read = partial(read_archive, first=sources.audit_archive_from)
        yield "audit_archive", _READ_AUDITS, read
    if sources.run_detail:
        yield "run_detail", _OWN_RUNS, read_detail
    if sources.licence and run.is_today:
        yield "licence", _READ_LICENCE, read_licence
    if sources.consumption and run.is_today:
        yield "consumption", _READ_LICENCE, read_consumption
