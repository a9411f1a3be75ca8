"""This machine: Python, the data folder, free disk space, the lock, the pages."""

import os
import shutil
from collections.abc import Iterator
from errno import EACCES, EPERM
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.build import spark
from pipeline.build.lake_check import check_lake
from pipeline.config import Settings
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.errors import LockError, PipelineError
from pipeline.files import disk, owners, replacing
from pipeline.files.access import Access, Readers, giving, python_of_one_user
from pipeline.files.lock import locked

_GIB = 2**30

# The new warehouse stands beside the old one, and a build may spill as much again.
_WAREHOUSES = 3


def machine(settings: Settings) -> Iterator[Finding]:
    """Whether a run could write, has room to, and is the only one."""
    data_dir = settings.data_dir
    if found := _python(data_dir):
        yield found
    if found := _foreign(data_dir):
        yield found
        return
    try:
        existing = next(path for path in (data_dir, *data_dir.parents) if path.exists())
        below = (settings.reports, settings.lake, *settings.lake.glob("*"))
        folders = [existing, *(folder for folder in below if folder.is_dir())]
    except OSError as exc:
        yield _unwritable(exc.filename, exc)
        return
    for folder in folders:
        try:
            try_folder(folder, settings.files)
        except OSError as exc:
            yield _unwritable(folder, exc)
            return
        except PipelineError as exc:
            yield fail("data folder", exc, "", exc.exit_code)
            return
    state = "writable" if existing == data_dir else "which the first run makes"
    yield ok("data folder", f"{data_dir}, {state}")
    yield _room(settings, existing)
    yield _lock(data_dir)
    if settings.reports.is_symlink() and settings.reports.exists():
        yield _pages(settings)
    yield from _engine(settings)
    try:
        check_lake(settings)
    except PipelineError as exc:
        yield fail("lake", exc, "chargeback run reads it again", exc.exit_code)


def _engine(settings: Settings) -> Iterator[Finding]:
    """What Spark needs, where it makes models."""
    if settings.engine.facts != "spark":
        return
    try:
        yield ok("engine", spark.check(settings.engine))
    except PipelineError as exc:
        yield fail("engine", exc, "", exc.exit_code)


def _python(data_dir: Path) -> Finding | None:
    """A warning if another user, who owns the data, cannot run this Python."""
    try:
        is_own = data_dir.stat().st_uid == os.geteuid()
    except OSError:  # it is not there, or nobody may look: said below
        return None
    if is_own:
        return None
    if python := python_of_one_user():
        found = f"{python} cannot be run by the user that {data_dir} is of"
        remedy = "make the environment anew with the Python of /usr: docs/deploy.md"
        return warn("python", found, remedy)
    return None


def _foreign(data_dir: Path) -> Finding | None:
    """A failure if files of other users are there, which would stop a run."""
    try:
        owners.check(data_dir)
    except PipelineError as exc:
        return fail("data folder", exc, "", exc.exit_code)
    found = list(owners.others(data_dir))
    remedy = owners.remedy(data_dir)
    if remedy is None:
        return None
    path, owner = found[0]
    rest = f", and {len(found) - 1:,} more" if found[1:] else ""
    said = f"{path} belongs to {owners.name_of(owner)}{rest}: a run may fail by it"
    own = remedy.partition(": ")[2]
    return fail("data folder", said, own, PipelineError.exit_code)


def try_folder(folder: Path, access: Access) -> None:
    """Do in *folder* what a run does: write, sync, rename, lock, and read back.

    Raises:
        OSError: It cannot be written to.
        PipelineError: It has no locks, what is read is not what was written, or files
            cannot be given to their group.
    """
    content = b"chargeback" * 1000
    with TemporaryDirectory(dir=folder, prefix=".doctor-") as made:
        with (
            giving(access, Path(made), ()),
            locked(Path(made)),
            replacing(Path(made) / "written") as partial,
        ):
            partial.write_bytes(content)
        if (Path(made) / "written").read_bytes() != content:
            raise PipelineError(
                f"{folder}: what is read there is not what was written\n"
                "the disk is broken: set data_dir to another one"
            )


def _pages(settings: Settings) -> Finding:
    """Who reads the pages of a folder that a link leads to."""
    folder = settings.reports.resolve()
    readers = Readers.of(folder, settings.files)
    if not readers.mode & 0o040:
        return ok("pages", f"{folder}, read by the user of the nightly job alone")
    if readers.can_be_given:
        return ok("pages", f"{folder}, read by the group {readers.name}")
    found = f"{folder}: pages cannot be given to its group {readers.name}"
    return warn("pages", found, f"chmod g+s {folder}")


def _unwritable(folder: object, exc: OSError) -> Finding:
    found = f"{folder} cannot be written to: {exc.strerror}"
    own = "give it to the user of the nightly job, or set another data_dir"
    remedy = own if exc.errno in {EACCES, EPERM} else disk.remedy(exc) or own
    return fail("data folder", found, remedy, PipelineError.exit_code)


def _room(settings: Settings, existing: Path) -> Finding:
    free = shutil.disk_usage(existing).free
    warehouse = settings.warehouse
    size = warehouse.stat().st_size if warehouse.exists() else 0
    needed = max(_GIB, _WAREHOUSES * size)
    found = f"{free / _GIB:,.1f} GiB free"
    if free >= needed:
        return ok("disk", found)
    remedy = f"make room: a run may need {needed / _GIB:,.1f} GiB"
    return warn("disk", f"{found} at {existing}", remedy)


def _lock(folder: Path) -> Finding:
    """Take the lock for a moment; where there is no lock file yet, none is made."""
    if not (folder / ".lock").exists():
        return ok("lock", "free")
    try:
        with locked(folder):
            return ok("lock", "free")
    except LockError:
        remedy = "wait for its end; a run that starts before exits with 5"
        return warn("lock", f"another run is at work in {folder}", remedy)
    except PipelineError as exc:
        return fail("lock", exc, "", exc.exit_code)
    except OSError as exc:
        found = f"{exc.filename} cannot be opened: {exc.strerror}"
        remedy = "give it to the user of the nightly job"
        return fail("lock", found, remedy, PipelineError.exit_code)
