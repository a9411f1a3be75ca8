"""A month of nights in which something happens: each is reported once.

November is played day by day. October can be closed, a budget bursts, an allowance is
used up, an automation runs amok, nights fail, one is missing, a source is refused, an
endpoint will end. What came in the quiet hours of a night is sent at nine o'clock.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pipeline.sandbox import Fault, SandboxServer, World
from servers import mail as mail_server
from servers import script as script_server
from servers.mail import Inbox
from servers.script import Answer, Script
from tools.commands import KEY, Folder
from worlds.mail_office import body
from worlds.nights import HOUR
from worlds.small_builds import small_builds

pytestmark = [pytest.mark.slow, pytest.mark.endurance]

START, END = date(2026, 10, 1), datetime(2026, 12, 1, 2, tzinfo=UTC)
IT, BOSS = "it@acme.example", "boss@acme.example"
AMOK, DISRUPTED, MISSING, CLOSED = 17, (13, 14), 21, 6
OF_CC1 = (2, 15, 17, 18)
DIGEST = 23  # a Monday
BUDGET = 170
# What alerts and mails read, besides what statements are made of.
READS = frozenset(
    {
        *("anomalies", "forecast_levels", "quota_burn_down", "report_months"),
        *("report_statement_causes", "meter_monthly", "statement_lines"),
        "cost_center_rollup",
    }
)
CONFIGURATION = """
[charge]
rate_card = "rates.csv"
cost_centers = "cost_centers.csv"
budgets = "budgets.csv"
anomaly_floor = 20
[sources]
audit_events = true
[report]
url = "https://costs.example"
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
from = "chargeback@acme.example"
recipients = ["finance@acme.example"]
attach = []
[alerts]
recipients = ["it@acme.example"]
webhook = "env:CHAT"
webhook_format = "json"
quiet_hours = "00:00-06:00"
[alerts.cost_centers]
CC-1 = ["boss@acme.example"]
"""
RATES = """\
meter,unit_price,currency,valid_from,valid_to,included
runs,1.00,EUR,2025-01-01,,
third_party_runs,0.01,EUR,2025-01-01,2026-10-31,
third_party_runs,0.01,EUR,2026-11-01,,{included}
"""
RULES = """\
priority,cost_center,tenant,space,owner,automation,valid_from,valid_to
10,CC-1,,,,,,
"""


@dataclass
class Month:
    """A folder, its tenant, and whom alerts reach; what came, by day of November."""

    folder: Folder
    inbox: Inbox
    chat: Script
    came: dict[int, list[str]] = field(default_factory=dict)
    mails: dict[tuple[int, str], Any] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)

    def command(self, day: int, *args: str, hour: int = 2) -> Any:
        self.folder.today = f"2026-11-{day:02}T{hour:02}"
        self.folder.server.world.now = datetime.combine(date(2026, 11, day), HOUR)
        return self.folder.chargeback(*args, CHAT=f"{self.chat.url}/hook")

    def day(self, day: int) -> None:
        """A night with its run, and a morning on which what waits is sent."""
        before, posts = len(self.inbox.taken), len(self.chat.bodies)
        faults = self.folder.server.faults
        faults.clear()
        for fault in faults_of(day):
            faults.add(fault)
        if day != MISSING:
            done = self.command(day, "run", "--quiet")
            code = 3 if day in DISRUPTED else 0
            assert done.returncode == code, done.stderr
        shown = self.command(day, "alerts", "--dry-run", hour=5).stdout
        assert len(self.chat.bodies) == posts, "hours are quiet"
        assert self.command(day, "alerts", "--quiet", hour=9).returncode == 0
        if day != MISSING and day < DIGEST:
            assert ("later" in shown) == (len(self.chat.bodies) > posts)
        for post in map(json.loads, self.chat.bodies[posts:]):
            self.came.setdefault(day, []).extend(x["title"] for x in post["alerts"])
            self.keys += [one["key"] for one in post["alerts"]]
        for to, content in self.inbox.taken[before:]:
            mail = mail_server.parsed(content)
            if str(mail["Message-ID"]).startswith("<alert."):
                assert (day, to) not in self.mails, "one message a day"
                self.mails[day, to] = mail


def faults_of(day: int) -> Iterator[Fault]:
    if day >= 9:
        ends = {"Deprecation": "@1780000000", "Sunset": "Wed, 31 Mar 2027 00:00:00 GMT"}
        yield Fault(kind="headers", match="/api/v1/spaces", headers=ends)
    if day in (10, 11):
        yield Fault(kind="status", status=403, match="/api/v1/audits")
    if day in DISRUPTED:
        yield Fault(kind="status", status=503, match="/api/v1/users")


def weekly(configuration: Path) -> None:
    text = configuration.read_text()
    text = text.replace("quiet_hours", 'figures = "weekly"\nquiet_hours')
    configuration.write_text(text)


def run_amok(world: World, day: date) -> tuple[str, str]:
    """Let an automation that runs once a day run sixty times more; its name, whose."""
    ordinal = (day - date(1970, 1, 1)).days
    automation = next(
        one
        for one in world.listed_automations()
        if one.rhythm.kind == "daily" and world.runs_created(one, ordinal)
    )
    (run,) = world.runs_created(automation, ordinal)
    assert run.started_at is not None
    more = [
        run._replace(
            id=str(UUID(int=n)),
            billable=False,
            created_at=run.created_at + n,
            started_at=run.started_at + n,
            stopped_at=run.stopped_at + n,
        )
        for n in range(1, 61)
    ]
    world._days[automation.index, ordinal] = (run, *more)  # noqa: SLF001
    (owner,) = (one for one in world.listed_users() if one.id == run.owner_id)
    return automation.name, owner.name


@pytest.fixture
def world() -> World:
    now = datetime.combine(date(2026, 11, 1), HOUR)
    return World(
        now=now, start=START, automations=20, owners=5, spaces=3, forgets=False
    )


def night_of(daily: Counter[date], limit: float) -> int:
    """The day of the run that finds *limit* reached by all days of November before."""
    total = 0
    for day in range(1, 31):
        total += daily[date(2026, 11, day)]
        if total >= limit:
            return day + 1
    raise AssertionError(limit)


def test_each_alert_of_a_month_comes_once(tmp_path: Path, world: World) -> None:
    amok, owner = run_amok(world, date(2026, 11, AMOK))
    truth = world.at(END).truth()
    november = [row for row in truth if row.date.month == 11]
    runs, third_party = Counter[date](), Counter[date]()
    for row in november:
        runs[row.date] += row.runs
        third_party[row.date] += row.third_party_runs
    included = third_party.total() * 100 // 95
    with (
        small_builds(also=READS),
        SandboxServer(world, api_key=KEY) as server,
        mail_server.serve() as inbox,
        script_server.serve() as chat,
    ):
        chat.default = Answer("ok")
        month = Month(Folder(tmp_path, server), inbox, chat)
        month.folder.configure(
            CONFIGURATION.format(port=inbox.port),
            first_day=f"{START}",
            extract="requests_per_minute = 600000\nrun_history_days = 90",
        )
        (tmp_path / "rates.csv").write_text(RATES.format(included=included))
        (tmp_path / "cost_centers.csv").write_text(RULES)
        budgets = f"cost_center,month,amount\nCC-1,2026-11,{BUDGET}\n"
        (tmp_path / "budgets.csv").write_text(budgets)
        for day in range(1, 31):
            if day == DIGEST:
                weekly(tmp_path / "chargeback.toml")
            month.day(day)
            if day == CLOSED:
                assert month.command(day, "close", "2026-10").returncode == 0
    well = "Runs are well again"
    assert month.came == {
        2: ["CC-1 will probably exceed its budget"],
        4: ["October 2026 can be closed"],
        9: ["acme: /api/v1/spaces will end"],
        10: ["acme: audit_events is refused"],
        12: ["Sources are no more refused"],
        13: ["Run ended with exit code 3: acme"],
        15: ["CC-1 has used 80 % of its budget", well],
        17: ["CC-1 has used 100 % of its budget"],
        18: [
            f"Costs more than usual: automation {amok}",
            "Costs more than usual: cost centre CC-1",
            f"Costs more than usual: owner {owner}",
        ],
        21: ["No run since 2026-11-20 02:00 UTC"],
        22: [well],
        30: [f"acme has used {mark} % of its quota" for mark in (75, 90)],
    }
    assert len(set(month.keys)) == len(month.keys)
    # The mark of 80 % was reached for a run that failed, those of the quota in a week.
    assert [night_of(runs, BUDGET * part) for part in (0.8, 1)] == [14, 17]
    assert [night_of(third_party, included * part) for part in (0.75, 0.9)] == [24, 28]
    for day, came in month.came.items():
        mails = {to: mail for (of, to), mail in month.mails.items() if of == day}
        assert set(mails) == ({IT, BOSS} if day in OF_CC1 else {IT})
        for form in ("plain", "html"):
            assert all(title in body(mails[IT], form) for title in came)
    assert well not in body(month.mails[15, BOSS], "plain")
