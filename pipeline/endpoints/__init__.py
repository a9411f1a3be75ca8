"""The endpoints that are read of a tenant, and the tables of the lake.

Every lake table has, besides its columns, `tenant` and `date` from its folder.
"""

import polars as pl

from pipeline import seeds
from pipeline.endpoints.endpoint import PARENT, Endpoint, same_named
from pipeline.endpoints.licence import CONSUMPTION, LICENCE
from pipeline.endpoints.records import (
    Automation,
    Connector,
    Record,
    Run,
    Space,
    Usage,
    User,
)
from pipeline.endpoints.run_errors import redact
from pipeline.endpoints.run_metrics import RUN_CONNECTORS, RUN_METRICS
from pipeline.endpoints.times import plausible_time
from pipeline.lake.tables import COVERAGE, TIMESTAMP, Table

__all__ = [
    "AUTOMATIONS",
    "CONNECTORS",
    "RUNS",
    "SNAPSHOTS",
    "SPACES",
    "TABLES",
    "USAGE",
    "USERS",
    "Endpoint",
    "Record",
    "Run",
    "plausible_time",
]

# Ids of automations, runs and connectors are UUIDs, whose case does not matter (RFC
# 9562, 4): they are stored in lower case. Those of users and spaces stay as they are.

# A personal space has no id: the field is missing, null or empty.
PERSONAL = ""

# Answers spell some metrics in another way than the filter asks for them.
_METRICS = {one.answered_as: one.metric for one in seeds.measures() if one.answered_as}

USAGE = Endpoint(
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
            "read_on": pl.Date,
        },
        key=("automation_id", "metric"),
        # Names are of the day on which usage is read: the first is the nearest.
        settled=("automation_name", "owner_id", "read_on"),
    ),
    sources={
        **same_named("date"),
        "automation_id": "automation.guid",
        "metric": "name",
        **same_named("value"),
        "automation_name": "automation.name",
        "owner_id": "automation.owner_id",
    },
    transforms=(
        pl.lit(None, pl.Date).alias("read_on"),  # the extraction knows the day
        pl.col("automation_id").str.to_lowercase(),
        pl.col("metric").replace(_METRICS),
    ),
    transient={"date": pl.Date},
)

RUNS = Endpoint(
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
            "error": pl.String,
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
    sources={
        "run_id": "id",
        **same_named(
            "space_id", "owner_id", "executed_by_id", "status", "error", "context"
        ),
        "is_test": "is_test_run",
        **same_named("test_run", "billable"),
        "duration_seconds": "duration",
        "scheduled_at": "scheduled_start_time",
        **same_named("created_at"),
        "started_at": "start_time",
        "stopped_at": "stop_time",
        **same_named("updated_at"),
    },
    transforms=(
        pl.col(PARENT).str.to_lowercase().alias("automation_id"),
        pl.col("run_id").str.to_lowercase(),
        pl.col("space_id").fill_null(PERSONAL),
        pl.coalesce("is_test", "test_run"),
    ),
    transient={"test_run": pl.Boolean},
    redacted={"error": redact},
)

AUTOMATIONS = Endpoint(
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
            "max_concurrent_runs": pl.Int64,
            "last_run_status": pl.String,
            "last_run_at": TIMESTAMP,
            "created_at": TIMESTAMP,
            "updated_at": TIMESTAMP,
        },
        key=("automation_id",),
        is_snapshot=True,
    ),
    sources={
        "automation_id": "id",
        **same_named(
            "name",
            "owner_id",
            "space_id",
            "state",
            "run_mode",
            "max_concurrent_runs",
            "last_run_status",
            "last_run_at",
            "created_at",
            "updated_at",
        ),
    },
    transforms=(
        pl.col("automation_id").str.to_lowercase(),
        pl.col("space_id").fill_null(PERSONAL),
    ),
)

USERS = Endpoint(
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
        is_snapshot=True,
    ),
    sources={
        "user_id": "id",
        **same_named("name", "email", "subject", "status", "created_at"),
    },
)

SPACES = Endpoint(
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
        is_snapshot=True,
    ),
    sources={
        "space_id": "id",
        **same_named("name", "type", "owner_id", "created_at", "updated_at"),
    },
)

CONNECTORS = Endpoint(
    path="/api/workflows/automation-connectors",
    record=Connector,
    page_size=200,
    table=Table(
        name="connectors",
        columns={
            "connector_id": pl.String,
            "name": pl.String,
            "billable": pl.Boolean,
        },
        key=("connector_id",),
        is_snapshot=True,
    ),
    sources={"connector_id": "id", **same_named("name", "billable")},
    transforms=(pl.col("connector_id").str.to_lowercase(),),
)

SNAPSHOTS = (AUTOMATIONS, USERS, SPACES, CONNECTORS)
TABLES = (
    *(endpoint.table for endpoint in (USAGE, RUNS, *SNAPSHOTS)),
    RUN_METRICS,
    RUN_CONNECTORS,
    LICENCE.table,
    CONSUMPTION.table,
    COVERAGE,
)
