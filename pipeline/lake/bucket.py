"""The lake in a bucket, opened for a command: its lock, its mirror, what is carried."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Bucket, Settings
from pipeline.config.settings import LAKE_MIRROR
from pipeline.errors import ConfigError, PipelineError
from pipeline.lake import folders, store, tenants
from pipeline.lake.carried import Carried
from pipeline.lake.claim import Clock, Holder, claimed
from pipeline.lake.mirror import Mirror
from pipeline.lake.objects import Objects
from pipeline.lake.versions import Versions

log = logging.getLogger(__name__)

_VERSIONS = "bucket.json"


@dataclass(frozen=True)
class Caller:
    """A command that opens a lake: who it is, and its run *record*, if it makes one.

    *is_closed_whole* raises what is wrong with the closed months, if anything is. A
    command that is not about all of the lake names its *tenants*.
    """

    own: Holder
    clock: Clock
    record: Path | None
    is_closed_whole: Callable[[], object]
    tenants: Collection[str] | None = None


@contextmanager
def opened(
    settings: Settings, bucket: Bucket, tables: Iterable[str], caller: Caller
) -> Iterator[None]:
    """Hold the lock of the lake in *bucket*, and let its mirror be what the bucket has.

    In the block, changes of the lake are changes of the bucket. At its end, closed
    months and notes are copied into the bucket.

    Raises:
        LockError: Another machine is at work on this lake.
        ConfigError: The bucket cannot be used, or is empty and should not be.
        PipelineError: The bucket cannot be read, or not be written to at the end.
    """
    objects = Objects(bucket)
    versions = _versions(settings, bucket, caller.own.machine)
    with claimed(objects, _holder(caller.own, versions), caller.clock) as claim:
        versions.write()
        mirror = Mirror(settings.lake, objects, versions, claim.check)
        mirror.months.complete(caller.tenants)
        if not mirror.update([*tables], caller.tenants):
            _check_new(settings, bucket)
        carried = Carried(settings, objects, versions, caller.record)
        carried.read()
        try:
            with store.changing(mirror):
                yield
        except BaseException:
            try:
                _carry(carried, caller)
            except (PipelineError, OSError) as exc:
                log.warning("%s", exc)  # the command's own failure is what counts
            raise
        else:
            _carry(carried, caller)
        finally:
            versions.write()


def update(settings: Settings, bucket: Bucket, machine: str) -> Mirror:
    """Let the mirror be what the bucket has, for a command that changes nothing.

    It holds the lock of the data folder, and not that of the bucket.

    Raises:
        PipelineError: The bucket cannot be read.
    """
    versions = _versions(settings, bucket, machine)
    mirror = Mirror(settings.lake, Objects(bucket), versions, _refuse)
    mirror.update((), None)
    mirror.check_whole()
    versions.write()
    return mirror


def check_folder(settings: Settings) -> None:
    """Refuse a lake in a folder that is new, where it was in a bucket before.

    Raises:
        ConfigError: The history is in the bucket.
    """
    if (settings.data_dir / LAKE_MIRROR).is_dir() and not settings.lake.exists():
        raise ConfigError(
            f"{settings.data_dir}: its lake was in a bucket, which the configuration"
            f" does not name\nset lake again; or move {LAKE_MIRROR}/ to lake/, to go on"
            " without the bucket"
        )


def _holder(own: Holder, versions: Versions) -> Holder:
    return Holder(
        own.token,
        versions.machine,
        own.host,
        own.command,
        own.part,
        own.began,
        own.renewed,
    )


def _versions(settings: Settings, bucket: Bucket, machine: str) -> Versions:
    return Versions.read(settings.state / _VERSIONS, bucket.url, machine)


def _check_new(settings: Settings, bucket: Bucket) -> None:
    """Refuse a bucket without a lake where there is history: it would begin anew."""
    before = settings.data_dir / "lake"
    if folders.tenants(before) or (before / tenants.FILE).exists():
        raise ConfigError(
            f"{bucket.url}: has no lake, and {before} is one\ncopy it there (aws s3"
            f" sync {before} {bucket.url}), and move {before} away; or correct lake"
        )
    if any(settings.closed.glob("tenant=*")):
        raise ConfigError(
            f"{bucket.url}: has no lake, though {settings.closed} has closed months\n"
            "correct lake, which may have another bucket or prefix; or restore the lake"
        )


def _carry(carried: Carried, caller: Caller) -> None:
    """Copy closed months and notes; no closed month that is not as it was closed."""
    try:
        if carried.has_new_months():
            caller.is_closed_whole()
    except PipelineError:
        carried.write(closed=False)
        raise
    carried.write(closed=True)


def _refuse() -> None:
    raise PipelineError("this command changes nothing in the bucket")
