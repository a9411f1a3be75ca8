"""Marts → pages: what each page shows of the warehouse."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from pipeline import dates, formats
from pipeline.config import Run
from pipeline.formats.language import Language, language, msgid
from pipeline.report import analysis, operations, overview, processes, search
from pipeline.report.consolidated import with_pages
from pipeline.report.folder import replace
from pipeline.report.garbage import kept_as_read
from pipeline.report.labels import in_words
from pipeline.report.marts import (
    Marts,
    count_statements,
    first,
    of,
    read,
    read_months,
)
from pipeline.report.paths import (
    FIRST_PAGES,
    consolidated_page,
    month_page,
    statement_page,
)
from pipeline.report.quarantine import quarantined
from pipeline.report.site import Site
from pipeline.report.statements import statements
from pipeline.resources import resource
from pipeline.warehouse import Row

__all__ = [
    "FIRST_PAGES",
    "consolidated_page",
    "month_page",
    "pages_of",
    "render",
    "statement_page",
]

_TITLE = msgid("Automation chargeback")
_NO_PAGES: Mapping[str, bytes] = {}
_PLOTLY = "plotly-basic.min.js"


def render(
    database: Path,
    reports: Path,
    run: Run,
    kept: Mapping[str, bytes] = _NO_PAGES,
    plotly: Path | None = None,
) -> Path:
    """Render the warehouse *database* into the folder *reports*; its first page.

    The folder is replaced whole; the same warehouse gives the same bytes. *plotly* is
    the chart library, by default the one that comes with the templates. The pages of
    closed months, *kept*, stay as they were. Files in quarantine are listed by name.

    Raises:
        PipelineError: There is no warehouse, or it cannot be read.
    """
    counted = count_statements(database)
    made_anew = {day: n for day, n in counted.items() if month_page(day) not in kept}
    theirs = processes.shared_out(made_anew, run.settings.engine.threads)
    make = partial(pages_of, database, theirs, run, dict.fromkeys(kept, b""))
    with processes.beside(make if theirs else None) as start:
        marts = _in_words(read(database, made_anew.keys() - theirs), run, kept)
        with kept_as_read():
            names = search.listed(marts)
            listed = search.ids(marts, names)
            others = start(listed)
            site = _site(marts, run, plotly, listed)
            pages = _first_pages(site, marts, run)
            own = [month for month in marts["months"] if month["month"] not in theirs]
            pages |= statements(site, {**marts, "months": own}, kept)
            here = {**pages, **kept}
            # Names that are in use stand on the latest pages, which are here: all else
            # is waited for when it is asked for.
            here["search.html"] = search.search(
                site, marts, names, lambda page: here.get(page) or others().get(page)
            )
            made = others() | here
    replace(reports, made, run.settings.files)
    return reports / "index.html"


def pages_of(
    database: Path,
    months: Collection[date],
    run: Run,
    kept: Mapping[str, bytes] = _NO_PAGES,
    listed: Callable[[], Collection[str]] | None = None,
) -> dict[str, bytes]:
    """The pages of *months* by name, as `render` makes them of *database*.

    They link to names whose ids are *listed*, which takes less than to read them all.

    Raises:
        PipelineError: There is no warehouse, or it cannot be read.
    """
    reading = read_months if listed else read
    marts = _in_words(reading(database, months), run, kept)
    ids = listed() if listed else search.ids(marts, search.listed(marts))
    site = _site(marts, run, None, ids)
    marts["months"] = [month for month in marts["months"] if month["month"] in months]
    return dict(statements(site, marts, kept))


def _in_words(
    marts: Marts, run: Run, kept: Mapping[str, bytes]
) -> dict[str, list[Row]]:
    """The *marts* in words of the run's language, and where cost centres have pages."""
    said = in_words(marts, language(run.language))
    said["cost_centers"] = with_pages(said["cost_centers"], kept)
    return said


def _first_pages(site: Site, marts: Marts, run: Run) -> dict[str, bytes]:
    """The pages that do not belong to a month."""
    files = quarantined(run.settings.quarantine)
    return {
        "index.html": overview.overview(site, marts, files, run.as_of),
        "trends.html": analysis.trends(site, marts, run.as_of),
        "trends-tables.html": analysis.trend_tables(site, marts),
        "operations.html": operations.operations(site, marts),
        "quality.html": analysis.quality(site, marts, files, run.as_of),
    }


def _site(marts: Marts, run: Run, plotly: Path | None, listed: Collection[str]) -> Site:
    """The templates; names whose ids are *listed* are links to the search."""
    templates = resource("templates")
    bundle = plotly or templates / _PLOTLY
    locale = formats.parse_locale(run.locale)
    spoken = language(run.language)
    words = _words(marts, run, spoken) | {"listed": listed}
    return Site(templates, words, locale, bundle, spoken)


def _compared(marts: Marts, as_of: date) -> dict[str, Any] | None:
    """The days of the running month, and those of the one before beside them.

    None if the month that ended last is compared whole. A day is read if it was read
    whole of every tenant.
    """
    ranges = dates.same_days(as_of)
    if ranges is None:
        return None
    usage = of(marts["coverage"], source="usage")
    read = {row["date"] for row in of(usage, status="complete")}
    read -= {row["date"] for row in usage if row["status"] != "complete"}
    first_day, prior_first = map(dates.month_of, ranges)
    days, prior_days = (
        [day for day in dates.days_between(start, end) if day in read]
        for start, end in zip((first_day, prior_first), ranges, strict=True)
    )
    return {
        "month": first_day,
        "first": first_day,
        "last": ranges[0],
        "read": len(days),
        "prior_first": prior_first,
        "prior_last": ranges[1],
        "prior_read": len(prior_days),
    }


def _words(marts: Marts, run: Run, spoken: Language) -> dict[str, Any]:
    """The values that every page shows around its contents."""
    months, tenants = marts["months"], marts["tenants"]
    return {
        "title": _TITLE,
        "issuer": spoken.gettext(run.issuer),
        "contact": run.contact,
        "look": run.settings.look,
        "dispute_days": run.settings.charge.dispute_days,
        "as_of": run.as_of,
        "version": run.version,
        "tenants": tenants,
        "tenant_columns": [("tenant", spoken.gettext("Tenant"), "tenant")]
        if len(tenants) > 1
        else [],
        "latest_months": months[:2],
        # None where no prices are set.
        "currency": first(row["currency"] for row in months),
        "last_day": first(row["last_covered_date"] for row in months),
        "compared": _compared(marts, run.as_of),
    }
