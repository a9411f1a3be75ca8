"""Alerts of figures and of sources: to whom, when, and what waits for how long."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from pipeline.config import Alerts, Report
from pipeline.config.notices import QuietHours
from pipeline.mail import alert_state, alerts
from pipeline.mail.audience import audience
from pipeline.monitor import RunRecord, Stage, TenantRecord
from pipeline.monitor.records import Notice
from servers import script as script_server
from servers.mail import Inbox
from servers.script import Answer
from worlds.mail_office import Office, body
from worlds.run_records import record, written

pytestmark = pytest.mark.usefixtures("fast_retries")

IT, SALES, OWNER = "it@acme.example", "sales@acme.example", "own@acme.example"
BERLIN = ZoneInfo("Europe/Berlin")
REMEDY = (
    "See on its statement what costs most: switch off what nobody needs, or agree on"
    " another budget."
)
BUILT = (Stage("build", 1.0, "ok"),)


@dataclass
class Runs:
    """Runs of an office, each of which says what it found."""

    office: Office
    alerts: Alerts
    url: str | None = None
    language: str = "en"

    @property
    def settings(self) -> Any:
        settings = replace(
            self.office.settings, mail=self.office.mail(), alerts=self.alerts
        )
        return replace(settings, report=Report(self.language, url=self.url))

    def end(
        self,
        day: int = 24,
        hour: int = 3,
        earlier: Sequence[RunRecord] = (),
        **values: Any,
    ) -> RunRecord:
        moment = datetime(2026, 11, day, hour, tzinfo=UTC)
        last = msgspec.structs.replace(
            record(0),
            as_of=moment.date(),
            started=moment,
            ended=moment,
            **{"stages": BUILT, **values},
        )
        alerts.send(self.settings, last, earlier, moment)
        return last


def subjects(inbox: Inbox) -> list[str]:
    return [str(mail["Subject"]).removeprefix("Chargeback: ") for mail in inbox.mails]


def lines(inbox: Inbox, index: int = -1) -> list[str]:
    text = body(inbox.mails[index], "plain")
    return [one.strip() for one in text.splitlines() if one]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("office")
    Office.of(path, 0)
    return path


@pytest.fixture
def runs(shared: Path, inbox: Inbox) -> Iterator[Runs]:
    """Runs in one folder for all tests, each of which begins without any state."""
    (shared / "state" / "alerts.json").unlink(missing_ok=True)
    kept = (shared / "warehouse.duckdb").read_bytes()
    yield Runs(Office(shared, inbox.port), Alerts((IT,)))
    (shared / "warehouse.duckdb").write_bytes(kept)


def of(subject: str, **more: Any) -> Alerts:
    return Alerts((IT,), subjects=(subject,), **more)


def test_a_budget_that_will_be_exceeded_is_told_once_a_month(
    runs: Runs, inbox: Inbox
) -> None:
    """And no more of one that is exceeded already: that is a mark."""
    runs.alerts = of("forecasts")
    runs.url = "https://intranet.example/costs/"
    budgets = "update marts.forecast_levels set budget = case cost_center"
    runs.office.change(f"{budgets} when 'CC-200 Sales' then 90 else 6 end")
    for day in (24, 25):
        runs.end(day)

    assert subjects(inbox) == ["CC-200 Sales will probably exceed its budget"]
    expected = "€103.47 expected, €82.45 so far, budget €90.00"
    assert lines(inbox) == [
        "CC-200 Sales will probably exceed its budget",
        f"November 2026, as of Nov 24, 2026: {expected}",
        REMEDY,
        "https://intranet.example/costs/statement-2026-11-cc-200-sales-a4b2189f.html",
    ]


def test_alerts_are_told_in_the_language_of_pages(runs: Runs, inbox: Inbox) -> None:
    runs.alerts, runs.language = Alerts((IT,), subjects=("closing", "runs")), "de"
    failed = Stage("check", 1.0, "failed")
    runs.end(stages=(*BUILT, failed), exit_code=4, errors=())

    assert str(inbox.mails[0]["Subject"]).startswith("Leistungsverrechnung: ")
    told = lines(inbox)
    assert "Lauf endete mit Code 4" in told
    assert "September 2026 kann so nicht abgeschlossen werden" in told
    assert "Verrechnet: 99,78 €; 17 von 30 Tagen wurden ganz gelesen." in told
    assert '<html lang="de">' in body(inbox.mails[0], "html")


def test_a_month_to_close_is_told_when_nothing_is_read_again(
    runs: Runs, inbox: Inbox
) -> None:
    """The first that is open: here one whose first days nobody read."""
    runs.alerts = of("closing")
    runs.end()
    runs.end(25)
    assert lines(inbox)[:2] == [
        "September 2026 cannot be closed as it is",
        "Charged: €99.78; 17 of 30 days were read whole.",
    ]

    runs.office.change(
        "update pages.report_months set status = 'FINAL' where month = '2026-09-01'"
    )
    for day in (2, 3, 4, 5):
        runs.end(day)

    assert subjects(inbox) == [
        "September 2026 cannot be closed as it is",
        "October 2026 can be closed",
    ]
    assert lines(inbox)[1:3] == [
        "Charged: €232.87; all 31 days were read.",
        "chargeback close 2026-10 freezes its statements.",
    ]
    assert "Nov 2026 04" in inbox.mails[-1]["Date"].replace(
        "04 Nov 2026", "Nov 2026 04"
    )


def test_who_a_cost_centre_has_learns_of_it_and_of_nothing_else(
    runs: Runs, inbox: Inbox
) -> None:
    """By name or code; the owner in the file only where nobody is named."""
    centers = {"CC-200": (SALES,)}
    runs.alerts = Alerts(
        (IT,), budget_marks=(1,), cost_centers=centers, has_owners=True
    )
    runs.office.change(f"update marts.cost_centers set owner_email = '{OWNER}'")
    runs.end(exit_code=3, error="no")

    named = {to: body(inbox.mail_to(to), "plain") for to in (IT, SALES, OWNER)}
    assert "exit code 3" in named[IT]
    assert "CC-200 Sales has used" in named[IT]
    assert "CC-200 Sales has used" in named[SALES]
    assert "cost centre CC-200 Sales" in named[SALES]  # an anomaly
    assert "automation" in named[OWNER]  # whose usage is charged to another one
    assert "CC-100 Finance has used" in named[OWNER]
    assert "CC-100" not in named[SALES]
    assert "CC-200 Sales has" not in named[OWNER]
    assert not [one for one in (SALES, OWNER) if "exit code" in named[one]]


def test_an_owner_who_is_not_known_is_told_later(runs: Runs, inbox: Inbox) -> None:
    runs.alerts = of("budgets", budget_marks=(1,), has_owners=True)
    runs.office.change(f"update marts.cost_centers set owner_email = '{OWNER}'")
    inbox.refuses[OWNER] = "451 4.2.1 not now"
    runs.end()
    warehouse = runs.settings.warehouse
    away = warehouse.rename(warehouse.with_suffix(".away"))
    assert audience(runs.settings, runs.alerts).is_partial
    runs.end(25, stages=())
    away.rename(warehouse)
    del inbox.refuses[OWNER]
    runs.end(26, stages=())

    assert inbox.recipients == [IT, OWNER]
    assert "has used" in body(inbox.mail_to(OWNER), "plain")


def test_in_quiet_hours_nothing_is_sent_and_afterwards_all(
    runs: Runs, inbox: Inbox
) -> None:
    quiet = QuietHours(time(20), time(7))
    runs.alerts = of("runs", quiet=quiet, zone=BERLIN)
    runs.end(24, 3, exit_code=3, error="no")
    early = datetime(2026, 11, 24, 5, 59, tzinfo=UTC)
    alerts.send_pending(runs.settings, early)
    assert not inbox.mails
    shown = list(alerts.shown(runs.settings, early))
    assert shown == [f"to {IT}: 1 alert later"]

    late = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)  # seven in Berlin
    (shown_now,) = alerts.shown(runs.settings, late)
    assert not inbox.mails
    for _ in range(2):
        alerts.send_pending(runs.settings, late)

    assert subjects(inbox) == ["Run ended with exit code 3: no"]
    assert shown_now.startswith(f"to {IT}: Chargeback: Run ended with exit code 3: no")
    assert list(alerts.shown(runs.settings, late)) == [f"to {IT}: nothing"]


@pytest.mark.parametrize(
    ("begin", "end", "within", "without"),
    [
        ((20, 0), (7, 0), [(20, 0), (23, 59), (0, 0), (6, 59)], [(7, 0), (19, 59)]),
        ((12, 30), (13, 0), [(12, 30), (12, 59)], [(13, 0), (12, 29), (0, 0)]),
    ],
)
def test_hours_may_go_over_midnight(
    begin: tuple[int, int],
    end: tuple[int, int],
    within: list[tuple[int, int]],
    without: list[tuple[int, int]],
) -> None:
    quiet = QuietHours(time(*begin), time(*end))

    def included(at: tuple[int, int]) -> bool:
        return quiet.includes(datetime(2026, 11, 24, *at, tzinfo=BERLIN))

    assert all(map(included, within))
    assert not any(map(included, without))


def test_figures_may_wait_for_the_first_run_of_a_week(runs: Runs, inbox: Inbox) -> None:
    """What is wrong with runs does not wait."""
    runs.alerts = Alerts(
        (IT,), subjects=("runs", "budgets"), budget_marks=(1,), is_weekly=True
    )
    budget = "update marts.statement set budget = 9 where cost_center ="
    runs.end(23)  # a Monday
    first = len(inbox.mails)
    runs.office.change(f"{budget} 'CC-300 Operations'")
    runs.end(24)
    runs.end(25, exit_code=3, error="no")
    runs.end(29)
    assert subjects(inbox)[first:] == [
        "Run ended with exit code 3: no",
        "Runs are well again",
    ]
    runs.end(30)
    runs.end(30, 9)

    assert len(inbox.mails) == first + 3
    assert "CC-300 Operations has used 1 % of its budget" in body(
        inbox.mails[-1], "plain"
    )


def test_a_weekly_message_that_was_not_sent_is_sent_by_the_next_run(
    runs: Runs, inbox: Inbox
) -> None:
    runs.alerts = of("budgets", budget_marks=(1,), is_weekly=True)
    inbox.refuses[IT] = "451 4.2.1 not now"
    runs.end(23)
    del inbox.refuses[IT]
    runs.end(24)

    assert len(inbox.mails) == 1


REFUSED = Notice("sources", "acme", "licence", "GET /licences: 403; left out: a role")
ENDS = Notice("endpoints", "acme", "/api/v1/users", "deprecated since 2026-03-01")
WELL = (TenantRecord("acme"),)


def test_a_source_that_is_refused_is_told_once_and_when_it_is_read(
    runs: Runs, inbox: Inbox
) -> None:
    runs.alerts = of("sources")
    for day in (20, 21):
        runs.end(day, tenants=WELL, notices=(REFUSED, ENDS))
    failed = (TenantRecord("acme", failure="no answer"),)
    runs.end(22, tenants=failed)
    runs.end(23, tenants=WELL)
    runs.end(24, tenants=WELL, notices=(REFUSED,))

    assert subjects(inbox) == [
        "acme: licence is refused",
        "Sources are no more refused",
        "acme: licence is refused",
    ]
    assert lines(inbox, 0)[1] == REFUSED.text
    assert "Before: acme: licence is refused (2026-11-20" in body(
        inbox.mails[1], "plain"
    )


def test_an_endpoint_that_will_end_is_told_once(runs: Runs, inbox: Inbox) -> None:
    runs.alerts = of("endpoints")
    for notices in ((ENDS,), (), (ENDS, REFUSED)):
        runs.end(tenants=WELL, notices=notices)

    assert subjects(inbox) == ["acme: /api/v1/users will end"]


def test_a_night_on_which_nothing_began_is_told_by_the_command(
    runs: Runs, inbox: Inbox
) -> None:
    """And its end by the next run, which then is not said to come late, too."""
    runs.alerts = of("runs")
    last = runs.end(24)
    written(runs.office.path, last)
    in_time = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
    late = in_time.replace(minute=1)
    assert list(alerts.shown(runs.settings, in_time)) == [f"to {IT}: nothing"]
    (shown,) = alerts.shown(runs.settings, late)
    for moment in (in_time, late, late.replace(hour=9)):
        alerts.send_pending(runs.settings, moment)
    next_one = runs.end(26, earlier=[last])

    assert "No run since 2026-11-24 03:00 UTC" in shown
    missing = "No run since 2026-11-24 03:00 UTC"
    assert subjects(inbox) == [missing, "Runs are well again"]
    assert "whether cron or the timer still starts runs" in lines(inbox, 0)[2]
    assert f"Before: {missing}" in lines(inbox)[-1]
    assert next_one.is_good


def test_a_run_that_is_killed_repeats_no_message_that_was_taken(
    runs: Runs, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.alerts = Alerts((IT, SALES), subjects=("runs",))
    write = alert_state.write

    def killed(path: Path, state: alert_state.AlertState) -> None:
        write(path, state)
        if inbox.taken:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(alert_state, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            runs.end(exit_code=3, error="no")
    alerts.send_pending(runs.settings, datetime(2026, 11, 24, 4, tzinfo=UTC))

    assert inbox.recipients == [IT, SALES]


MARKED = "<b>Job</b> [x](http://evil.example) \N{RIGHT-TO-LEFT OVERRIDE}*y* &amp; "


@pytest.mark.parametrize("form", ["text", "card", "json"])
def test_very_many_anomalies_are_one_message_that_every_chat_takes(
    runs: Runs, inbox: Inbox, form: str
) -> None:
    """With names like no other; each is reported, and none twice."""
    runs.office.change(
        "insert into marts.anomalies by name select * exclude (n) replace ("
        f"'new' as kind, '{MARKED * 20}' || n as label, 'x' || n as entity_id)"
        " from (from marts.anomalies order by last_date desc limit 1),"
        " range(2_000) as _ (n)"
    )
    with script_server.serve() as chat:
        chat.default = Answer("ok")
        url = f"{chat.url}/hook"
        runs.alerts = of("anomalies", webhook=url, webhook_format=form)
        for day in (24, 25):
            runs.end(day)

    (posted,) = chat.bodies
    assert len(posted) < 28_000
    (mail,) = inbox.mails
    assert len(bytes(mail)) < 100_000
    assert lines(inbox)[-1].endswith("more, which the pages show.")
    html = body(mail, "html")
    assert "&lt;b&gt;Job&lt;/b&gt; [x](http" in html
    assert not re.search("<b>Job|<a |\N{RIGHT-TO-LEFT OVERRIDE}", html)
    if form == "json":
        first, *_ = json.loads(posted)["alerts"]
        assert first["subject"] == "anomalies"
        assert first["since"].startswith("2026-11-24T03:00")
        assert first["lines"][0].startswith("Since Nov")
