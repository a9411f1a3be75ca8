"""Marts → pages: what each page shows of the warehouse."""

from collections.abc import Mapping
from datetime import date
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from pipeline import formats
from pipeline.report import analysis, overview
from pipeline.report.folder import replace
from pipeline.report.marts import Marts, first, of, read
from pipeline.report.paths import month_page, statement_page
from pipeline.report.quarantine import held
from pipeline.report.site import Site
from pipeline.report.statements import statements
from pipeline.resources import resource

__all__ = ["month_page", "pages_of", "render", "statement_page"]

_TITLE = "Automation chargeback"
_ISSUER = "Internal chargeback"
_NO_PAGES: Mapping[str, bytes] = {}
_PLOTLY = "plotly-basic.min.js"


def render(  # noqa: PLR0913 (each is a word on the pages)
    database: Path,
    reports: Path,
    *,
    as_of: date,
    title: str = _TITLE,
    issuer: str = _ISSUER,
    locale: str = "en",
    version: str | None = None,
    plotly: Path | None = None,
    kept: Mapping[str, bytes] = _NO_PAGES,
    quarantine: Path | None = None,
) -> Path:
    """Render the warehouse *database* into the folder *reports*; its first page.

    The folder is replaced whole, and the same warehouse gives the same bytes.
    *version* is that of this package, and *plotly* the bundle that comes with it,
    unless others are given. Pages that are *kept* stand as they are. What is in the
    folder *quarantine* is named, and not opened.

    Raises:
        PipelineError: There is no warehouse, or it cannot be read.
    """
    marts = read(database)
    words = _words(marts, as_of, title, issuer, version)
    site = _site(words, locale, plotly)
    pages = _first_pages(site, marts, quarantine)
    replace(reports, {**pages, **dict(statements(site, marts, kept)), **kept})
    return reports / "index.html"


def pages_of(
    database: Path,
    month: date,
    as_of: date,
    locale: str = "en",
    issuer: str = _ISSUER,
) -> dict[str, bytes]:
    """The pages of *month* by name, as `render` makes them of *database*.

    Raises:
        PipelineError: There is no warehouse, or it cannot be read.
    """
    marts = read(database)
    site = _site(_words(marts, as_of, _TITLE, issuer, None), locale, None)
    marts["months"] = of(marts["months"], month=month)
    return dict(statements(site, marts, _NO_PAGES))


def _first_pages(site: Site, marts: Marts, quarantine: Path | None) -> dict[str, bytes]:
    """The pages that are of no month."""
    files = held(quarantine)
    return {
        "index.html": overview.overview(site, marts, files),
        "trends.html": analysis.trends(site, marts),
        "trends-tables.html": analysis.trend_tables(site, marts),
        "operations.html": analysis.operations(site, marts),
        "quality.html": analysis.quality(site, marts, files),
    }


def _site(words: Mapping[str, Any], locale: str, plotly: Path | None) -> Site:
    templates = resource("templates")
    bundle = plotly or templates / _PLOTLY
    return Site(templates, words, formats.parse_locale(locale), bundle)


def _words(
    marts: Marts, as_of: date, title: str, issuer: str, version: str | None
) -> dict[str, Any]:
    """What stands around the contents of every page."""
    months, tenants = marts["months"], marts["tenants"]
    return {
        "title": title,
        "issuer": issuer,
        "as_of": as_of,
        "version": version_of("chargeback") if version is None else version,
        "tenants": tenants,
        "tenant_columns": [("tenant", "Tenant", "text")] if len(tenants) > 1 else [],
        "latest_months": months[:2],
        # Where no prices are set, there is no money to be written in a currency.
        "currency": first(row["currency"] for row in months),
        "last_day": first(row["last_covered_date"] for row in months),
    }
