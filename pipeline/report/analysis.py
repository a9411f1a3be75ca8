"""Marts → the pages of trends and of data quality."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from pipeline.formats.language import Language, msgid
from pipeline.report import money_trends
from pipeline.report.charts import pages as drawn
from pipeline.report.findings import with_first
from pipeline.report.many_tenants import behind, busiest, conspicuous
from pipeline.report.marts import Marts, by, first, of
from pipeline.report.site import Site
from pipeline.report.waiting import waiting
from pipeline.warehouse import Row

# The choices of a chart, in their order.
_PERIODS = [
    ("month", msgid("Months")),
    ("week", msgid("Weeks")),
    ("day", msgid("Days")),
]
# Rules that are in force and take nothing.
_IDLE_RULES = {"never matched", "always outranked"}
# Those that are words of the vendor, where others are names.
_VENDORS = {"run_mode", "status", "context", "total"}


def trends(site: Site, marts: Marts, as_of: date) -> bytes:
    """Usage over time, by whom and how, and how long runs take and wait."""
    rows = _trends(site, marts)
    figures: dict[str, Any] = {**drawn.trends(rows, as_of, site.language)}
    if marts["durations"]:
        figures["durations"] = {"": drawn.durations(marts["durations"], site.language)}
        figures["buckets"] = {"": drawn.buckets(marts["buckets"], site.language)}
    busy, quieter = busiest(marts["concurrency"])
    if busy:
        figures["concurrency"] = {"": drawn.concurrency(busy, site.language)}
    recent = of(marts["months"], is_recent=True)
    now = first(recent)
    return site.page(
        "trends.html",
        "trends.html",
        figures=figures,
        charged=money_trends.charged(marts),
        choices={
            name: _choices(variants, site.language)
            for name, variants in figures.items()
        },
        recent=recent,
        running=now and not now["has_ended"] and now["month"],
        to_date=marts["to_date"],
        movers=by(marts["movers"], "dimension"),
        durations=marts["durations"][::-1],
        buckets=marts["buckets"],
        concurrency=busy[::-1],
        quieter=quieter,
        **waiting(marts, {row["tenant"] for row in busy}, site.language),
    )


def trend_tables(site: Site, marts: Marts) -> bytes:
    """What the charts of the trends show, for those without script.

    It is a page of its own, since the figures would make the trends' one too large.
    """
    rows, _ = _trends(site, marts), site.language.gettext
    return site.page(
        "trends-tables.html",
        "trends_tables.html",
        tables={
            dimension: [
                {**table, "is_monthly": period == "month"}
                for period, name in (
                    ("month", _("by month")),
                    ("week", _("by week")),
                    ("day", _("by day")),
                )
                for table in _tables(of(own, period=period), name, site.language)
            ]
            for dimension, own in by(rows, "dimension").items()
        },
    )


def quality(
    site: Site, marts: Marts, files: Sequence[Mapping[str, str]], as_of: date
) -> bytes:
    """What was read, what agrees, what follows from what, and what was refused."""
    whole = list(_calendar(marts["coverage"], as_of))
    calendar, days = conspicuous(marts, whole)
    due_day = as_of - timedelta(1)
    return site.page(
        "quality.html",
        "quality.html",
        attribution=_odd(marts["months"], _is_guessed),
        due_day=due_day,
        is_due=bool(of(marts["coverage"], date=due_day)),
        behind=list(behind(marts["coverage"], due_day)),
        calendar=_odd(calendar, lambda row: row["counts"].keys() != {"complete"}),
        read_whole=len(whole) - len(calendar),
        reconciliation=_odd(
            marts["reconciliation"],
            lambda row: bool(row["differing_days"] or row["uncompared_days"]),
        ),
        days=_odd(days, lambda row: row["status"] != "equal"),
        equal=len(marts["reconciliation_days"]) - len(days),
        checks=[with_first(one) for one in marts["exceptions"]],
        sound=marts["sound"][0]["checks"],
        rules=_odd(marts["rules"], lambda row: row["status"] in _IDLE_RULES),
        closed=marts["closed"],
        files=files,
    )


def _odd(rows: Sequence[Any], is_odd: Callable[[Any], bool]) -> dict[str, Any]:
    """Those of *rows* of which something is to say, and all of them."""
    return {"odd": [row for row in rows if is_odd(row)], "all": rows}


def _is_guessed(month: Row) -> bool:
    """True if not every run of a *month* has its owner and space from a listed one."""
    counts = ("unlisted_runs", "unmetered_runs", "unknown_billing_runs")
    return month["listing_ratio"] != 1 or any(month[name] != 0 for name in counts)


def _calendar(rows: Iterable[Row], as_of: date) -> Iterator[dict[str, Any]]:
    """A row for each tenant, source and month of 13, with the status of each day.

    *rows* are days in the order in which the calendar shows them.
    """
    first_month = as_of.replace(year=as_of.year - 1, day=1)
    days = [row for row in rows if first_month <= row["date"] < as_of]
    months = groupby(
        days, lambda row: (row["tenant"], row["source"], row["date"].replace(day=1))
    )
    for (tenant, source, month), own in months:
        first_day, *others = own
        statuses = [row["status"] for row in (first_day, *others)]
        yield {
            "tenant": tenant,
            "source": source,
            "month": month,
            "first_day_of_month": first_day["date"].day,
            "statuses": statuses,
            "counts": Counter(statuses),
        }


def _trends(site: Site, marts: Marts) -> list[Row]:
    return [
        {**row, "label": site.words(row["label"]), "entity_id": ""}
        if row["dimension"] in _VENDORS
        else row
        for row in marts["trends"]
    ]


def _tables(
    rows: Sequence[Row], period: str, language: Language
) -> Iterator[dict[str, Any]]:
    """For each measure a table: a row for each start, a column for each who leads."""
    leaders = by(rows, "position")
    starts = [row["period_start"] for row in next(iter(leaders.values()), [])]
    heads = [(own[0]["label"], own[0]["is_rest"]) for own in leaders.values()]
    for measure, (name, _) in drawn.MEASURES.items():
        columns = [[row[measure] for row in own] for own in leaders.values()]
        if drawn.has_figures([value for column in columns for value in column]):
            lines = list(zip(starts, zip(*columns, strict=True), strict=True))
            caption = f"{language.gettext(name)}, {period}"
            yield {"caption": caption, "heads": heads, "lines": lines[::-1]}


def _choices(
    variants: Iterable[str], language: Language
) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a reader may choose of a chart that is drawn as *variants*."""
    drawn_as = {tuple(name.split()) for name in variants if name}
    if not drawn_as:
        return []
    measures = {measure for measure, _ in drawn_as}
    _ = language.gettext
    shown = [
        (key, _(name)) for key, (name, __) in drawn.MEASURES.items() if key in measures
    ]
    periods = [(key, _(name)) for key, name in _PERIODS]
    return [(_("Show"), shown), (_("by"), periods)]
