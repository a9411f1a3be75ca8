"""The marts as files for other tools: by hand, and as a delivery of the night."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

from pipeline import warehouse
from pipeline.build import names_today
from pipeline.closing import archive, shown
from pipeline.config import Run, Settings
from pipeline.dates import month_of
from pipeline.errors import CheckError, DeliveryError, PipelineError
from pipeline.export.marts import Destination, export_marts
from pipeline.formats.plurals import counted

log = logging.getLogger(__name__)


def deliver_marts(run: Run) -> None:
    """Replace the folder of the marts, if one is configured.

    Raises:
        DeliveryError: It could not be replaced; the earlier one stands.
    """
    folder = run.settings.marts
    if folder is None:
        return
    try:
        files = write_marts(run.settings, folder)
    except (PipelineError, OSError) as exc:
        what, _, remedy = str(exc).partition("\n")
        raise DeliveryError(f"export.marts: {what}\n{remedy}".rstrip()) from exc
    log.info("marts: %s in %s", counted(len(files), "file"), folder)


def write_marts(
    settings: Settings, out: Path, more_kept: Sequence[Path] = ()
) -> list[Path]:
    """Write the marts into the folder *out*, closed months as they were issued.

    Raises:
        CheckError: The warehouse shows other documents than the register has.
        PipelineError: It is not read, or the folder not written.
    """
    _check_issued(settings)
    own = [one for one in settings.own if one != settings.marts]
    return export_marts(
        settings.warehouse,
        Destination(out, [*own, *more_kept]),
        are_owners_named=settings.privacy.owners == "names",
    )


def _check_issued(settings: Settings) -> None:
    """Hold the documents that the warehouse shows to those of the register.

    Raises:
        CheckError: It lacks some that had been issued before it was built, or has some
            that the register does not know.
    """
    warehouse.read(settings.warehouse, with_macros=False).close()
    closed = archive.load(settings.closed, names_today(settings))
    shown.check_shown(settings.warehouse, closed)
    if not shown.shows(settings.warehouse, closed.until(_built_in(settings))):
        raise CheckError(
            f"{settings.warehouse}: was built before the last document was issued\n"
            "run `chargeback build`, and export again"
        )


def _built_in(settings: Settings) -> date:
    """The month in which the warehouse was built, by the last day that it shows."""
    last = None
    with (
        suppress(PipelineError),
        warehouse.read(settings.warehouse, with_macros=False) as connection,
        warehouse.answering("the days that were read"),
    ):
        last = connection.execute("select max(date) from marts.coverage").fetchone()
    return month_of(last[0] + timedelta(days=1)) if last and last[0] else date.max
