"""Optional sources: bytes and connectors of single runs, quotas, their consumption.

Like every record, these name just the fields that are kept. Bytes of the network are
a run's bandwidth; those of its blocks are not their parts, and tell the connectors.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import polars as pl

from pipeline.endpoints.endpoint import PARENT, Endpoint
from pipeline.endpoints.records import Count, Id, Record, Run, Time
from pipeline.lake.tables import TIMESTAMP, Table

# A limit may be written as -1 where there is none.
Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]

CONNECTOR_BYTES = pl.Struct(
    {
        "connector_id": pl.String,
        "received_bytes": pl.Int64,
        "sent_bytes": pl.Int64,
        "api_calls": pl.Int64,
    }
)

RUN_METRICS = Table(
    name="run_metrics",
    columns={
        "run_id": pl.String,
        "automation_id": pl.String,
        "bandwidth_in_bytes": pl.Int64,
        "bandwidth_out_bytes": pl.Int64,
        "api_calls": pl.Int64,
        "source": pl.String,
    },
    key=("run_id",),
)

RUN_CONNECTORS = Table(
    name="run_connectors",
    columns={
        "run_id": pl.String,
        "automation_id": pl.String,
        "connector_id": pl.String,
        "received_bytes": pl.Int64,
        "sent_bytes": pl.Int64,
        "api_calls": pl.Int64,
    },
    key=("run_id", "connector_id"),
)


class Network(Record):
    """What a run received and sent in all."""

    rx_bytes: Count | None = None
    tx_bytes: Count | None = None


class Block(Record):
    """One executed block; the documents spell its connector in two ways."""

    connector_id: str | None = None
    connector_guid: str | None = None
    rx_bytes: Count | None = None
    tx_bytes: Count | None = None
    api_calls: Count | None = None


class Metrics(Record):
    """What a run transferred."""

    blocks: list[Block] | None = None
    network: Network | None = None
    total_api_calls: Count | None = None


class MeasuredRun(Run):
    """One run with its metrics: a part of its own, or among its other fields."""

    metrics: Metrics | None = None
    blocks: list[Block] | None = None
    network: Network | None = None
    total_api_calls: Count | None = None

    @property
    def measured(self) -> Metrics:
        """The metrics, wherever they are; all unknown if they are nowhere."""
        return self.metrics or Metrics(self.blocks, self.network, self.total_api_calls)

    @property
    def bandwidth_in_bytes(self) -> int | None:
        """Bytes received, by the network's own count."""
        network = self.measured.network
        return network.rx_bytes if network else None

    @property
    def bandwidth_out_bytes(self) -> int | None:
        """Bytes sent, by the network's own count."""
        network = self.measured.network
        return network.tx_bytes if network else None

    @property
    def api_calls(self) -> int | None:
        """Calls of all blocks to the outside."""
        return self.measured.total_api_calls

    @property
    def connectors(self) -> list[dict[str, Any]]:
        """What the blocks of each connector transferred."""
        sums: dict[str, dict[str, Any]] = {}
        for block in self.measured.blocks or ():
            if name := block.connector_id or block.connector_guid:
                name = name.lower()
                held = sums.setdefault(name, {"connector_id": name})
                _add(held, "received_bytes", block.rx_bytes)
                _add(held, "sent_bytes", block.tx_bytes)
                _add(held, "api_calls", block.api_calls)
        return [sums[name] for name in sorted(sums)]


def _add(held: dict[str, Any], name: str, amount: int | None) -> None:
    """Sum what is known; what no block tells stays unknown."""
    if amount is not None:
        held[name] = held.get(name, 0) + amount


# Columns of a run's metrics, and the attributes of a measured run behind them.
METRICS: Mapping[str, str] = {
    name: name
    for name in ("bandwidth_in_bytes", "bandwidth_out_bytes", "api_calls", "connectors")
}

RUN_DETAIL = Endpoint(
    path="/api/workflows/automations/{parent}/runs/{run}",
    record=MeasuredRun,
    page_size=None,
    table=RUN_METRICS,
    sources={"run_id": "id", **METRICS},
    tidy=(
        pl.col("run_id").str.to_lowercase(),
        pl.col(PARENT).str.to_lowercase().alias("automation_id"),
        pl.lit("run_detail").alias("source"),
    ),
    unkept={"connectors": pl.List(CONNECTOR_BYTES)},
)


class Quota(Record):
    """How much of something a licence includes."""

    quantity: Whole | None = None
    period_type: str | None = None
    unlimited: bool | None = None


class LicenceParameter(Record):
    """One parameter of a licence; *values* is a quota in those that are one."""

    name: str | None = None
    values: Any = None

    def __post_init__(self) -> None:
        """Decode the quota; what the values of others are is not known."""
        if not self.is_quota:
            self.values = None
            return
        try:
            self.values = msgspec.convert(self.values or {}, Quota, strict=False)
        except msgspec.ValidationError as exc:
            raise ValueError(f"values: {exc}") from exc

    @property
    def is_quota(self) -> bool:
        """Whether it says how many runs of automations are included."""
        return (self.name or "").lower().endswith("automationruns")


class LicenceOverview(Record):
    """The licence of a tenant; of its parameters, some are quotas."""

    parameters: list[LicenceParameter] | None = None


LICENCE = Endpoint(
    path="/api/v1/licenses/overview",
    record=LicenceOverview,
    page_size=None,
    table=Table(
        name="licence",
        columns={
            "parameter": pl.String,
            "quantity": pl.Int64,
            "period_type": pl.String,
            "is_unlimited": pl.Boolean,
        },
        key=("parameter",),
    ),
    sources={
        "parameter": "name",
        "quantity": "values.quantity",
        "period_type": "values.period_type",
        "is_unlimited": "values.unlimited",
    },
)


class Execution(Record):
    """What a licence's quota was used for in a period, by the provider's own count."""

    resource_action: Id
    period_start: Time
    period_type: str | None = None
    period_end: Time | None = None
    local_usage: Count | None = None
    global_usage: Count | None = None
    capacity_limit: Whole | None = None
    overage: bool | None = None


CONSUMPTION = Endpoint(
    path="/api/v1/consumption/executions",
    record=Execution,
    page_size=200,
    table=Table(
        name="consumption",
        columns={
            "resource_action": pl.String,
            "period_type": pl.String,
            "period_start": TIMESTAMP,
            "period_end": TIMESTAMP,
            "tenant_usage": pl.Int64,
            "licence_usage": pl.Int64,
            "capacity_limit": pl.Int64,
            "is_overage": pl.Boolean,
        },
        key=("resource_action", "period_type", "period_start"),
    ),
    sources={
        "resource_action": "resource_action",
        "period_type": "period_type",
        "period_start": "period_start",
        "period_end": "period_end",
        "tenant_usage": "local_usage",
        "licence_usage": "global_usage",
        "capacity_limit": "capacity_limit",
        "is_overage": "overage",
    },
    tidy=(pl.col("period_type").fill_null(""),),
)

OPTIONAL = (RUN_METRICS, RUN_CONNECTORS, LICENCE.table, CONSUMPTION.table)
