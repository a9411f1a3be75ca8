"""What there is to tell of: late runs, months to close, budgets, quota, anomalies."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial

import duckdb
from babel import Locale

from pipeline import formats, warehouse
from pipeline.config import Alerts, Settings
from pipeline.formats.amounts import money
from pipeline.formats.language import Language, language, msgid
from pipeline.formats.words import words
from pipeline.mail.alert_runs import run_line
from pipeline.mail.alert_state import Alert
from pipeline.mail.plain import plain
from pipeline.monitor import RunRecord
from pipeline.report.paths import consolidated_page, month_page, statement_page
from pipeline.warehouse import Row, ask, rows


def of_delay(
    last: RunRecord,
    earlier: Sequence[RunRecord],
    late_after: timedelta,
    language: Language,
) -> list[Alert]:
    """That the run before the *last* one was killed, or was too long ago."""
    _ = language.gettext
    before = [one for one in earlier if one.started < last.started]
    if not before:
        return []
    former = before[-1]
    began = f"{former.started:%Y-%m-%d %H:%M} UTC"
    if former.state != "ended" or former.ended is None:
        said = _("%(id)s began at %(began)s, and did not end.")
        lines = (_("A run was killed"), said % {"id": former.id, "began": began})
        which = run_line(last, language)
        return [Alert(f"died/{former.id}", (*lines, which), last.started)]
    if last.started - former.ended <= late_after:
        return []
    ended = f"{former.ended:%Y-%m-%d %H:%M} UTC"
    hours = (last.started - former.ended) // timedelta(hours=1)
    said = _("The one before it ended %(hours)s hours ago, %(ended)s.")
    lines = (_("A run came late"), said % {"hours": hours, "ended": ended})
    which = run_line(last, language)
    return [Alert(f"late/{former.id}", (*lines, which), last.started)]


def of_figures(
    settings: Settings, alerts: Alerts, as_of: date, now: datetime
) -> list[Alert]:
    """What the warehouse shows of months to close, budgets, quota and anomalies.

    Raises:
        PipelineError: It is not there, or cannot be read.
    """
    locale = formats.parse_locale(settings.report.written)
    said = language(settings.report.language)
    url = settings.report.url
    with warehouse.read(settings.warehouse, with_macros=False) as connection:
        rows = _found(connection, settings, alerts, as_of)
        found = [{**row, "as_of": as_of} for row in rows]
    return [
        Alert(
            _key(row),
            (*_WORDS[row["subject"]](row, locale, said), _page(row, url, said)),
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


def _page(row: Row, url: str | None, language: Language) -> str:
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
    if url:
        return f"{url.rstrip('/')}/{page}"
    return language.gettext("Page: %(page)s") % {"page": page}


def _closing(row: Row, locale: Locale, language: Language) -> tuple[str, ...]:
    _ = language.gettext
    values = {
        "month": formats.month(row["since_date"], locale),
        "amount": money(row["amount"], row["currency"], locale),
        "read": row["read_days"],
        "all": row["days_in_month"],
        "key": f"{row['since_date']:%Y-%m}",
    }
    if not row["is_complete"]:
        return (
            _("%(month)s cannot be closed as it is") % values,
            _("Charged: %(amount)s; %(read)s of %(all)s days were read whole.")
            % values,
            _("chargeback status says what is missing, chargeback close what helps."),
        )
    return (
        _("%(month)s can be closed") % values,
        _("Charged: %(amount)s; all %(all)s days were read.") % values,
        _("chargeback close %(key)s freezes its statements.") % values,
    )


def _month(row: Row, locale: Locale, language: Language) -> str:
    """Which month it is, and when that was so."""
    return language.gettext("%(month)s, as of %(day)s") % {
        "month": formats.month(row["since_date"], locale),
        "day": formats.day(row["as_of"], locale),
    }


def _forecast(row: Row, locale: Locale, language: Language) -> tuple[str, ...]:
    _ = language.gettext
    so_far, expected, budget = (
        money(row[name], row["currency"], locale)
        for name in ("to_date_amount", "amount", "compared_amount")
    )
    said = _("%(expected)s expected, %(so_far)s so far, budget %(budget)s")
    amounts = said % {"expected": expected, "so_far": so_far, "budget": budget}
    return (
        _("%(name)s will probably exceed its budget") % {"name": plain(row["name"])},
        f"{_month(row, locale, language)}: {amounts}",
        _(_BUDGETS_REMEDY),
    )


def _budget(row: Row, locale: Locale, language: Language) -> tuple[str, ...]:
    _ = language.gettext
    spent = money(row["amount"], row["currency"], locale)
    budget = money(row["compared_amount"], row["currency"], locale)
    whole = _("%(part)s of %(what)s") % {"part": spent, "what": budget}
    mark = {"name": plain(row["name"]), "mark": f"{row['mark_percent']} %"}
    return (
        _("%(name)s has used %(mark)s of its budget") % mark,
        f"{_month(row, locale, language)}: {whole}",
        _(_BUDGETS_REMEDY),
    )


def _quota(row: Row, locale: Locale, language: Language) -> tuple[str, ...]:
    _ = language.gettext
    used = formats.integer(int(row["amount"]), locale)
    quota = formats.integer(int(row["compared_amount"]), locale)
    since = formats.day(row["since_date"], locale)
    mark = {"name": plain(row["name"]), "mark": f"{row['mark_percent']} %"}
    return (
        _("%(name)s has used %(mark)s of its quota") % mark,
        _("Third-party runs since %(day)s: %(used)s of %(quota)s")
        % {"day": since, "used": used, "quota": quota},
        _(_QUOTA_REMEDY),
    )


def _anomaly(row: Row, locale: Locale, language: Language) -> tuple[str, ...]:
    _ = language.gettext
    values = {
        "cost": money(row["amount"], row["currency"], locale),
        "usual": money(row["compared_amount"], row["currency"], locale),
        "day": formats.day(row["since_date"], locale),
        "who": f"{words(row['dimension'], language)} {plain(row['name'])}",
    }
    remedy = _(_ANOMALIES_REMEDY)
    if row["kind"] == "new":
        title = _("New, high cost: %(who)s")
        said = _("Since %(day)s: %(cost)s")
    else:
        title = _("Costs more than usual: %(who)s")
        said = _("Since %(day)s: %(cost)s, where %(usual)s was expected")
    if row["has_included"]:
        said = _("%(said)s, before what is included") % {"said": said}
    return title % values, said % values, remedy


_BUDGETS_REMEDY = msgid(
    "See on its statement what costs most: switch off what nobody needs, or agree on"
    " another budget."
)
_QUOTA_REMEDY = msgid(
    "See when all of it will be used, and by whom: switch off what nobody needs, or"
    " order more."
)
_ANOMALIES_REMEDY = msgid(
    "If that is wanted, do nothing; if not, let who owns it stop it in Qlik Automate."
)

_WORDS = {
    "closing": _closing,
    "forecasts": _forecast,
    "budgets": _budget,
    "quota": _quota,
    "anomalies": _anomaly,
}
