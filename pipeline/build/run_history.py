"""Run records → `marts.run_history`: what ran when, and how it ended."""

import logging
from datetime import UTC, datetime

import duckdb

from pipeline import warehouse
from pipeline.build import sources
from pipeline.config import Settings
from pipeline.monitor import RunRecord, current, read
from pipeline.resources import resource
from pipeline.warehouse import Model

log = logging.getLogger(__name__)

_HISTORY = Model(
    name="run_history",
    folder="",
    schema="marts",
    description="The runs of this pipeline: what each read, and how it ended.",
    grain=("run_id",),
    claims=(),
    sql="",
    reads=frozenset(),
    compared=frozenset(),
)

_COLUMNS = {
    "run_id": "varchar",
    "command": "varchar",
    "version": "varchar",
    "as_of": "date",
    "started_at": "timestamp",
    "ended_at": "timestamp",
    "state": "varchar",
    "exit_code": "integer",
    "duration_seconds": "double",
    "request_count": "bigint",
    "row_count": "bigint",
    "warning_count": "bigint",
    "missing_days": "bigint",
    "message_count": "bigint",
    "failed_tenants": "varchar[]",
    "error": "varchar",
}


def keep(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Keep the run records as a table; files that are none are named, and left out.

    A record that says that its run is under way is of a run that was killed, if it is
    not that of this one.
    """
    records = read(settings.run_records)
    for reason in records.skipped[:1]:
        more = len(records.skipped) - 1
        log.warning("%s; left out%s", reason, f", {more} more too" if more else "")
    connection.execute(f"drop table if exists {_HISTORY.table}")
    sources.create(connection, _HISTORY.table, _COLUMNS)
    sources.fill(connection, _HISTORY.table, [_row(one) for one in records.runs])
    comments = warehouse.load_comments(resource("sql"))
    warehouse.comment(connection, _HISTORY, comments)


def _row(one: RunRecord) -> tuple[object, ...]:
    is_dead = one.state == "running" and one.id != current().begun.id
    return (
        one.id,
        one.command,
        one.version,
        one.as_of,
        _utc(one.started),
        one.ended and _utc(one.ended),
        "died" if is_dead else one.state,
        one.exit_code,
        one.seconds,
        one.requests,
        one.rows,
        one.warning_count,
        one.gap_days,
        len(one.delivered),
        list(one.failed_tenants),
        one.error,
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
