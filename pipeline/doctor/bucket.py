"""The bucket of the lake: whether it can be listed, written to and locked."""

from collections.abc import Iterator
from contextlib import suppress

from pipeline.config import Settings
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.errors import ConfigError, PipelineError
from pipeline.lake.claim import holders
from pipeline.lake.mirror import OWN
from pipeline.lake.objects import ConflictError, Objects

_SUBJECT = "bucket"
_PROBE = f"{OWN}/doctor"


def bucket(settings: Settings) -> Iterator[Finding]:
    """Whether a run could read and write the lake; nothing where that is a folder."""
    if settings.bucket is None:
        return
    try:
        objects = Objects(settings.bucket)
        is_empty = next(iter(objects.list()), None) is None
        _probe(objects)
        at_work = holders(objects)
    except PipelineError as exc:
        yield fail(_SUBJECT, exc, "", exc.exit_code)
        return
    state = "empty: the first run fills it" if is_empty else "readable and writable"
    yield ok(_SUBJECT, f"{objects.url}, {state}")
    for one in at_work:
        yield warn(
            "bucket: lock",
            f"{one} is at work, last heard of at {one.renewed:%Y-%m-%d %H:%M} UTC",
            "wait for its end; a run that starts before exits with 5, unless nothing"
            f" was heard of it for {settings.bucket.lock_minutes} minutes",
        )


def _probe(objects: Objects) -> None:
    """Write an object as a run does, see that it is not written twice, and remove it.

    Raises:
        PipelineError: It cannot be done.
    """
    objects.delete([_PROBE])
    try:
        objects.put(_PROBE, b"1", None)
        with suppress(ConflictError):
            objects.put(_PROBE, b"2", None)
            raise ConfigError(
                f"{objects.url}: its server does not know conditional writes"
                " (If-None-Match), which keep two machines apart\nuse a newer version"
                " of it, or another one"
            )
    finally:
        objects.delete([_PROBE])
