"""The stages of a run after the extraction: build, report, close; and simulate."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipeline import build as models
from pipeline import finance, warehouse
from pipeline import report as pages
from pipeline.build import checks
from pipeline.closing import archive
from pipeline.closing.archive import ClosedMonth, Draft
from pipeline.closing.freeze import Closing, check_order, freeze
from pipeline.closing.manifest import summary
from pipeline.config import Run
from pipeline.export.query import Answer


def build(run: Run) -> None:
    """Lake → warehouse; the old one stays unless every check passes."""
    existing = archive.load(run.settings.closed)
    with warehouse.replacing(run.settings.warehouse) as connection:
        _fill(connection, run, existing)


def report(run: Run) -> Path:
    """Warehouse → pages; those of closed months stay as they were. The first page."""
    settings = run.settings
    kept = archive.pages(archive.load(settings.closed))
    return pages.render(settings.warehouse, settings.reports, run, kept)


def close(run: Run, month: date, reason: str | None) -> list[str] | None:
    """Warehouse → a closed month of each tenant; a summary of each that is new.

    All months are written and rendered in drafts before the first one is closed, by
    one rename each. A repeat completes what a kill interrupted, and changes nothing
    else: if all months are closed, the result is None.

    Raises:
        CheckError: The month is not whole, or a check fails.
    """
    settings = run.settings
    closing = Closing(run, month, reason)
    existing = archive.load(settings.closed)
    check_order(closing, existing)
    done = {one.tenant for one in existing if one.month == month}
    if done >= set(settings.tenant_names) and _shows(settings.warehouse, month):
        return None
    drafts: list[Draft] = []
    try:
        with warehouse.replacing(settings.warehouse) as connection:
            _fill(connection, run, existing)
            drafts += freeze(connection, settings.closed, closing, existing)
        _publish(run, month, existing, drafts)
    finally:
        for draft in drafts:
            draft.discard()
    return [summary(draft.manifest) for draft in drafts]


def simulate(run: Run, month: date) -> Answer:
    """What *month* would be charged by each way to share an allowance.

    Raises:
        ConfigError: Nothing is included in *month*, or nothing of it was used.
    """
    with (
        TemporaryDirectory() as folder,
        warehouse.replacing(Path(folder) / "simulated.duckdb") as connection,
    ):
        rows = models.simulate(connection, run, finance.read(run.settings), month)
        return Answer.of(rows)


def _publish(
    run: Run, month: date, existing: Sequence[ClosedMonth], drafts: Sequence[Draft]
) -> None:
    """Make a warehouse and pages in which *drafts* are closed; then close them."""
    beside = run.settings.data_dir / ".closing.duckdb"
    with warehouse.replacing(beside) as connection:
        _fill(connection, run, [*existing, *(draft.closed for draft in drafts)])
    rendered = pages.pages_of(beside, month, run)
    for draft in drafts:
        draft.add_pages(rendered)
        draft.finish()
    for draft in drafts:
        draft.publish()
    beside.replace(run.settings.warehouse)


def _fill(
    connection: duckdb.DuckDBPyConnection, run: Run, months: Sequence[ClosedMonth]
) -> None:
    """Make all marts, with *months* as closed, and check them."""
    models.build(connection, run, finance.read(run.settings), months)
    checks.check(connection)


def _shows(database: Path, month: date) -> bool:
    """Whether the warehouse was made after *month* was closed."""
    if not database.exists():
        return False
    with warehouse.read(database) as connection:
        shown = connection.execute("select month from closed_months").fetchall()
    return (month,) in shown
