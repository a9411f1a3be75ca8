"""The stages of a run after the extraction: build, report, close; and simulate."""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from pipeline import build as models
from pipeline import report as pages
from pipeline import warehouse
from pipeline.build import by_month, checks, run_history, standing
from pipeline.build.documents import Past, credit_files
from pipeline.build.lake_check import check_lake
from pipeline.closing import archive, credited, freeze, shown
from pipeline.closing.archive import Archive
from pipeline.closing.draft import Draft, entered
from pipeline.closing.issued import made as issued_files
from pipeline.closing.manifest import summary
from pipeline.closing.readiness import Closing, check_order
from pipeline.closing.register import Entry, Register
from pipeline.closing.reversal import Reversal, described, reversing
from pipeline.config import Run
from pipeline.errors import CheckError
from pipeline.export.query import Answer
from pipeline.files import remove
from pipeline.lake import losses

log = logging.getLogger(__name__)


def build(run: Run, *, goes_on: bool = False) -> CheckError | None:
    """Lake → warehouse; the old one stays unless every check passes.

    If it *goes_on*, lost days that stop their tenant alone count as never read; the
    error that names their files is returned.

    Raises:
        CheckError: The lake, what is closed, or a figure is not as it should be.
    """
    existing = _archive(run)
    closed = existing if goes_on else None
    lost = check_lake(run.settings, is_locked=True, closed=closed)
    without = tuple((one.tenant, one.table, one.day) for one in lost)
    run = replace(run, lost_days=without)
    key = standing.key_of(run, models.finance_files(run.settings))
    if standing.is_built(run, key):
        _show_runs(run)
    else:
        with _replacing(run, run.settings.warehouse) as connection:
            _fill(connection, run, existing)
        by_month.clean(run)
    standing.keep_built(run, key)
    return losses.error(lost) if lost else None


def report(run: Run) -> Path:
    """Warehouse → pages; those of closed months stay as they were. The first page."""
    settings = run.settings
    kept = archive.pages(_archive(run).months)
    key = standing.key_of_pages(run)
    if standing.is_rendered(run, key):
        log.info("pages: nothing changed")
        return settings.reports / pages.FIRST_PAGES[0]
    first = pages.render(settings.warehouse, settings.reports, run, kept)
    standing.keep_rendered(run, key)
    return first


def close(run: Run, month: date, reason: str | None) -> list[str] | None:
    """Warehouse → a closed month of each tenant; a summary of each that is new.

    All months are written and rendered in drafts first. They are closed in one step:
    when the register has their entries. A repeat completes what a kill interrupted, and
    changes nothing else: if all months are closed, the result is None.

    Raises:
        CheckError: The month is not whole, a check fails, or something was issued on a
            later day.
    """
    settings = run.settings
    closing = Closing(run, month, reason)
    existing = _archive(run)
    check_order(closing, existing)
    done = {one.tenant for one in existing.months if one.month == month}
    due = {one for one in closing.tenants if closing.has_month(one, month)}
    if not done >= due:
        existing.register.check_day(run.as_of)
    elif shown.shows(settings.warehouse, existing.until(run.month)):
        return None
    check_lake(settings, is_locked=True)
    drafts: list[Draft] = []
    try:
        with _replacing(run, _beside(run)) as connection:
            _fill(connection, run, existing, freeze.READS)
            drafts += freeze.freeze(connection, settings.closed, closing, existing)
        entered = _complete(run, month, existing, drafts)
    except BaseException:
        for draft in drafts:
            draft.discard()
        raise
    _publish(run, entered, drafts)
    return [summary(draft.manifest) for draft in drafts]


