"""The folder of the marts: whether a run may replace it."""

from collections.abc import Iterator

from pipeline.config import Settings
from pipeline.doctor.finding import Finding, fail, ok
from pipeline.doctor.machine import try_folder
from pipeline.errors import DeliveryError, PipelineError
from pipeline.export.marts import folder

_SUBJECT = "export.marts"


def marts(settings: Settings) -> Iterator[Finding]:
    """Whether the folder, if one is configured, can be made beside and renamed."""
    if settings.marts is None:
        return
    code = DeliveryError.exit_code
    try:
        own = [one for one in settings.own if one != settings.marts]
        target = folder.checked(settings.marts, own)
        existing = next(path for path in target.parents if path.exists())
        try_folder(existing, settings.files)
    except OSError as exc:
        found = f"{existing} cannot be written to: {exc.strerror}"
        remedy = "give it to the user of the nightly job, or name another folder"
        yield fail(_SUBJECT, found, remedy, code)
    except PipelineError as exc:
        yield fail(_SUBJECT, exc, "", code)
    else:
        state = "replaced by each run" if target.exists() else "which a run makes"
        yield ok(_SUBJECT, f"{settings.marts}, {state}")
