"""The lake of a command: a folder, or a bucket that is opened for it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from secrets import token_hex

from pipeline.cli import clock
from pipeline.config import Settings
from pipeline.files.lock import locked
from pipeline.monitor import current

_BYTES = 8

# Commands that read and change nothing but what this machine has.
_OF_THE_MACHINE = {"report"}


@contextmanager
def lake_of(settings: Settings, command: str) -> Iterator[None]:
    """The lake of *settings* for a command that holds the lock of the data folder.

    Raises:
        LockError: Another machine is at work on the bucket.
        ConfigError: The bucket cannot be used.
        PipelineError: The bucket cannot be read, or not be written to at the end.
    """
    from pipeline.lake import bucket

    if settings.bucket is None:
        bucket.check_folder(settings)
        yield
        return
    if command in _OF_THE_MACHINE:
        yield
        return
    from pipeline.build import names_today
    from pipeline.closing import archive
    from pipeline.endpoints import TABLES
    from pipeline.lake.claim import Clock, Holder

    now = clock.now()
    token, machine = token_hex(_BYTES), token_hex(_BYTES)
    host = socket.gethostname()
    own = Holder(token, machine, host, command, settings.part, now, now)
    begun = current().begun.id
    caller = bucket.Caller(
        own,
        Clock(clock.now, timedelta(minutes=settings.bucket.lock_minutes)),
        settings.run_records / f"{begun}.json" if begun else None,
        lambda: archive.load(settings.closed, names_today(settings)),
        settings.tenant_names if settings.part else None,
    )
    tables = [one.name for one in TABLES]
    with bucket.opened(settings, settings.bucket, tables, caller):
        yield


@contextmanager
def mirror_of(settings: Settings) -> Iterator[None]:
    """The lake of *settings* as it is now, for a command that changes nothing.

    Raises:
        LockError: A command of this data folder is at work.
        PipelineError: The bucket cannot be read.
    """
    from pipeline.lake import bucket, store

    if settings.bucket is None:
        yield
        return
    with locked(settings.data_dir):
        mirror = bucket.update(settings, settings.bucket, token_hex(_BYTES))
        with store.changing(mirror):
            yield