def reverse(run: Run, month: date, reason: str) -> list[str] | None:
    """Take *month* back, and all that was closed after it; a line for each document.

    All of it is done in one step: when the register has the credit notes. A repeat
    changes nothing: if the month is open again already, the result is None.

    Raises:
        CheckError: The month was never closed, or a check fails.
    """
    settings = run.settings
    existing = _archive(run)
    entries = reversing(Reversal(run, month, reason), existing)
    check_lake(settings, is_locked=True)
    models.finance_files(settings)  # what the build would refuse, before it is final
    if entries:
        entries = _with_files(run, existing, entries)
        archive.enter(settings.closed, existing.register.extended(entries))
        existing = _archive(run)
    elif shown.shows(settings.warehouse, existing.until(run.month)):
        return None
    with _replacing(run, settings.warehouse) as connection:
        _fill(connection, run, existing)
    return [described(entry) for entry in entries]


def simulate(run: Run, month: date) -> Answer:
    """What *month* would be charged by each way to share an allowance.

    Raises:
        ConfigError: Nothing is included in *month*, or nothing of it was used.
    """
    check_lake(run.settings, is_locked=True)
    path = run.settings.data_dir / ".simulated.duckdb"
    try:
        with _replacing(run, path) as connection:
            files = models.finance_files(run.settings)
            return Answer.of(models.simulate(connection, run, files, month))
    finally:
        remove(path)


def _archive(run: Run) -> Archive:
    """What is closed, with what a kill kept from being completed."""
    root = run.settings.closed
    archive.recover(root)
    existing = archive.load(root, models.settled(run.settings))
    shown.check_shown(run.settings.warehouse, existing)
    archive.save(root, existing.register)
    return existing


def _complete(
    run: Run, month: date, existing: Archive, drafts: Sequence[Draft]
) -> Register:
    """Make a warehouse and pages in which *drafts* are closed; the register of then."""
    beside = _beside(run)
    with _replacing(run, beside) as connection:
        _fill(connection, run, entered(existing, drafts))
    rendered = pages.pages_of(beside, {month}, run)
    past = Past(run.settings.closed, lambda: existing, is_closing=True)
    files = issued_files(beside, month, run.settings, past)
    issued = dict(files) if drafts else {}
    for draft in drafts:
        draft.add_pages(rendered)
        for name, content in issued.items():
            draft.add(name, content)
        draft.finish()
    return entered(existing, drafts).register


def _publish(run: Run, entered: Register, drafts: Sequence[Draft]) -> None:
    """Close *drafts*: they are, once the register is written, whatever comes after."""
    if drafts:
        archive.enter(run.settings.closed, entered)
    for draft in drafts:
        draft.publish()
    archive.save(run.settings.closed, entered)
    warehouse.move(_beside(run), run.settings.warehouse)


def _with_files(run: Run, existing: Archive, entries: list[Entry]) -> list[Entry]:
    """*entries* with the hashes of the files of credit notes, which are written."""
    root = run.settings.closed
    after = replace(existing, register=existing.register.extended(entries))
    try:
        return [
            credited.write(root, one, credit_files(after, one, run.settings))
            if one.kind == "reversal"
            else one
            for one in entries
        ]
    except BaseException:
        credited.discard(root, entries)
        raise


def _replacing(
    run: Run, path: Path
) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """A connection to a new warehouse that takes the place of *path*."""
    return warehouse.replacing(path, run.settings.engine)


def _beside(run: Run) -> Path:
    return run.settings.data_dir / ".closing.duckdb"


def _fill(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    closed: Archive,
    only: Sequence[str] = (),
) -> None:
    """Make all marts, with what is *closed*, and check them.

    With *only* those, nothing is checked: what is made of them will be.
    """
    models.build(connection, run, models.finance_files(run.settings), closed, only)
    if not only:
        checks.check(connection, run.settings.fail_on)
        run_history.keep(connection, run.settings)


def _show_runs(run: Run) -> None:
    """Put the runs of late into a warehouse that is otherwise as it would be made."""
    log.info("warehouse: nothing changed")
    settings = run.settings
    with warehouse.amending(settings.warehouse, settings.engine) as connection:
        checks.repeat(connection)
        run_history.keep(connection, settings)
