"""Alerts: each once, to everybody, and again when what was wrong is over."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipeline.config import Alerts, Settings
from pipeline.mail import alerts
from pipeline.monitor import ErrorRecord, RunRecord, Stage, TenantRecord
from servers import script as script_server
from servers.mail import Inbox
from servers.script import Answer, Script
from worlds.mail_office import Office, body
from worlds.run_records import NOW, record

pytestmark = pytest.mark.usefixtures("fast_retries")

IT, BOSS = "it@acme.example", "boss@acme.example"
PLACE = "/hooks/canary-secret"
DAY = 24.0
BUILT = (Stage("build", 1.0, "ok"),)
REMEDY = (
    "See on its statement what costs most: switch off what nobody needs, or agree on"
    " another budget."
)
BAD: dict[str, Any] = {
    "exit_code": 3,
    "error": "tenant acme: GET /users: 500\ntry again later",
    "tenants": (TenantRecord("acme", failure="tenant acme: GET /users: 500\nlater"),),
}


@pytest.fixture
def chat() -> Iterator[Script]:
    with script_server.serve() as served:
        served.routes[PLACE] = [Answer("ok")]
        yield served


@dataclass
class Nights:
    """Runs of a folder, one after the other, each of which tells how it ended."""

    path: Path
    alerts: Alerts
    office: Office | None = None
    runs: list[RunRecord] = field(default_factory=list)

    def end(self, days_ago: float, **values: Any) -> None:
        mail = self.office.mail() if self.office else None
        self.tell(record(days_ago * DAY, **values), mail)

    def tell(self, last: RunRecord, mail: Any) -> None:
        settings = Settings((), self.path, mail=mail, alerts=self.alerts)
        assert last.ended
        alerts.send(settings, last, [*self.runs, last], last.ended)
        self.runs.append(last)


@pytest.fixture
def nights(tmp_path: Path, inbox: Inbox) -> Nights:
    return Nights(tmp_path, Alerts((IT,)), Office(tmp_path, inbox.port))


def subjects(inbox: Inbox) -> list[str]:
    return [str(mail["Subject"]) for mail in inbox.mails]


def test_a_bad_night_is_told_once_and_again_when_it_is_over(
    nights: Nights, inbox: Inbox
) -> None:
    nights.end(9)
    for days in (8, 7, 6):
        nights.end(days, **BAD)
    for days in (5, 4):
        nights.end(days)
    nights.end(3, **BAD)

    assert subjects(inbox) == [
        "Chargeback: Run ended with exit code 3: acme",
        "Chargeback: Runs are well again",
        "Chargeback: Run ended with exit code 3: acme",
    ]
    assert inbox.recipients == [IT] * 3
    first, second, _ = (body(mail, "plain") for mail in inbox.mails)
    told = first.splitlines()
    assert told[:3] == [
        "Run ended with exit code 3: acme",
        "  tenant acme: GET /users: 500",
        "  later",
    ]
    assert "Before: Run ended with exit code 3: acme (2026-02-23" in second


@pytest.mark.parametrize("code", [1, 2, 3, 4, 6, 143])
def test_whatever_a_night_ends_with_is_told(
    nights: Nights, inbox: Inbox, code: int
) -> None:
    nights.end(2, exit_code=code)
    nights.end(1)

    assert f"exit code {code}" in body(inbox.mails[-1], "plain")
    assert len(inbox.mails) == (2 if code < 128 else 1)


def test_who_interrupts_a_run_knows(nights: Nights, inbox: Inbox) -> None:
    nights.end(2, exit_code=130)
    nights.end(1)

    assert not inbox.mails


def test_another_failure_is_told_too(nights: Nights, inbox: Inbox) -> None:
    nights.end(4, **BAD)
    nights.end(3, exit_code=4, error="check x failed")
    nights.end(2, **BAD)
    nights.end(1)

    assert [line.rpartition(": ")[2] for line in subjects(inbox)] == [
        *("acme", "check x failed", "Runs are well again")
    ]
    over = body(inbox.mails[-1], "plain")
    assert over.count("Before: ") == 2


BUILD_FAILED = (Stage("extract", 1.0, "ok"), Stage("build", 1.0, "error"))
GONE_ON = (Stage("extract", 1.0, "ok"), Stage("build", 1.0, "ok"))


def failed(*texts: str, code: int = 4, stage: str = "build") -> dict[str, Any]:
    """How a run ends that failed by *texts*, the errors of a *stage*."""
    errors = tuple(ErrorRecord(stage, text) for text in texts)
    stages = BUILD_FAILED if stage == "build" else GONE_ON
    return {"exit_code": code, "error": texts[0], "errors": errors, "stages": stages}


def test_each_cause_of_an_exit_code_is_told_and_healed_once(
    nights: Nights, inbox: Inbox
) -> None:
    """Counts and days of a cause change each night; it is the same all the same."""
    a, b = "check a failed for {} rows\nx 1", "check b failed for {} rows\nx 2"
    nights.end(9, **failed(a.format(3)))
    nights.end(8, **failed(a.format("1,204")))
    nights.end(7, **failed(b.format(1)))
    nights.end(6, **failed(a.format(4), b.format(2)))
    nights.end(5, **failed("2 of 9 not delivered: no", code=6, stage="deliver"))
    nights.end(4, **failed("7 of 9 not delivered: no", code=6, stage="deliver"))
    nights.end(3)
    nights.end(2)

    assert subjects(inbox) == [
        "Chargeback: Run ended with exit code 4: check a failed for 3 rows",
        "Chargeback: Run ended with exit code 4: check b failed for 1 rows",
        "Chargeback: Run ended with exit code 6: 2 of 9 not delivered, and 1 more",
        "Chargeback: Runs are well again",
    ]
    partly, whole = (body(mail, "plain") for mail in inbox.mails[2:])
    assert partly.count("Before: Run ended with exit code 4: check") == 2
    assert "Over, though the run failed" in partly
    assert whole.count("Before: ") == 1


def test_what_changes_by_the_day_alone_is_told_once(
    nights: Nights, inbox: Inbox
) -> None:
    for days in (3, 2, 1):
        day = (NOW - timedelta(days)).date()
        begun = record(days * DAY)
        text = f"was read at 2026-04-01, which is in the future of {day} 02:00:07"
        last = msgspec.structs.replace(begun, as_of=day, **failed(text, code=2))
        assert nights.office
        nights.tell(last, nights.office.mail())

    assert len(inbox.mails) == 1


def test_another_status_of_a_tenant_is_told_too(nights: Nights, inbox: Inbox) -> None:
    """It may be down first, and have another key then."""
    for days, status in ((5, 500), (4, 503), (3, 503), (2, 401)):
        failure = f"tenant acme: GET /users?page={days}: {status}"
        nights.end(days, exit_code=3, tenants=(TenantRecord("acme", failure=failure),))
    nights.end(1)

    assert len(inbox.mails) == 4
    assert body(inbox.mails[-1], "plain").count("Before: ") == 3


def test_of_several_tenants_each_says_why(nights: Nights, inbox: Inbox) -> None:
    names = ("acme", "beta")
    failed = tuple(TenantRecord(one, failure=f"{one}: 500\nlater") for one in names)
    error = "2 tenants could not be read whole: acme, beta\nsee the log"

    nights.end(1, exit_code=3, error=error, tenants=failed)

    told = body(inbox.mails[0], "plain").splitlines()
    assert told[:3] == ["Run ended with exit code 3: acme", "  acme: 500", "  later"]
    assert "  beta: 500" in told


def test_a_mail_server_that_is_down_loses_nothing(
    nights: Nights, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    assert nights.office
    down = nights.office.mail(port=1)
    nights.tell(record(3 * DAY, **BAD), down)
    nights.tell(record(2 * DAY), down)
    assert "the next run sends it" in caplog.text

    nights.end(1)

    (mail,) = inbox.mails
    assert mail["Subject"] == (
        "Chargeback: Run ended with exit code 3: acme, and 1 more"
    )
    assert "Runs are well again" in body(mail, "plain")


def test_one_recipient_who_is_refused_keeps_nothing_from_the_others(
    nights: Nights, inbox: Inbox
) -> None:
    nights.alerts = Alerts((BOSS, IT))
    inbox.refuses[BOSS] = "550 5.1.1 who?"
    nights.end(3, **BAD)
    inbox.refuses.clear()
    nights.end(2, **BAD)

    assert inbox.recipients == [IT, BOSS]


def test_a_chat_is_told_without_any_mail_server(tmp_path: Path, chat: Script) -> None:
    told = Nights(tmp_path, Alerts(webhook=chat.url + PLACE))
    chat.routes[PLACE] = [Answer("no", status=404), Answer("ok")]

    for days in (3, 2, 1.5):
        told.end(days, **BAD)

    texts = [json.loads(content)["text"] for content in chat.bodies]
    assert len(texts) == 2  # one of them was refused
    assert texts[0] == texts[1]
    assert texts[0].startswith("Chargeback: Run ended with exit code 3: acme\ntenant")


@pytest.mark.parametrize(
    "answer",
    [
        Answer("no", status=500),
        Answer("", status=302, headers={"Location": "/elsewhere"}),
        Answer("late", trickle=1),
    ],
    ids=["500", "redirect", "no end in time"],
)
def test_a_chat_that_does_not_take_it_gets_it_from_the_next_run(
    nights: Nights,
    inbox: Inbox,
    chat: Script,
    answer: Answer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The others have theirs by then, and once; the secret is in no message."""
    nights.alerts = Alerts((IT,), webhook=chat.url + PLACE, timeout_seconds=0.3)
    chat.routes[PLACE] = [answer, Answer("ok")]
    for days in (3, 2, 1.5):
        nights.end(days, **BAD)

    assert inbox.recipients == [IT]
    assert chat.paths() == [PLACE, PLACE]
    assert "webhook: " in caplog.text
    assert "the next run sends it" in caplog.text
    assert "canary" not in caplog.text


