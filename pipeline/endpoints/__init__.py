"""What is fetched from a tenant, and the tables that the lake keeps.

Every lake table has, besides its columns, `tenant` and `date` from its folder.
"""

import polars as pl

from pipeline import seeds
from pipeline.endpoints.endpoint import PARENT, Endpoint, parse_time
from pipeline.endpoints.optional import OPTIONAL
from pipeline.endpoints.records import (
    Automation,
    Connector,
    Record,
    Run,
    Space,
    Usage,
    User,
)
from pipeline.endpoints.run_errors import told
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
    "parse_time",
]

# Ids of automations, runs and connectors are UUIDs, which are equal in either case
# (RFC 9562, 4); those of users and spaces are not, and stay as they are.

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
        },
        key=("automation_id", "metric"),
    ),
    sources={
        "date": "date",
        "automation_id": "automation.guid",
        "metric": "name",
        "value": "value",
        "automation_name": "automation.name",
        "owner_id": "automation.owner_id",
    },
    tidy=(
        pl.col("automation_id").str.to_lowercase(),
        pl.col("metric").replace(_METRICS),
    ),
    unkept={"date": pl.Date},
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
        "space_id": "space_id",
        "owner_id": "owner_id",
        "executed_by_id": "executed_by_id",
        "status": "status",
        "error": "error",
        "context": "context",
        "is_test": "is_test_run",
        "test_run": "test_run",
        "billable": "billable",
        "duration_seconds": "duration",
        "scheduled_at": "scheduled_start_time",
        "created_at": "created_at",
        "started_at": "start_time",
        "stopped_at": "stop_time",
        "updated_at": "updated_at",
    },
    tidy=(
        pl.col(PARENT).str.to_lowercase().alias("automation_id"),
        pl.col("run_id").str.to_lowercase(),
        pl.col("space_id").fill_null(PERSONAL),
        pl.coalesce("is_test", "test_run"),
    ),
    unkept={"test_run": pl.Boolean},
    reduced={"error": told},
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
            "last_run_status": pl.String,
            "last_run_at": TIMESTAMP,
            "created_at": TIMESTAMP,
            "updated_at": TIMESTAMP,
        },
        key=("automation_id",),
    ),
    sources={
        "automation_id": "id",
        "name": "name",
        "owner_id": "owner_id",
        "space_id": "space_id",
        "state": "state",
        "run_mode": "run_mode",
        "last_run_status": "last_run_status",
        "last_run_at": "last_run_at",
        "created_at": "created_at",
        "updated_at": "updated_at",
    },
    tidy=(
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
    ),
    sources={
        "user_id": "id",
        "name": "name",
        "email": "email",
        "subject": "subject",
        "status": "status",
        "created_at": "created_at",
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
    ),
    sources={
        "space_id": "id",
        "name": "name",
        "type": "type",
        "owner_id": "owner_id",
        "created_at": "created_at",
        "updated_at": "updated_at",
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
    ),
    sources={"connector_id": "id", "name": "name", "billable": "billable"},
    tidy=(pl.col("connector_id").str.to_lowercase(),),
)

SNAPSHOTS = (AUTOMATIONS, USERS, SPACES, CONNECTORS)
TABLES = (
    *(endpoint.table for endpoint in (USAGE, RUNS, *SNAPSHOTS)),
    *OPTIONAL,
    COVERAGE,
)
