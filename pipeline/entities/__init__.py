"""What is fetched from a tenant: path, record, and the columns that the lake keeps.

Every lake table has, besides its columns, `tenant` and `date` from its folder.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from pipeline.entities.records import Automation, Record, Run, Space, Usage, User

TIMESTAMP = pl.Datetime("us", "UTC")

# Answers spell two metrics without the plural that the filter asks for.
_METRIC_SPELLINGS = {"scheduledRun": "scheduledRuns", "triggeredRun": "triggeredRuns"}


@dataclass(frozen=True, slots=True)
class Table:
    """A lake table: its columns, and the key that makes a row of a day unique.

    Where a table has `updated_at`, the newest row of a key wins; else the last read.
    """

    name: str
    columns: Mapping[str, pl.DataType | type[pl.DataType]]
    key: tuple[str, ...]

    def frame(self, rows: list[tuple[Any, ...]]) -> pl.DataFrame:
        """Rows in the order of the columns, as a frame of just these types."""
        return pl.DataFrame(rows, schema=dict(self.columns), orient="row")


@dataclass(frozen=True, slots=True)
class Entity:
    """One listing of a tenant: where it is, what a record is, where it is kept.

    *path* may hold `{parent}`, the id of the automation that the listing is of; *row*
    turns that id (empty for other listings) and a record into the table's columns.
    """

    path: str
    record: type[Record]
    page_size: int | None
    table: Table
    row: Callable[[str, Any], tuple[Any, ...]]

    def frame(self, records: Iterable[Any], parent: str = "") -> pl.DataFrame:
        """Records as rows of the table's columns, typed by declaration."""
        rows = [self.row(parent, record) for record in records]
        return self.table.frame(rows)


def _utc(moment: datetime | None) -> datetime | None:
    """A time without an offset is the tenant's own: UTC."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def _usage_row(_: str, usage: Usage) -> tuple[Any, ...]:
    metric = _METRIC_SPELLINGS.get(usage.name, usage.name)
    automation = usage.automation
    return automation.guid, metric, usage.value, automation.name, automation.owner_id


def _run_row(automation_id: str, run: Run) -> tuple[Any, ...]:
    is_test = run.test_run if run.is_test_run is None else run.is_test_run
    return (
        run.id,
        automation_id,
        run.space_id or "",
        run.owner_id,
        run.executed_by_id,
        run.status,
        run.context,
        is_test,
        run.billable,
        run.duration,
        _utc(run.scheduled_start_time),
        _utc(run.created_at),
        _utc(run.start_time),
        _utc(run.stop_time),
        _utc(run.updated_at),
    )


def _automation_row(_: str, automation: Automation) -> tuple[Any, ...]:
    return (
        automation.id,
        automation.name,
        automation.owner_id,
        automation.space_id or "",
        automation.state,
        automation.run_mode,
        automation.last_run_status,
        _utc(automation.last_run_at),
        _utc(automation.created_at),
        _utc(automation.updated_at),
    )


def _user_row(_: str, user: User) -> tuple[Any, ...]:
    created_at = _utc(user.created_at)
    return user.id, user.name, user.email, user.subject, user.status, created_at


def _space_row(_: str, space: Space) -> tuple[Any, ...]:
    return (
        space.id,
        space.name,
        space.type,
        space.owner_id,
        _utc(space.created_at),
        _utc(space.updated_at),
    )


USAGE = Entity(
    path="/api/workflows/automations/usage",
    record=Usage,
    page_size=None,  # the endpoint knows no limit
    table=Table(
        name="usage",
        columns={
            "automation_id": pl.String,
            "metric": pl.String,
            "value": pl.Int64,
            "automation_name": pl.String,
            "owner_id": pl.String,
        },
        key=("automation_id", "metric"),
    ),
    row=_usage_row,
)

RUNS = Entity(
    path="/api/workflows/automations/{parent}/runs",
    record=Run,
    page_size=200,
    table=Table(
        name="runs",
        columns={
            "run_id": pl.String,
            "automation_id": pl.String,
            "space_id": pl.String,
            "owner_id": pl.String,
            "executed_by_id": pl.String,
            "status": pl.String,
            "context": pl.String,
            "is_test": pl.Boolean,
            "billable": pl.Boolean,
            "duration_seconds": pl.Int64,
            "scheduled_at": TIMESTAMP,
            "created_at": TIMESTAMP,
            "started_at": TIMESTAMP,
            "stopped_at": TIMESTAMP,
            "updated_at": TIMESTAMP,
        },
        key=("run_id",),
    ),
    row=_run_row,
)

AUTOMATIONS = Entity(
    path="/api/workflows/automations",
    record=Automation,
    page_size=200,
    table=Table(
        name="automations",
        columns={
            "automation_id": pl.String,
            "name": pl.String,
            "owner_id": pl.String,
            "space_id": pl.String,
            "state": pl.String,
            "run_mode": pl.String,
            "last_run_status": pl.String,
            "last_run_at": TIMESTAMP,
            "created_at": TIMESTAMP,
            "updated_at": TIMESTAMP,
        },
        key=("automation_id",),
    ),
    row=_automation_row,
)

USERS = Entity(
    path="/api/v1/users",
    record=User,
    page_size=100,
    table=Table(
        name="users",
        columns={
            "user_id": pl.String,
            "name": pl.String,
            "email": pl.String,
            "subject": pl.String,
            "status": pl.String,
            "created_at": TIMESTAMP,
        },
        key=("user_id",),
    ),
    row=_user_row,
)

SPACES = Entity(
    path="/api/v1/spaces",
    record=Space,
    page_size=100,
    table=Table(
        name="spaces",
        columns={
            "space_id": pl.String,
            "name": pl.String,
            "type": pl.String,
            "owner_id": pl.String,
            "created_at": TIMESTAMP,
            "updated_at": TIMESTAMP,
        },
        key=("space_id",),
    ),
    row=_space_row,
)

# What each day holds of each listing: written by the extraction, not fetched.
COVERAGE = Table(
    name="coverage",
    columns={
        "source": pl.String,
        "status": pl.String,
        "rows": pl.Int64,
        "extracted_at": TIMESTAMP,
    },
    key=("source",),
)

SNAPSHOTS = (AUTOMATIONS, USERS, SPACES)
TABLES = (*(entity.table for entity in (USAGE, RUNS, *SNAPSHOTS)), COVERAGE)
