"""What pages show of many tenants: of each day those of which something is to say."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from pipeline.report.marts import Marts, by
from pipeline.warehouse import Row

# So many tenants are shown whole.
_MOST = 8


def busiest(rows: Sequence[Row]) -> tuple[list[Row], int]:
    """The *rows* of the tenants of which most runs ran at once; how many others are."""
    peaks = {
        tenant: max(row["most_running"] for row in own)
        for tenant, own in by(rows, "tenant").items()
    }
    shown = set(sorted(peaks, key=lambda name: (-peaks[name], name))[:_MOST])
    return [row for row in rows if row["tenant"] in shown], len(peaks) - len(shown)


def behind(coverage: Sequence[Row], day: date) -> Iterator[dict[str, Any]]:
    """The tenants and sources that were not read whole up to *day*, and since when."""
    for row in coverage:
        if row["date"] != day or row["status"] == "complete":
            continue
        whole = (
            one["date"]
            for one in coverage
            if one["tenant"] == row["tenant"]
            and one["source"] == row["source"]
            and one["status"] == "complete"
        )
        yield {**row, "whole_until": max(whole, default=None)}


def conspicuous(
    marts: Marts, calendar: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[Row]]:
    """Months of the *calendar* and reconciled days; of many tenants, if not as due."""
    days = marts["reconciliation_days"]
    if len(marts["tenants"]) <= _MOST:
        return list(calendar), days
    return (
        [row for row in calendar if row["counts"].keys() != {"complete"}],
        [row for row in days if row["status"] != "equal"],
    )
