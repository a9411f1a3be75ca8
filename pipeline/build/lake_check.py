"""The lake, held to what was noted of it; and which lost days stop one tenant alone."""

from collections.abc import Sequence
from datetime import date

from pipeline.closing.archive import Archive
from pipeline.config import Settings
from pipeline.dates import month_of
from pipeline.endpoints import AUTOMATIONS, SPACES, TABLES, USERS
from pipeline.lake import damage, losses, present
from pipeline.lake.losses import Loss

# Snapshots by which usage of any day is somebody's.
_NAMING = {one.table.name for one in (AUTOMATIONS, USERS, SPACES)}


def check_lake(
    settings: Settings, *, is_locked: bool = False, closed: Archive | None = None
) -> list[Loss]:
    """Hold the lake to what was noted of it when it was read.

    If it *is_locked* by this command, what was held to its hash is noted. Where
    what is *closed* is known, lost days that stop their tenant alone are returned.

    Raises:
        CheckError: A file is not there, not as it was written, or cannot be read.
    """
    present.log_strays(settings)
    damage.check(settings, TABLES, is_noted=is_locked)
    lost = losses.every(settings, TABLES)
    if lost and (closed is None or not _is_apart(settings, lost, closed)):
        raise losses.error(lost)
    return lost


def _is_apart(settings: Settings, lost: Sequence[Loss], closed: Archive) -> bool:
    """Whether other tenants can be built as if the *lost* days had never been read.

    A day of a closed month cannot be left out: a correction would give back what it
    was charged. Nor can a snapshot, by whose names usage of any month is charged.
    """
    last_closed = max((one.month for one in closed.months), default=date.min)
    has_others = present.counted(settings) > {one.tenant for one in lost}
    return has_others and all(
        one.table not in _NAMING and month_of(one.day) > last_closed for one in lost
    )
