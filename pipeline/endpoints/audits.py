"""Audit events of runs that have ended, also of runs that are not listed any more."""

from typing import cast

import msgspec
import polars as pl

from pipeline.endpoints import RUNS
from pipeline.endpoints.endpoint import Endpoint
from pipeline.endpoints.records import Id, Record, Ref, Time
from pipeline.endpoints.run_metrics import CONNECTOR_BYTES, METRICS, MeasuredRun
from pipeline.lake.tables import TIMESTAMP

RUN_ENDED = "com.qlik.v1.automation.run.ended"


class Extensions(Record):
    """Owner, space and automation; older events have them here, not in the run."""

    owner_id: Ref | None = None
    space_id: Ref | None = None
    top_level_resource_id: Ref | None = None


class RunEvent(Record):
    """One audit event, whose *data* is a run if the event is a run's end.

    The archive holds events of every type. The data of others is dropped.
    """

    event_type: Id
    event_time: Time | None = None
    user_id: Ref | None = None
    extensions: Extensions | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")

    def __post_init__(self) -> None:
        """Decode the run, and take missing fields from the event around it."""
        if self.event_type != RUN_ENDED:
            self.run = MeasuredRun(id="")
            return
        try:
            run = msgspec.json.decode(self.data, type=MeasuredRun, strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise ValueError(f"data: {exc}") from exc
        about = self.extensions or Extensions()
        run.owner_id = run.owner_id or about.owner_id
        run.space_id = about.space_id if run.space_id is None else run.space_id
        run.executed_by_id = run.executed_by_id or self.user_id
        self.run = run

    @property
    def run(self) -> MeasuredRun:
        """The run, which replaces the bytes that it was decoded from."""
        return cast("MeasuredRun", self.data)

    @run.setter
    def run(self, run: MeasuredRun) -> None:
        self.data = cast("msgspec.Raw", run)

    @property
    def automation_id(self) -> str | None:
        """The id of the automation, which only the extensions have."""
        return self.extensions.top_level_resource_id if self.extensions else None


AUDITS = Endpoint(
    path="/api/v1/audits",
    record=RunEvent,
    page_size=100,
    table=RUNS.table,
    sources={
        "automation_id": "automation_id",
        "event_type": "event_type",
        "event_at": "event_time",
        **{name: f"run.{source}" for name, source in RUNS.sources.items()},
        **{name: f"run.{source}" for name, source in METRICS.items()},
    },
    transforms=(
        pl.col("automation_id").str.to_lowercase(),
        pl.col("run_id").str.to_lowercase(),
        pl.col("space_id").fill_null(""),
        pl.coalesce("is_test", "test_run"),
    ),
    transient={
        **RUNS.transient,
        "event_type": pl.String,
        "event_at": TIMESTAMP,
        "bandwidth_in_bytes": pl.Int64,
        "bandwidth_out_bytes": pl.Int64,
        "api_calls": pl.Int64,
        "connectors": pl.List(CONNECTOR_BYTES),
    },
    redacted=RUNS.redacted,
)

ARCHIVE = Endpoint(
    path="/api/v1/audits/archive",
    record=RunEvent,
    page_size=None,
    table=AUDITS.table,
    sources=AUDITS.sources,
    transforms=AUDITS.transforms,
    transient=AUDITS.transient,
    redacted=AUDITS.redacted,
)
