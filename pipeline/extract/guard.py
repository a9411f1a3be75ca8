"""What nobody expected in one tenant is a failure of this tenant, and of no other."""

import json
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.config import Run
from pipeline.errors import PipelineError
from pipeline.files import disk
from pipeline.lake import Lake
from pipeline.monitor import current
from pipeline.tenant import Tenant


@contextmanager
def guarded(tenant: Tenant, run: Run) -> Iterator[None]:
    """Make an unexpected error in the block one of *tenant*; its trace is kept.

    Raises:
        TenantError: There was one; the message names the file of the trace.
        PipelineError: The disk was what made it.
    """
    try:
        yield
    except (PipelineError, OSError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as exc:  # polars panics with one
        if remedy := disk.remedy(exc):
            first = str(exc).splitlines()[0]
            raise PipelineError(f"tenant {tenant.name}: {first}\n{remedy}") from exc
        trace = {"trace": traceback.format_exception(exc)}
        kept = tenant.redact(json.dumps(trace, indent=1)).encode()
        path = Lake(run.settings.lake).quarantine(tenant.name, run.as_of, kept)
        current().trace(tenant.name, kept.decode())
        what = f"unexpected {type(exc).__name__}: {exc}"
        remedy = f"what had been read is kept; please report {path}"
        raise tenant.error("extraction", what, remedy) from exc
