"""Marts → the first page: this month, the money, and what needs attention."""

from collections.abc import Mapping, Sequence

from pipeline.charts import pages as drawn
from pipeline.report.marts import Marts, first, of
from pipeline.report.site import Site


def overview(site: Site, marts: Marts, files: Sequence[Mapping[str, str]]) -> bytes:
    """The page that is opened first."""
    months = marts["months"]
    headline = first(of(months, is_headline=True))
    current = first(of(months, has_ended=False, is_headline=False))
    shown = [row["month"] for row in (headline, current) if row]
    figures = {}
    if amounts := marts["amounts"]:
        figures["amounts"] = {"": drawn.amounts(amounts, site.currency)}
    return site.page(
        "index.html",
        "index.html",
        figures=figures,
        headline=headline,
        current=current,
        months=months,
        cost_centers=of(marts["cost_centers"], month=first(shown)),
        to_date=marts["to_date"],
        reconciliation=[
            row for row in marts["reconciliation"] if row["month"] in shown
        ],
        exceptions=marts["exceptions"],
        files=files,
    )
