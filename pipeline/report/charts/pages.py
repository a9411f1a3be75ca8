"""The figures of each page, by the id of their element and the reader's choice."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from pipeline import dates
from pipeline.formats.language import Language, msgid
from pipeline.formats.terms import term
from pipeline.report.charts import Figure, Series, bars, categories, lines

Rows = Sequence[Mapping[str, Any]]

# The figures of one element by the choice, such as `runs month`, or by "".
Variants = dict[str, Figure]

# The measures of usage that are drawn, in their order: their names and units.
MEASURES = {
    "runs": (msgid("Runs"), msgid("runs")),
    "third_party_runs": (msgid("Third-party runs"), "runs"),
    "failed_runs": (msgid("Failed runs"), "runs"),
    "duration_hours": (msgid("Run time, hours"), msgid("hours")),
    "bandwidth_in_gb": (msgid("Received, GB"), msgid("GB")),
    "bandwidth_out_gb": (msgid("Sent, GB"), "GB"),
}
_OTHERS = msgid("All others")


def trends(rows: Rows, as_of: date, language: Language) -> dict[str, Variants]:
    """Usage by dimension: a stack for each measure and period that can be chosen.

    *rows* are in the order of dimension, period, position and time; *as_of* is the day
    after the last one that is over.
    """
    figures: dict[str, Variants] = {}
    for (dimension, period), own in groupby(
        rows, lambda row: (row["dimension"], row["period"])
    ):
        series = [list(one) for _, one in groupby(own, lambda row: row["position"])]
        starts = [row["period_start"] for row in series[0]]
        for measure, (_, unit) in MEASURES.items():
            named = [_series(one, measure, language) for one in series]
            if has_figures([value for one in named for value in one.values]):
                drawn = bars(
                    period,
                    starts,
                    named,
                    language.gettext(unit),
                    is_running=_ends(period, starts[-1]) > as_of,
                )
                if period == "week":
                    since = language.gettext("week from")
                    drawn["layout"]["xaxis"]["hoverformat"] = f"{since} %-d %b %Y"
                figures.setdefault(dimension, {})[f"{measure} {period}"] = drawn
    return figures


def _ends(period: str, start: date) -> date:
    """The day after the *period* that begins on *start*."""
    if period == "month":
        return dates.next_month(start)
    return start + dates.DAY * (7 if period == "week" else 1)


def has_figures(values: Sequence[Any]) -> bool:
    """True if any value is non-zero, or if all are known to be zero."""
    return any(values) or None not in values


def durations(rows: Rows, language: Language) -> Figure:
    """How long runs take by month: median and percentiles."""
    _ = language.gettext
    columns = {
        _("Median"): "median_seconds",
        _("90th percentile"): "p90_seconds",
        _("95th percentile"): "p95_seconds",
        _("99th percentile"): "p99_seconds",
    }
    series = [
        Series(name, [row[column] for row in rows]) for name, column in columns.items()
    ]
    return lines("month", [row["month"] for row in rows], series, _("seconds"))


def buckets(rows: Rows, language: Language) -> Figure:
    """The number of runs by duration."""
    _ = language.gettext
    runs = Series(_("Runs"), [row["runs"] for row in rows])
    return categories([term(row["bucket"], language) for row in rows], runs, _("runs"))


def concurrency(rows: Rows, language: Language) -> Figure:
    """The highest number of concurrent runs by day and tenant."""
    _ = language.gettext
    columns = {_("Running"): "most_running", _("Queued"): "most_queued"}
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
    return lines("day", days, series, _("runs"))


def _series(rows: Rows, column: str, language: Language) -> Series:
    """The rows of one entry that is shown by itself, or of all others."""
    is_rest = rows[0]["is_rest"]
    name = language.gettext(_OTHERS) if is_rest else rows[0]["label"]
    return Series(name, [row[column] for row in rows], is_rest)
