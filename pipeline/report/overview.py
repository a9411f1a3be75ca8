"""Marts → the first page: this month, the money, and what needs attention."""

from collections.abc import Mapping, Sequence

from pipeline.report.charts import pages as drawn
from pipeline.report.marts import Marts, first, of
from pipeline.report.site import Site
from pipeline.warehouse import Row


def overview(site: Site, marts: Marts, files: Sequence[Mapping[str, str]]) -> bytes:
    """The page that is opened first."""
    months = marts["months"]
    headline = first(of(months, is_headline=True))
    current = first(of(months, has_ended=False, is_headline=False))
    shown = [row["month"] for row in (headline, current) if row]
    burn_down = _running(marts, "burn_down")
    return site.page(
        "index.html",
        "index.html",
        figures=_figures(site, marts["amounts"], burn_down),
        headline=headline,
        current=current,
        months=months,
        cost_centers=of(marts["cost_centers"], month=first(shown)),
        to_date=marts["to_date"],
        reconciliation=[
            row for row in marts["reconciliation"] if row["month"] in shown
        ],
        found=marts["attention"],
        forecast=first(of(marts["forecast"], tenant="")),
        forecasts=marts["forecasts"],
        quota=marts["quota"],
        burn_down=burn_down,
        marks=_running(marts, "marks"),
        exceptions=marts["exceptions"],
        files=files,
    )


def _figures(
    site: Site, amounts: list[Row], burn_down: list[Row]
) -> dict[str, drawn.Variants]:
    figures = {}
    if amounts:
        figures["amounts"] = {"": drawn.amounts(amounts, site.currency)}
    if burn_down:
        figures["quota"] = {"": drawn.burn_down(burn_down)}
    return figures


def _running(marts: Marts, name: str) -> list[Row]:
    """What a mart has of the running period of the first tenant: a quota is for all."""
    for quota in marts["quota"]:
        start = quota["period_start_date"]
        return of(marts[name], tenant=quota["tenant"], period_start_date=start)
    return []
