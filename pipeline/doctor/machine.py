"""This machine: the data folder, the disk below it, and the lock in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile

from pipeline.config import Settings
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.errors import LockError, PipelineError
from pipeline.files import locked

_GIB = 2**30

# The new warehouse stands beside the old one, and a build may spill as much again.
_WAREHOUSES = 3


def machine(settings: Settings) -> Iterator[Finding]:
    """Whether a night could write, has room to, and is the only one."""
    data_dir = settings.data_dir
    try:
        existing = next(path for path in (data_dir, *data_dir.parents) if path.exists())
        below = (settings.reports, settings.lake, *settings.lake.glob("*"))
        folders = [existing, *(folder for folder in below if folder.is_dir())]
    except OSError as exc:
        yield _shut(exc.filename, exc)
        return
    for folder in folders:
        try:
            _write(folder)
        except OSError as exc:
            yield _shut(folder, exc)
            return
    made = "writable" if existing == data_dir else "which the first night makes"
    yield ok("data folder", f"{data_dir}, {made}")
    yield _room(settings, existing)
    yield _lock(data_dir)


def _write(folder: Path) -> None:
    """Try it with a file that has no name, and leaves nothing behind."""
    with TemporaryFile(dir=folder) as file:
        file.write(b"\0" * 4096)


def _shut(folder: object, exc: OSError) -> Finding:
    found = f"{folder} cannot be written to: {exc.strerror}"
    remedy = "give it to the user that runs the night, or set another data_dir"
    return fail("data folder", found, remedy, PipelineError.exit_code)


def _room(settings: Settings, existing: Path) -> Finding:
    free = shutil.disk_usage(existing).free
    warehouse = settings.warehouse
    size = warehouse.stat().st_size if warehouse.exists() else 0
    needed = max(_GIB, _WAREHOUSES * size)
    found = f"{free / _GIB:,.1f} GiB free"
    if free >= needed:
        return ok("disk", found)
    wanted = f"a night may need {needed / _GIB:,.1f} GiB"
    return warn("disk", f"{found} at {existing}", f"make room: {wanted}")


def _lock(folder: Path) -> Finding:
    """Take the lock for a moment, if there ever was one: a look leaves no trace."""
    if not (folder / ".lock").exists():
        return ok("lock", "free")
    try:
        with locked(folder):
            return ok("lock", "free")
    except LockError:
        remedy = "wait for its end; a night that starts before it ends in 5"
        return warn("lock", f"another run is at work in {folder}", remedy)
    except OSError as exc:
        found = f"{exc.filename} cannot be opened: {exc.strerror}"
        remedy = "give it to the user that runs the night"
        return fail("lock", found, remedy, PipelineError.exit_code)
