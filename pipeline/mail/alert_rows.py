"""What there is to tell of: late runs, months to close, budgets, quota, anomalies."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial

import duckdb
from babel import Locale

from pipeline import formats, warehouse
from pipeline.config import Alerts, Settings
from pipeline.formats.amounts import money
from pipeline.formats.words import words
from pipeline.mail.alert_runs import run_line
from pipeline.mail.alert_state import Alert
from pipeline.mail.plain import plain
from pipeline.monitor import RunRecord
from pipeline.report.paths import consolidated_page, month_page, statement_page
from pipeline.warehouse import Row, ask, rows


def of_delay(
    last: RunRecord, earlier: Sequence[RunRecord], late_after: timedelta
) -> list[Alert]:
    """That the run before the *last* one was killed, or was too long ago."""
    before = [one for one in earlier if one.started < last.started]
    if not before:
        return []
    former = before[-1]
    began = f"{former.started:%Y-%m-%d %H:%M} UTC"
    if former.state != "ended" or former.ended is None:
        lines = ("A run was killed", f"{former.id} began at {began}, and did not end.")
        return [Alert(f"died/{former.id}", (*lines, run_line(last)), last.started)]
    if last.started - former.ended <= late_after:
        return []
    ended = f"{former.ended:%Y-%m-%d %H:%M} UTC"
    hours = (last.started - former.ended) // timedelta(hours=1)
    lines = ("A run came late", f"The one before it ended {hours} hours ago, {ended}.")
    return [Alert(f"late/{former.id}", (*lines, run_line(last)), last.started)]


def of_figures(
    settings: Settings, alerts: Alerts, as_of: date, now: datetime
) -> list[Alert]:
    """What the warehouse shows of months to close, budgets, quota and anomalies.

    Raises:
        PipelineError: It is not there, or cannot be read.
    """
    locale = formats.parse_locale(settings.report.written)
    url = settings.report.url
    with warehouse.read(settings.warehouse) as connection:
        rows = _found(connection, settings, alerts, as_of)
        found = [{**row, "as_of": as_of} for row in rows]
    return [
        Alert(
            _key(row),
            (*_WORDS[row["subject"]](row, locale), _page(row, url)),
            now,
            cost_centers=tuple(row["cost_centers"]),
        )
        for row in found
        if row["subject"] in alerts.subjects
    ]


def _found(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    alerts: Alerts,
    as_of: date,
) -> Iterator[Row]:
    of_day = partial(ask, connection, mail_as_of=as_of)
    yield from rows(of_day("mail/anomalies"))
    yield from rows(
        of_day(
            "mail/marks",
            mail_budget_marks=list(alerts.budget_marks),
            mail_quota_marks=list(alerts.quota_marks),
        )
    )
    yield from rows(of_day("mail/forecasts"))
    settling_days = settings.extract.lookback_days
    yield from rows(of_day("mail/closing", mail_settling_days=settling_days))


def _key(row: Row) -> str:
    """What is the same each night: not the amounts, nor what it is called."""
    if row["subject"] == "anomalies":
        parts = [row["tenant"], row["dimension"], row["entity_id"], row["kind"]]
    elif row["subject"] == "closing":
        parts = ["whole" if row["is_complete"] else "partial"]
    else:
        parts = [row["name"], f"{row['mark_percent']}"]
    return "/".join([row["subject"], *parts, f"{row['since_date']}"])


def _page(row: Row, url: str | None) -> str:
    """Where more is shown: a link, if it is known where people open the pages."""
    subject, month = row["subject"], row["since_date"].replace(day=1)
    if subject == "anomalies":
        page = f"{month_page(month)}#anomalies"
    elif subject == "quota":
        page = "index.html#allowance"
    elif subject == "closing":
        page = month_page(month)
    else:
        key = {
            "tenant": row["tenant"],
            "month": month,
            "cost_center": row["name"],
        }
        page = statement_page(key) if row["tenant"] else consolidated_page(key)
    return f"{url.rstrip('/')}/{page}" if url else f"Page: {page}"


def _closing(row: Row, locale: Locale) -> tuple[str, ...]:
    month = formats.month(row["since_date"], locale)
    amount = money(row["amount"], row["currency"], locale)
    if not row["is_complete"]:
        days = f"{row['read_days']} of {row['days_in_month']} days were read whole"
        return (
            f"{month} cannot be closed as it is",
            f"Charged: {amount}; {days}.",
            "chargeback status says what is missing, chargeback close what helps.",
        )
    return (
        f"{month} can be closed",
        f"Charged: {amount}; all {row['days_in_month']} days were read.",
        f"chargeback close {row['since_date']:%Y-%m} freezes its statements.",
    )


def _month(row: Row, locale: Locale) -> str:
    """Which month it is, and when that was so."""
    month = formats.month(row["since_date"], locale)
    return f"{month}, as of {formats.day(row['as_of'], locale)}"


def _forecast(row: Row, locale: Locale) -> tuple[str, ...]:
    so_far, expected, budget = (
        money(row[name], row["currency"], locale)
        for name in ("to_date_amount", "amount", "compared_amount")
    )
    month = _month(row, locale)
    return (
        f"{plain(row['name'])} will probably exceed its budget",
        f"{month}: {expected} expected, {so_far} so far, budget {budget}",
        _REMEDIES["budgets"],
    )


def _budget(row: Row, locale: Locale) -> tuple[str, ...]:
    spent = money(row["amount"], row["currency"], locale)
    budget = money(row["compared_amount"], row["currency"], locale)
    month = _month(row, locale)
    return (
        f"{plain(row['name'])} has used {row['mark_percent']} % of its budget",
        f"{month}: {spent} of {budget}",
        _REMEDIES["budgets"],
    )


def _quota(row: Row, locale: Locale) -> tuple[str, ...]:
    used = formats.integer(int(row["amount"]), locale)
    quota = formats.integer(int(row["compared_amount"]), locale)
    since = formats.day(row["since_date"], locale)
    return (
        f"{plain(row['name'])} has used {row['mark_percent']} % of its quota",
        f"Third-party runs since {since}: {used} of {quota}",
        _REMEDIES["quota"],
    )


def _anomaly(row: Row, locale: Locale) -> tuple[str, ...]:
    cost = money(row["amount"], row["currency"], locale)
    usual = money(row["compared_amount"], row["currency"], locale)
    since = formats.day(row["since_date"], locale)
    who = f"{words(row['dimension'])} {plain(row['name'])}"
    remedy = _REMEDIES["anomalies"]
    if row["kind"] == "new":
        return (f"New, high cost: {who}", f"Since {since}: {cost}", remedy)
    return (
        f"Costs more than usual: {who}",
        f"Since {since}: {cost}, where {usual} was expected",
        remedy,
    )


_REMEDIES = {
    "budgets": "See on its statement what costs most: switch off what nobody needs, or"
    " agree on another budget.",
    "quota": "See when all of it will be used, and by whom: switch off what nobody"
    " needs, or order more.",
    "anomalies": "If that is wanted, do nothing; if not, let who owns it stop it in"
    " Qlik Automate.",
}

_WORDS = {
    "closing": _closing,
    "forecasts": _forecast,
    "budgets": _budget,
    "quota": _quota,
    "anomalies": _anomaly,
}