def test_a_run_that_comes_late_or_after_a_killed_one_says_so(
    nights: Nights, inbox: Inbox
) -> None:
    nights.end(9)
    nights.end(7)
    nights.runs.append(record(6 * DAY, state="running", ended=None, exit_code=None))
    nights.end(5)
    nights.end(4)

    assert subjects(inbox) == [
        "Chargeback: A run came late",
        "Chargeback: A run was killed",
    ]
    assert "ended 47 hours ago" in body(inbox.mails[0], "plain")


def test_no_address_is_kept_and_a_damaged_state_is_begun_anew(
    nights: Nights, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    nights.end(3, **BAD)
    path = nights.path / "state" / "alerts.json"
    kept = path.read_text()
    path.write_text(kept[:30])
    nights.end(2, **BAD)

    assert "@" not in kept
    assert "alerts may come twice" in caplog.text
    assert len(inbox.mails) == 2


def test_names_that_people_typed_are_words_of_a_subject(
    nights: Nights, inbox: Inbox
) -> None:
    odd = "=?utf-8?q?=0D=0AX:_y?=\r\nBcc: x@evil.example"
    nights.end(2, exit_code=3, tenants=(TenantRecord(odd, failure="no"),))

    (mail,) = inbox.mails
    assert mail["X"] is None
    assert mail["Bcc"] is None
    assert "Bcc: x@evil.example" in str(mail["Subject"])


@dataclass
class Figures:
    """Nights of an office, whose warehouse has budgets and anomalies."""

    office: Office
    alerts: Alerts

    def night(self, days: int = 0) -> None:
        as_of = date(2026, 11, 24) + timedelta(days)
        began = NOW.replace(year=2026, month=11, day=24) + timedelta(days)
        last = msgspec.structs.replace(
            record(0), as_of=as_of, started=began, ended=began, stages=BUILT
        )
        settings = replace(
            self.office.settings, mail=self.office.mail(), alerts=self.alerts
        )
        alerts.send(settings, last, [], began)


@pytest.mark.slow
def test_a_budget_is_told_of_at_each_mark(office: Office, inbox: Inbox) -> None:
    of_budgets = Alerts((IT,), subjects=("budgets",), budget_marks=(33, 80, 100))
    nights = Figures(office, of_budgets)
    nights.night()
    nights.night(1)
    office.change("update marts.statement set amount = 450 where budget = 300")
    nights.night(2)

    assert subjects(inbox) == [
        "Chargeback: CC-200 Sales has used 33 % of its budget",
        "Chargeback: CC-100 Finance has used 100 % of its budget",
    ]
    assert body(inbox.mails[0], "plain").splitlines() == [
        "CC-200 Sales has used 33 % of its budget",
        "  October 2026, as of Nov 24, 2026: €83.62 of €250.00",
        f"  {REMEDY}",
        "  Page: statement-2026-10-cc-200-sales-a4b2189f.html",
    ]


@pytest.mark.slow
def test_an_anomaly_is_told_once_an_episode(office: Office, inbox: Inbox) -> None:
    nights = Figures(office, Alerts((IT,), subjects=("anomalies",)))
    part = "cost_center = 'CC-200 Sales'"
    office.change(f"update marts.charges set included_amount = 0.01 where {part}")
    nights.night()
    office.change("update marts.anomalies set amount = 9, last_date = last_date + 1")
    nights.night(1)

    (mail,) = inbox.mails
    lines = body(mail, "plain").splitlines()
    assert "Costs more than usual: cost centre CC-200 Sales" in lines
    said = "  Since Nov 13, 2026: €4.92, where €2.40 was expected"
    assert f"{said}, before what is included" in lines
    assert "  Since Nov 4, 2026: €2.39" in lines, "nothing of it is included"
    assert "New, high cost: automation Small job 20" in lines


@pytest.mark.slow
def test_a_quota_is_told_of_at_each_mark(office: Office, inbox: Inbox) -> None:
    nights = Figures(office, Alerts((IT,), subjects=("quota",)))
    columns = "tenant, period_start_date, period_end_date, date, quota, all_used"
    office.change(
        f"insert into marts.quota_burn_down ({columns}, is_projected) values"
        " ('acme', '2026-11-01', '2026-11-30', '2026-11-23', 1000, 751, false),"
        " ('acme', '2026-11-01', '2026-11-30', '2026-11-29', 1000, 990, true)"
    )
    nights.night()
    nights.night(1)

    (mail,) = inbox.mails
    assert mail["Subject"] == "Chargeback: acme has used 75 % of its quota"
    assert "since Nov 1, 2026: 751 of 1,000" in body(mail, "plain")


@pytest.mark.slow
def test_a_run_of_an_earlier_day_tells_of_no_figures(
    office: Office, inbox: Inbox
) -> None:
    settings = replace(office.settings, mail=office.mail(), alerts=Alerts((IT,)))
    last = record(0, stages=BUILT, as_of=date(2026, 3, 2))

    alerts.send(settings, last, [], NOW)

    assert not inbox.mails


@pytest.mark.slow
def test_what_all_were_told_has_no_words_left_and_is_not_told_again(
    office: Office, inbox: Inbox
) -> None:
    """Words may name people; who joins later does not get what is old."""
    nights = Figures(office, Alerts((IT,), subjects=("anomalies",)))
    nights.night()
    kept = (office.path / "state" / "alerts.json").read_text()
    nights.alerts = Alerts((IT, BOSS), subjects=("anomalies",))
    nights.night(1)

    assert "Small job" not in kept
    assert inbox.recipients == [IT]
