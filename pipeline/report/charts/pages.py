"""The figures of each page, by the id of their element and the reader's choice."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from pipeline.report.charts import Figure, Series, bars, categories, lines

Rows = Sequence[Mapping[str, Any]]

# The figures of one element by the choice, such as `runs month`, or by "".
Variants = dict[str, Figure]

# The measures of usage that are drawn, in their order: their names and units.
MEASURES = {
    "runs": ("Runs", "runs"),
    "third_party_runs": ("Third-party runs", "runs"),
    "failed_runs": ("Failed runs", "runs"),
    "duration_hours": ("Run time, hours", "hours"),
    "bandwidth_in_gb": ("Received, GB", "GB"),
    "bandwidth_out_gb": ("Sent, GB", "GB"),
}
_OTHERS = "All others"


def trends(rows: Rows) -> dict[str, Variants]:
    """Usage by dimension: a stack for each measure and period that can be chosen.

    *rows* are in the order of dimension, period, position and time.
    """
    figures: dict[str, Variants] = {}
    for (dimension, period), own in groupby(
        rows, lambda row: (row["dimension"], row["period"])
    ):
        series = [list(one) for _, one in groupby(own, lambda row: row["position"])]
        starts = [row["period_start"] for row in series[0]]
        for measure, (_, unit) in MEASURES.items():
            named = [_series(one, measure) for one in series]
            if has_figures([value for one in named for value in one.values]):
                drawn = bars(period, starts, named, unit)
                figures.setdefault(dimension, {})[f"{measure} {period}"] = drawn
    return figures


def has_figures(values: Sequence[Any]) -> bool:
    """True if any value is non-zero, or if all are known to be zero."""
    return any(values) or None not in values


def durations(rows: Rows) -> Figure:
    """How long runs take by month: median and percentiles."""
    columns = {
        "Median": "median_seconds",
        "90th percentile": "p90_seconds",
        "95th percentile": "p95_seconds",
        "99th percentile": "p99_seconds",
    }
    series = [
        Series(name, [row[column] for row in rows]) for name, column in columns.items()
    ]
    return lines("month", [row["month"] for row in rows], series, "seconds")


def buckets(rows: Rows) -> Figure:
    """The number of runs by duration."""
    runs = Series("Runs", [row["runs"] for row in rows])
    return categories([row["bucket"] for row in rows], runs, "runs")


def concurrency(rows: Rows) -> Figure:
    """The highest number of concurrent runs by day and tenant."""
    columns = {"Running": "most_running", "Queued": "most_queued"}
    days = sorted({row["date"] for row in rows})
    tenants = sorted({row["tenant"] for row in rows})
    known = {(row["tenant"], row["date"]): row for row in rows}
    series = [
        Series(
            f"{name}, {tenant}" if len(tenants) > 1 else name,
            [known.get((tenant, day), {}).get(column) for day in days],
        )
        for tenant in tenants
        for name, column in columns.items()
    ]
    return lines("day", days, series, "runs")


def _series(rows: Rows, column: str) -> Series:
    """The rows of one entry that is shown by itself, or of all others."""
    is_rest = rows[0]["is_rest"]
    name = _OTHERS if is_rest else rows[0]["label"]
    return Series(name, [row[column] for row in rows], is_rest)
