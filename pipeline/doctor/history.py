"""What the data folder holds: in an empty one, a run begins another history."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.build import names_today
from pipeline.closing import archive
from pipeline.config import Settings
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.errors import PipelineError
from pipeline.formats.plurals import counted
from pipeline.lake import COVERAGE, Lake, present
from pipeline.monitor import read

_ELSEWHERE = "data"  # where a configuration that names no data_dir has its data
_POINTS = "if there was a history, data_dir points elsewhere: correct it, or restore it"


def history(settings: Settings, config: Path) -> Finding:
    """What is kept; a warning where less is there than something kept says.

    *config* is the path of the configuration.
    """
    folder = settings.data_dir
    try:
        lake, others = _lake(settings), list(_others(settings))
    except PipelineError as exc:
        return fail("history", exc, "", exc.exit_code)
    except OSError as exc:
        found = f"{exc.filename} cannot be read: {exc.strerror}"
        remedy = "give it to the user of this command"
        return fail("history", found, remedy, PipelineError.exit_code)
    if lake:
        return _of_tenants(settings, ", ".join([lake, *others]))
    if others:
        found = f"{folder} has no lake, but {', '.join(others)}"
        return warn("history", found, "restore the lake, or correct data_dir")
    beside = config.absolute().parent / _ELSEWHERE
    if folder.resolve() != beside.resolve() and (beside / "lake").exists():
        found = f"nothing is kept in {folder}, but {beside} has a lake"
        return warn("history", found, "correct data_dir, or move the data there")
    return ok("history", f"nothing is kept in {folder} yet; {_POINTS}")


def _lake(settings: Settings) -> str:
    """The tenants and days of the lake; empty if there is none."""
    lake = Lake(settings.lake)
    found = [lake.days(COVERAGE, name) for name in sorted(present.counted(settings))]
    read = [days for days in found if days]
    if not read:
        return ""
    first, last = min(days[0] for days in read), max(days[-1] for days in read)
    return f"lake of {counted(len(read), 'tenant')}, {first} to {last}"


def _others(settings: Settings) -> Iterator[str]:
    """What else is kept, each in a few words.

    Raises:
        CheckError: Closed months are missing or damaged.
    """
    if settings.warehouse.exists():
        yield "warehouse"
    existing = archive.load(settings.closed, names_today(settings))
    if months := {one.month for one in existing.months}:
        closed = counted(len(months), "closed month")
        yield f"{closed}, the last {max(months):%Y-%m}"
    if runs := read(settings.run_records, 1).runs:
        yield f"last record of {runs[-1].started:%Y-%m-%d %H:%M} UTC"


def _of_tenants(settings: Settings, kept: str) -> Finding:
    """What is *kept*; a warning if nothing of it is of a tenant that is configured."""
    lake = Lake(settings.lake)
    configured = (*settings.tenant_names, *settings.renamed)
    if not configured or any(lake.days(COVERAGE, name) for name in configured):
        return ok("history", f"{settings.data_dir}: {kept}")
    found = f"{settings.data_dir} has nothing of {', '.join(settings.tenant_names)}"
    remedy = "correct data_dir or the tenant's name, unless it is a new tenant"
    return warn("history", f"{found}, but {kept}", remedy)
