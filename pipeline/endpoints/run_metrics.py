"""Metrics of single runs, an optional source: bytes, API calls, connectors.

The bandwidth of a run is that of the network. The bytes of its blocks are not parts of
it: they say how much each connector transferred.
"""

from typing import Any

import polars as pl

from pipeline.endpoints.endpoint import PARENT, Endpoint, same_named
from pipeline.endpoints.records import Count, Record, Ref, Run
from pipeline.lake.tables import Table

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
    """Bytes that a run received and sent in all."""

    rx_bytes: Count | None = None
    tx_bytes: Count | None = None


class Block(Record):
    """One executed block; the documents spell its connector in two ways."""

    connector_id: Ref | None = None
    connector_guid: Ref | None = None
    rx_bytes: Count | None = None
    tx_bytes: Count | None = None
    api_calls: Count | None = None


class Metrics(Record):
    """What a run transferred."""

    blocks: list[Block] | None = None
    network: Network | None = None
    total_api_calls: Count | None = None


class MeasuredRun(Run):
    """One run with its metrics, which are nested or among the run's own fields."""

    metrics: Metrics | None = None
    blocks: list[Block] | None = None
    network: Network | None = None
    total_api_calls: Count | None = None

    @property
    def measured(self) -> Metrics:
        """The metrics, nested or not; all are unknown if there are none."""
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
        """API calls of all blocks."""
        return self.measured.total_api_calls

    @property
    def connectors(self) -> list[dict[str, Any]]:
        """What the blocks of each connector transferred."""
        sums: dict[str, dict[str, Any]] = {}
        for block in self.measured.blocks or ():
            if name := block.connector_id or block.connector_guid:
                name = name.lower()
                connector = sums.setdefault(name, {"connector_id": name})
                _add(connector, "received_bytes", block.rx_bytes)
                _add(connector, "sent_bytes", block.tx_bytes)
                _add(connector, "api_calls", block.api_calls)
        return [sums[name] for name in sorted(sums)]


def _add(sums: dict[str, Any], name: str, amount: int | None) -> None:
    """Add a known *amount*; a sum of which no block says anything stays unknown."""
    if amount is not None:
        sums[name] = sums.get(name, 0) + amount


# Columns of a run's metrics, and the attributes of a measured run behind them.
METRICS = same_named(
    "bandwidth_in_bytes", "bandwidth_out_bytes", "api_calls", "connectors"
)

RUN_DETAIL = Endpoint(
    path="/api/workflows/automations/{parent}/runs/{run}",
    record=MeasuredRun,
    page_size=None,
    table=RUN_METRICS,
    sources={"run_id": "id", **METRICS},
    transforms=(
        pl.col("run_id").str.to_lowercase(),
        pl.col(PARENT).str.to_lowercase().alias("automation_id"),
        pl.lit("run_detail").alias("source"),
    ),
    transient={"connectors": pl.List(CONNECTOR_BYTES)},
)
