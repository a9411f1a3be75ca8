"""The settings of a tenant for its automations: how many of their runs run at once."""

import logging

from pipeline.endpoints.licence import (
    LICENCE,
    PER_AUTOMATION,
    SETTINGS,
    AutomationSettings,
)
from pipeline.errors import TenantError
from pipeline.extract.extraction import Extraction
from pipeline.tenant import ForbiddenError, NotFoundError, UnreachableError

log = logging.getLogger(__name__)


def read_settings(extraction: Extraction) -> None:
    """Keep how many runs of an automation the tenant allows at once, of today.

    No figure depends on it, and not every caller may read it: where it cannot be read,
    it stays unknown.

    Raises:
        UnreachableError: The tenant would answer nothing else either.
    """
    with extraction.listings.listing("settings") as counts:
        try:
            settings = extraction.tenant.one(SETTINGS, AutomationSettings)
        except UnreachableError:
            raise
        except (ForbiddenError, NotFoundError) as exc:
            log.debug("%s", exc)
            return
        except TenantError as exc:
            log.warning("%s", exc)
            return
        most = settings.max_concurrent_runs_per_automation
        rows = LICENCE.table.frame([(PER_AUTOMATION, most, None, None)])
        extraction.keep_snapshot(LICENCE.table, rows, counts)
