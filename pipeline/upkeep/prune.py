"""`chargeback prune`: what is older than the retention, and that no figure needs.

Figures need the lake: closed months are held to what they would be charged today, and
names, forecasts and trends come from all of it. So of the lake only those days go that
no model reads: usage and runs before the first day of their tenant, which a backfill
of an earlier configuration left. Closed months, the register and the notes of what was
sent are never removed: a month would be open again, or its mail sent twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.build import names_today
from pipeline.closing import archive
from pipeline.closing.archive import Archive
from pipeline.config import Run
from pipeline.dates import DAY, months_before
from pipeline.endpoints import TABLES
from pipeline.formats.plurals import counted
from pipeline.lake import Lake, losses, present, store

# A run may be listed under a day before the one on which it starts.
_LONGEST_WAIT = 31 * DAY


@dataclass(frozen=True, slots=True)
class _Old:
    """A file that may go, and what it is."""

    kind: str
    path: Path


def prune(run: Run, *, dry_run: bool) -> list[str]:
    """Remove what the retention allows; a line for each kind, and one for what stays.

    Raises:
        CheckError: The lake or a closed month is not as it was written.
    """
    months = run.settings.privacy.retention_months
    if months is None:
        why = "privacy.retention_months is not set, so that all is kept"
        return [f"nothing to remove: {why}"]
    # Nothing is removed where something is amiss.
    closed = archive.load(run.settings.closed, names_today(run.settings))
    before = months_before(run.month, months)
    found = [
        *_lake(run, before, closed),
        *_quarantined(run, before),
        *_records(run, before),
    ]
    lines = []
    for kind in dict.fromkeys(one.kind for one in found):
        paths = [one.path for one in found if one.kind == kind]
        size = sum(path.stat().st_size for path in paths)
        done = "would be removed" if dry_run else "removed"
        files = counted(len(paths), "file")
        lines.append(f"{kind}: {files}, {counted(size, 'byte')} {done}")
    if not dry_run:
        for one in found:
            _remove(one.path)
    if not found:
        lines.append(f"nothing is older than {before:%Y-%m} and removable")
    lines.append(
        "kept: the lake from each tenant's first day on, which corrections, names and"
        " forecasts are made of; closed months; notes of what was sent"
    )
    return lines


def _lake(run: Run, before: date, closed: Archive) -> Iterator[_Old]:
    """Days that no model reads, of tables whose days before a first day are not."""
    settings = run.settings
    lake = Lake(settings.lake)
    for tenant in sorted(present.counted(settings)):
        first = present.first_day_of(settings, tenant)
        if first is None:
            continue
        last = min(first, closed.first(tenant) or first, before) - _LONGEST_WAIT
        for table in TABLES:
            if table.name not in losses.BOUNDED:
                continue
            for path, days in lake.days_by_file(table, tenant).items():
                if max(days) < last and path.is_file():
                    yield _Old("lake, before the first day", path)


def _quarantined(run: Run, before: date) -> Iterator[_Old]:
    """Pages and records that were set aside, which a person may have looked at."""
    for path in sorted(run.settings.quarantine.rglob("*.json")):
        if path.is_file() and not path.is_symlink() and _day_of(path) < before:
            yield _Old("quarantine", path)


def _records(run: Run, before: date) -> Iterator[_Old]:
    """What runs noted of themselves."""
    for path in sorted((run.settings.data_dir / "state" / "runs").glob("*.json")):
        if path.is_file() and not path.is_symlink() and _day_of(path) < before:
            yield _Old("records of runs", path)


def _day_of(path: Path) -> date:
    """The day on which a file was written: in its name, else of its last change."""
    for length in map(len, ("2026-01-01", "20260101")):
        try:
            return date.fromisoformat(path.name[:length])
        except ValueError:
            continue
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()


def _remove(path: Path) -> None:
    store.remove(path)
    for folder in (path.parent, path.parent.parent):
        if folder.name.startswith(("date=", "tenant=")):
            try:
                folder.rmdir()
            except OSError:  # something else is in it
                return
