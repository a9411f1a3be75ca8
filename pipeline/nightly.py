"""The stages of a run, in the order in which they stand on each other."""

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
from pipeline.closing.freeze import Closing, check_order, freeze, summary
from pipeline.config import Run
from pipeline.export.query import Answer


def build(run: Run) -> None:
    """Lake to warehouse; the old one stands unless every check passes."""
    existing = archive.load(run.settings.closed)
    with warehouse.replacing(run.settings.warehouse) as connection:
        _fill(connection, run, existing)


def report(run: Run) -> Path:
    """Warehouse to pages, those of closed months as they were; the first page."""
    settings = run.settings
    kept = archive.pages(archive.load(settings.closed))
    return pages.render(settings.warehouse, settings.reports, run, kept)


def close(run: Run, month: date, reason: str | None) -> list[str] | None:
    """Warehouse to a closed month of each tenant; what is new, in words.

    Nothing is closed until all of it is written and rendered, beside; then each
    tenant's month takes its place by one rename. A repeat completes what a kill
    left, and changes nothing else: where all is done, None.

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
    """What *month* is charged by each way to share an allowance; nothing is kept.

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
    """Show *drafts* as closed in a warehouse and on pages; then close them."""
    beside = run.settings.data_dir / ".closing.duckdb"
    with warehouse.replacing(beside) as connection:
        _fill(connection, run, [*existing, *(draft.closed for draft in drafts)])
    made = pages.pages_of(beside, month, run)
    for draft in drafts:
        draft.add_pages(made)
        draft.finish()
    for draft in drafts:
        draft.publish()
    beside.replace(run.settings.warehouse)


def _fill(
    connection: duckdb.DuckDBPyConnection, run: Run, months: Sequence[ClosedMonth]
) -> None:
    """All marts, with *months* as closed, and what the checks say of them."""
    models.build(connection, run, finance.read(run.settings), months)
    checks.check(connection)


def _shows(database: Path, month: date) -> bool:
    """Whether the warehouse was made since *month* was closed."""
    if not database.exists():
        return False
    with warehouse.read(database) as connection:
        shown = connection.execute("select month from closed_months").fetchall()
    return (month,) in shown
