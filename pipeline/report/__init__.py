"""Marts → pages: what each page shows of the warehouse."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from pipeline import charts, formats, warehouse
from pipeline.report.folder import replace
from pipeline.report.site import Site, month_page
from pipeline.resources import resource

Row = Mapping[str, Any]

_TITLE = "Automation chargeback"
_OTHERS = "All others"
_NO_PAGES: Mapping[str, bytes] = {}
_PLOTLY = "plotly-basic.min.js"

# Sums, ranks and places are the marts'; here they are only put in order.
_QUERIES = {
    "tenants": "select tenant from tenant_monthly group by tenant order by tenant",
    "months": "from report_months order by month desc",
    "cost_centers": "from report_cost_centers"
    " order by is_unallocated desc, amount desc, cost_center",
    "rankings": "from report_rankings order by position",
    "meters": "from meter_monthly order by meter, unit_price, tenant",
    "reconciliation": "from report_reconciliation order by month desc, metric desc",
    "days": "from report_days order by date",
    "trends": "from report_trends order by position, month",
    "exceptions": "from checks where failing_rows > 0 order by check_name",
}


def render(  # noqa: PLR0913 (each is a word on the pages)
    database: Path,
    reports: Path,
    *,
    as_of: date,
    title: str = _TITLE,
    locale: str = "en",
    version: str | None = None,
    plotly: Path | None = None,
    kept: Mapping[str, bytes] = _NO_PAGES,
) -> Path:
    """Render the warehouse *database* into the folder *reports*; its first page.

    The folder is replaced whole, and the same warehouse gives the same bytes.
    *version* is that of this package, and *plotly* the bundle that comes with it,
    unless others are given. Pages that are *kept* stand as they are.

    Raises:
        PipelineError: There is no warehouse, or it cannot be read.
    """
    marts = _read(database)
    site = _site(marts, as_of, locale, title, version)
    bundle = plotly or resource("templates") / _PLOTLY
    themes = charts.themes(formats.separators(formats.parse_locale(locale)))
    pages = {
        "index.html": _index(site, marts),
        "trends.html": _trends(site, marts, bundle, themes),
    }
    pages |= _statements(site, marts)
    made = {name: page.encode() for name, page in pages.items()}
    replace(reports, {**made, **kept})
    return reports / "index.html"


def pages_of(
    database: Path, month: date, as_of: date, locale: str = "en"
) -> dict[str, bytes]:
    """The pages of *month* by name, as `render` makes them of *database*.

    Raises:
        PipelineError: There is no warehouse, or it cannot be read.
    """
    marts = _read(database)
    site = _site(marts, as_of, locale)
    marts["months"] = _of(marts["months"], month=month)
    return {name: page.encode() for name, page in _statements(site, marts).items()}


def _site(
    marts: Mapping[str, list[Row]],
    as_of: date,
    locale: str,
    title: str = _TITLE,
    version: str | None = None,
) -> Site:
    words = {
        "title": title,
        "as_of": as_of,
        "version": version_of("chargeback") if version is None else version,
    }
    return Site(
        resource("templates"), words | _frame(marts), formats.parse_locale(locale)
    )


def _read(database: Path) -> dict[str, list[Row]]:
    marts: dict[str, list[Row]] = {}
    with warehouse.read(database) as connection:
        for name, query in _QUERIES.items():
            answer = connection.execute(query)
            columns = [column[0] for column in answer.description or []]
            marts[name] = [
                dict(zip(columns, values, strict=True)) for values in answer.fetchall()
            ]
    return marts


def _frame(marts: Mapping[str, list[Row]]) -> dict[str, Any]:
    """What stands around the contents of every page."""
    months, tenants = marts["months"], marts["tenants"]
    return {
        "tenants": tenants,
        "tenant_columns": [("tenant", "Tenant", "text")] if len(tenants) > 1 else [],
        "latest_months": months[:2],
        # Where no prices are set, there is no money to be written in a currency.
        "currency": _first(row["currency"] for row in months),
        "last_day": _first(row["last_covered_date"] for row in months),
    }


def _index(site: Site, marts: Mapping[str, list[Row]]) -> str:
    months = marts["months"]
    headline = _first(_of(months, is_headline=True))
    current = _first(_of(months, has_ended=False, is_headline=False))
    shown = [row["month"] for row in (headline, current) if row]
    return site.page(
        "index.html",
        "index.html",
        headline=headline,
        current=current,
        months=months,
        cost_centers=_of(marts["cost_centers"], month=_first(shown)),
        reconciliation=[
            row for row in marts["reconciliation"] if row["month"] in shown
        ],
        exceptions=marts["exceptions"],
    )


def _statements(site: Site, marts: Mapping[str, list[Row]]) -> dict[str, str]:
    """A page for each month, by its name."""
    names = ("cost_centers", "meters", "rankings", "reconciliation")
    monthly = {name: _by_month(marts[name]) for name in names}
    return {
        month_page(month["month"]): _statement(
            site, month, {name: rows[month["month"]] for name, rows in monthly.items()}
        )
        for month in marts["months"]
    }


def _statement(site: Site, month: Row, marts: Mapping[str, list[Row]]) -> str:
    automations = _of(marts["rankings"], dimension="automation")
    return site.page(
        month_page(month["month"]),
        "chargeback.html",
        month=month,
        cost_centers=marts["cost_centers"],
        meters=marts["meters"],
        owners=_of(marts["rankings"], dimension="owner"),
        spaces=_of(marts["rankings"], dimension="space"),
        automations=_of(automations, is_rest=False),
        rest=_first(_of(automations, is_rest=True)),
        reconciliation=marts["reconciliation"],
    )


def _trends(
    site: Site, marts: Mapping[str, list[Row]], bundle: Path, themes: Row
) -> str:
    recent = _of(marts["months"], is_recent=True)
    by_time = recent[::-1]
    boards = {
        f"{dimension}s": _of(marts["trends"], dimension=dimension)
        for dimension in ("space", "owner")
    }
    figures = charts.trends(marts["days"], by_time, boards, _OTHERS)
    return site.page(
        "trends.html",
        "trends.html",
        scripts={"plotly": bundle, "draw": site.folder / "_draw.js"},
        figures=charts.to_json({"themes": themes, "figures": figures}),
        recent=recent,
        months=[row["month"] for row in by_time],
        runs_by_month={row["month"]: row["runs"] for row in by_time},
        spaces=_board(boards["spaces"]),
        owners=_board(boards["owners"]),
        others=_OTHERS,
    )


def _board(rows: list[Row]) -> dict[str, Any]:
    """Rows by month as one for each who leads, with a column for each month."""
    leaders: dict[int, dict[Any, Any]] = {}
    for row in rows:
        leader = leaders.setdefault(row["position"], dict(row))
        leader[row["month"]] = row["runs"]
    return {
        "listed": _of(leaders.values(), is_rest=False),
        "rest": _first(_of(leaders.values(), is_rest=True)),
    }


def _by_month(rows: Iterable[Row]) -> dict[date, list[Row]]:
    months: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        months[row["month"]].append(row)
    return months


def _of(rows: Iterable[Row], **values: object) -> list[Row]:
    """Those of *rows* whose columns have *values*."""
    return [row for row in rows if all(row[name] == values[name] for name in values)]


def _first(values: Iterable[Any]) -> Any:
    """The first of *values* that is one, or None."""
    return next((value for value in values if value is not None), None)
