"""The doctor names what would spoil a night, and the mend, against real things."""

import grp
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.doctor import Finding, examine
from pipeline.endpoints import USAGE
from pipeline.files.lock import locked
from pipeline.lake import Lake
from pipeline.lake.coverage import DayCoverage
from pipeline.resources import resource
from pipeline.sandbox import Fault, SandboxServer, World
from servers.script import Answer, serve

KEY = "key-of-the-sandbox"
NOW = datetime.now(UTC)


@dataclass
class Patient:
    """A configuration, and the environment that it is read with."""

    folder: Path
    url: str
    env: dict[str, str] = field(default_factory=lambda: {"KEY": KEY})

    @property
    def config(self) -> Path:
        return self.folder / "chargeback.toml"

    def configure(
        self, *more: str, first: str = "", key: str = 'api_key = "env:KEY"'
    ) -> None:
        tenant = f'[[tenant]]\nname = "acme"\nurl = "{self.url}"\n{key}\n'
        if not any("[extract" in text for text in more):
            tenant += "[extract]\nrequests_per_minute = 600000\n"
        self.config.write_text("\n".join([first, tenant, *more]))

    def examined(self, ahead: timedelta = timedelta()) -> list[Finding]:
        return list(examine(self.config, self.env, datetime.now(UTC) + ahead))

    def find(self, subject: str, ahead: timedelta = timedelta()) -> Finding:
        (found,) = [f for f in self.examined(ahead) if f.subject == subject]
        return found


def served(automations: int = 30, **options: Any) -> SandboxServer:
    start = (NOW - timedelta(days=5)).date()
    return SandboxServer(
        World(now=NOW, start=start, automations=automations), api_key=KEY, **options
    )


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with served() as server:
        yield server


@pytest.fixture
def patient(tmp_path: Path, server: SandboxServer) -> Patient:
    patient = Patient(tmp_path, server.url)
    patient.configure()
    return patient


def test_all_is_well_and_nothing_is_left_behind(patient: Patient) -> None:
    for path in resource("examples").glob("*.csv"):
        shutil.copy(path, patient.folder)
    patient.configure(
        '[charge]\nrate_card = "rates.csv"\ncost_centers = "cost_centers.csv"\n'
        'fixed_costs = "fixed_costs.csv"\nentitlements = "entitlements.csv"\n'
        'budgets = "budgets.csv"'
    )
    before = sorted(patient.folder.iterdir())

    findings = patient.examined()

    assert {f.state for f in findings} == {"ok"}
    assert [f.subject for f in findings] == [
        "configuration",
        "acme: secret",
        "data folder",
        "disk",
        "lock",
        "history",
        "acme: clock",
        "acme: credentials",
        "acme: role",
        "acme: automations",
        "finance files",
        "rate card",
        "mail",
        "alerts",
        "monitor",
    ]
    assert sorted(patient.folder.iterdir()) == before


def test_a_wrong_key_is_told_and_the_next_tenant_examined(patient: Patient) -> None:
    other = f'[[tenant]]\nname = "other"\nurl = "{patient.url}"\napi_key = "env:OTHER"'
    patient.configure(other)
    patient.env = {"KEY": "canary-key", "OTHER": KEY}

    findings = {f.subject: f for f in patient.examined()}

    found = findings["acme: credentials"]

    assert (found.state, found.exit_code) == ("fail", 3)
    assert "401" in found.found
    assert "wrong, expired or revoked" in found.remedy
    assert findings["other: credentials"].state == "ok"
    assert "acme: role" not in findings
    assert "canary" not in str(findings)


def test_a_wrong_client_secret_is_told(patient: Patient, server: SandboxServer) -> None:
    patient.configure(
        key=f'oauth_client_id = "{server.options.client_id}"\n'
        'oauth_client_secret = "env:KEY"'
    )

    found = patient.find("acme: credentials")

    assert (found.state, found.exit_code) == ("fail", 3)
    assert "401" in found.found


def test_a_missing_role_is_told_with_its_partial_listing(patient: Patient) -> None:
    with served(role="user") as server:
        patient.url = server.url
        patient.configure()
        findings = {f.subject: f for f in patient.examined()}

    role, listing = findings["acme: role"], findings["acme: automations"]
    assert (role.state, role.exit_code) == ("fail", 3)
    assert "403" in role.found
    assert "TenantAdmin" in role.remedy
    assert listing.state == "warn"
    assert "of 1 owner(s): perhaps a part of all" in listing.found


def test_a_listing_of_less_than_usage_names_is_told(patient: Patient) -> None:
    """The listing ends after its first page, as for a scope that is too narrow."""
    with served(automations=260) as server:
        server.faults.add(Fault(kind="no_next", match="/automations\\?"))
        patient.url = server.url
        patient.configure()
        found = patient.find("acme: automations")

    assert found.state == "warn"
    assert "200 listed, but" in found.found
    assert "that usage names are not: a part of all" in found.found
    assert "scope" in found.remedy


def test_a_tenant_that_is_not_there_is_told(patient: Patient) -> None:
    patient.url = "http://127.0.0.1:1"
    patient.configure()

    found = patient.find("acme: network")

    assert (found.state, found.exit_code) == ("fail", 3)
    assert "tenant.url" in found.remedy
    assert [f.subject for f in patient.examined() if "acme" in f.subject] == [
        "acme: secret",
        "acme: network",
    ]


@pytest.mark.parametrize("proxy", ["ftp://canary", "http://"])
def test_a_proxy_that_cannot_be_spoken_to_is_told(patient: Patient, proxy: str) -> None:
    patient.url = "https://tenant.invalid"
    patient.env |= {"ALL_PROXY": proxy, "HOOK": "https://chat.invalid/canary"}
    patient.configure(
        '[mail]\nhost = "127.0.0.1"\nport = 1\nfrom = "a@example.com"\n'
        'recipients = ["b@example.com"]\nwebhook = "env:HOOK"'
    )

    findings = {f.subject: f for f in patient.examined()}

    for subject in ("acme: network", "mail: webhook"):
        found = findings[subject]
        assert (found.state, found.exit_code) == ("fail", 2)
        assert "HTTPS_PROXY or ALL_PROXY" in found.found
        assert "set" in found.remedy
    assert "canary" not in str(findings)


@pytest.mark.parametrize(
    ("ahead", "state", "words"),
    [
        (timedelta(seconds=30), "ok", "ahead of"),
        (timedelta(minutes=2), "warn", "ahead of"),
        (timedelta(minutes=-2), "warn", "behind"),
        (timedelta(minutes=-6), "fail", "behind"),
        (timedelta(days=400), "fail", "ahead of"),
    ],
)
def test_a_skewed_clock_is_told(
    patient: Patient, ahead: timedelta, state: str, words: str
) -> None:
    found = patient.find("acme: clock", ahead)

    assert found.state == state
    assert words in found.found
    assert state == "ok" or "NTP" in found.remedy


def test_a_tenant_that_does_not_say_the_time_is_a_warning(patient: Patient) -> None:
    with serve() as script:
        script.default = Answer({}, status=401, headers={"Date": ""})
        patient.url = script.url
        patient.configure()
        found = patient.find("acme: clock")

    assert (found.state, found.exit_code) == ("warn", 0)
    assert "does not say what time it is" in found.found


@pytest.mark.parametrize("data_dir", ["/proc/chargeback", "chargeback.toml/data"])
def test_a_folder_that_cannot_be_written_to_is_told(
    patient: Patient, data_dir: str
) -> None:
    patient.configure(first=f'data_dir = "{data_dir}"')

    found = patient.find("data folder")

    assert (found.state, found.exit_code) == ("fail", 1)
    assert "data_dir" in found.remedy


def test_files_of_another_user_are_told(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a build by root."""
    read_lake(patient)
    monkeypatch.setattr(os, "geteuid", lambda: 65534)

    found = patient.find("data folder")

    assert (found.state, found.exit_code) == ("fail", 1)
    assert f"{patient.folder / 'data'} belongs to " in found.found
    assert " more: a run may fail by it" in found.found
    assert found.remedy.startswith("sudo chown -R ")


def test_a_group_that_is_not_there_is_told(patient: Patient) -> None:
    patient.configure('[files]\ngroup = "no-such-group"')

    found = patient.find("data folder")

    assert (found.state, found.exit_code) == ("fail", 2)
    assert "files.group: no-such-group: this machine has no such group" in found.found


def test_readers_of_linked_pages_are_told(patient: Patient) -> None:
    pages = patient.folder / "www"
    pages.mkdir()
    (patient.folder / "data").mkdir()
    (patient.folder / "data" / "reports").symlink_to(pages)
    pages.chmod(0o2750)

    of_group = patient.find("pages")
    pages.chmod(0o700)
    of_user = patient.find("pages")

    group = grp.getgrgid(pages.stat().st_gid).gr_name
    assert (of_group.state, of_user.state) == ("ok", "ok")
    assert of_group.found == f"{pages}, read by the group {group}"
    assert of_user.found == f"{pages}, read by the user of the nightly job alone"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_python_that_the_user_of_the_data_cannot_run_is_told(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/root/python/bin/python")
    (patient.folder / "data").mkdir()
    assert "python" not in {one.subject for one in patient.examined()}
    os.chown(patient.folder / "data", 65534, -1)

    found = patient.find("python")

    assert (found.state, found.exit_code) == ("warn", 0)
    assert found.found.startswith("/root/python/bin/python cannot be run by the user")


def test_a_disk_without_room_for_the_next_warehouse_is_told(patient: Patient) -> None:
    """A sparse file takes no room, and its size is what counts."""
    data = patient.folder / "data"
    data.mkdir()
    (data / "warehouse.duckdb").touch()
    os.truncate(data / "warehouse.duckdb", shutil.disk_usage(data).free // 2)

    found = patient.find("disk")

    assert (found.state, found.exit_code) == ("warn", 0)
    assert "GiB free" in found.found
    assert "make room" in found.remedy


def test_a_lock_that_is_held_is_a_warning(patient: Patient) -> None:
    with locked(patient.folder / "data"):
        held = patient.find("lock")

    assert (held.state, held.exit_code) == ("warn", 0)
    assert "another run is at work" in held.found
    assert patient.find("lock").state == "ok"


def read_lake(patient: Patient, name: str = "acme", data: str = "data") -> None:
    """Leave two days of a tenant in the lake of the folder *data*."""
    days = (NOW.date() - timedelta(2), NOW.date() - timedelta(1))
    read = dict.fromkeys(days, DayCoverage("complete", NOW))
    Lake(patient.folder / data / "lake").cover(USAGE.table, name, read)


def test_an_empty_data_folder_is_told_from_one_with_a_history(patient: Patient) -> None:
    empty = patient.find("history")
    read_lake(patient)
    (patient.folder / "data" / "warehouse.duckdb").touch()
    full = patient.find("history")
    patient.configure(first='data_dir = "other"')
    moved = patient.find("history")

    folder = patient.folder / "data"
    assert empty.state == full.state == "ok"
    assert f"nothing is kept in {folder} yet" in empty.found
    assert f"{folder}: lake of 1 tenant, {NOW.date() - timedelta(2)} to " in full.found
    assert full.found.endswith(", warehouse")
    assert moved.state == "warn"
    assert f"but {folder} has a lake" in moved.found
    assert "correct data_dir" in moved.remedy


def test_what_is_kept_of_others_or_in_part_is_told(patient: Patient) -> None:
    data = patient.folder / "data"
    data.mkdir()
    (data / "warehouse.duckdb").touch()
    without_lake = patient.find("history")
    read_lake(patient, "other")
    of_another = patient.find("history")
    (data / "state").mkdir()
    (data / "state" / "register.json").write_text('{"entries": 4, "head": "0123"}')
    without_months = patient.find("history")

    assert (without_lake.state, of_another.state) == ("warn", "warn")
    assert without_lake.found == f"{data} has no lake, but warehouse"
    assert f"{data} has nothing of acme, but lake of 1 tenant" in of_another.found
    assert (without_months.state, without_months.exit_code) == ("fail", 4)
    assert "register: is not there" in without_months.found


@pytest.mark.parametrize(("mode", "state"), [(0o600, "ok"), (0o640, "fail")])
def test_a_secret_file_is_for_us_alone(patient: Patient, mode: int, state: str) -> None:
    file = patient.folder / "key"
    file.write_text(KEY)
    file.chmod(mode)
    patient.configure(key='api_key = "file:key"')

    found = patient.find("acme: secret")

    assert found.state == state
    assert state == "ok" or f"chmod 600 {file}; " in found.remedy


def test_every_secret_that_is_missing_is_told_at_once(patient: Patient) -> None:
    other = '[[tenant]]\nname = "b"\nurl = "http://localhost"\napi_key = "file:none"'
    patient.configure(other)
    patient.env = {}

    findings = patient.examined()

    assert [(f.subject, f.state, f.exit_code) for f in findings] == [
        ("acme: secret", "fail", 2),
        ("b: secret", "fail", 2),
    ]
    assert "the variable KEY is not set" in findings[0].found
    assert "none: No such file" in findings[1].found


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("[extract]\nspeed = 1", "extract.speed: unknown key"),
        ("[extract", "not valid TOML"),
        ('[report]\nlocale = "klingon"', "report.locale"),
        ('[report]\nlogo = "none.png"', "report.logo: "),
        ('[report]\naccent = "#ffff00"', "has a contrast of 1.07 on #ffffff"),
        ('[report]\nholidays = "DX"', "report.holidays: 'DX' is not a country"),
        ('[[tenant]]\nname = "b"\nurl = "x"\napi_key = "top-secret"', "tenant[1]"),
    ],
)
def test_a_wrong_configuration_is_told(patient: Patient, more: str, words: str) -> None:
    patient.configure(more)

    findings = patient.examined()

    (failed,) = [f for f in findings if f.state == "fail"]
    assert failed.exit_code == 2
    assert words in failed.found
    assert "top-secret" not in str(findings)


@pytest.mark.parametrize(
    ("rates", "state", "words"),
    [
        (None, "warn", "none is configured"),
        ("runs,0.1,EUR,2020-01-01,2021-01-01", "warn", "no price is valid on"),
        ("runs,0.1,EUR,2020-01-01,", "ok", "prices today for runs"),
    ],
)
def test_a_rate_card_without_a_price_for_today_is_told(
    patient: Patient, rates: str | None, state: str, words: str
) -> None:
    if rates:
        header = "meter,unit_price,currency,valid_from,valid_to"
        (patient.folder / "rates.csv").write_text(f"{header}\n{rates}\n")
        patient.configure('[charge]\nrate_card = "rates.csv"')

    found = patient.find("rate card")

    assert found.state == state
    assert words in found.found


@pytest.mark.parametrize(
    ("rates", "state", "words"),
    [
        (
            "USD,2020-01-01,1.08\nUSD,2020-02-01,1.1",
            "ok",
            "1 EUR = 1.1 USD, since 2020",
        ),
        ("CHF,2020-01-01,1\nUSD,2999-01-01,1", "warn", "first rate of USD is of 2999"),
    ],
)
def test_a_second_currency_without_a_rate_for_today_is_told(
    patient: Patient, rates: str, state: str, words: str
) -> None:
    path = patient.folder / "exchange.csv"
    path.write_text(f"currency,valid_from,rate\n{rates}\n")
    patient.configure(
        '[charge]\ndisplay_currency = "USD"\nexchange_rates = "exchange.csv"'
    )

    found = patient.find("exchange rates")

    assert found.state == state
    assert words in found.found


@pytest.mark.parametrize(
    ("text", "state", "words"),
    [
        ("[sap]\n", "warn", "no code for Finance"),
        ("[sap]\n", "warn", "what no rule takes is not booked"),
        ("[sap]\n", "warn", "no cost centre is credited"),
        ("[sap]\nkey = 1\n", "fail", "ledger.toml, line 2: sap.key: unknown key"),
        (
            (
                'sending_cost_center = "9"\n[cost_centers]\nFinance = "1"\n'
                '[unallocated]\naccount = "6"\ncost_center = "9"\n[sap]\n'
            ),
            "ok",
            "sap; 1 cost centres have codes",
        ),
    ],
)
def test_what_a_ledger_would_not_book_is_told(
    patient: Patient, text: str, state: str, words: str
) -> None:
    (patient.folder / "ledger.toml").write_text(text)
    (patient.folder / "centers.csv").write_text(
        "priority,cost_center,space\n10,Finance,Finance\n"
    )
    patient.configure('[charge]\nledger = "ledger.toml"\ncost_centers = "centers.csv"')

    found = [one for one in patient.examined() if one.subject == "ledger"]

    assert any((one.state, words in one.found) == (state, True) for one in found), found


def test_exchange_rates_that_a_build_would_refuse_are_told(patient: Patient) -> None:
    path = patient.folder / "exchange.csv"
    path.write_text("currency,valid_from,rate\nUSD,2026-01-01,0\n")
    patient.configure(
        '[charge]\ndisplay_currency = "USD"\nexchange_rates = "exchange.csv"'
    )

    found = patient.find("finance files")

    assert (found.state, found.exit_code) == ("fail", 2)
    assert "exchange.csv, line 2, column rate: expected a rate above 0" in found.found


def test_a_finance_file_that_a_build_would_refuse_is_told(patient: Patient) -> None:
    (patient.folder / "b.csv").write_text("cost_center,month,amount\nIT,2026-13,1\n")
    patient.configure('[charge]\nbudgets = "b.csv"')

    found = patient.find("finance files")

    assert (found.state, found.exit_code) == ("fail", 2)
    assert "b.csv, line 2, column month" in found.found


def test_a_rate_card_of_a_header_alone_is_a_failure(patient: Patient) -> None:
    header = "meter,unit_price,currency,valid_from,valid_to\n\n"
    (patient.folder / "rates.csv").write_text(header)
    patient.configure('[charge]\nrate_card = "rates.csv"')

    found = patient.find("finance files")

    assert (found.state, found.exit_code) == ("fail", 2)
    assert "rates.csv, line 2: expected a price, found nothing" in found.found


def test_another_file_of_a_header_alone_is_a_warning(patient: Patient) -> None:
    (patient.folder / "b.csv").write_text("cost_center,month,amount\n")
    patient.configure('[charge]\nbudgets = "b.csv"')

    warnings = [
        (found.found.partition("b.csv")[2], found.remedy)
        for found in patient.examined()
        if (found.subject, found.state) == ("finance files", "warn")
    ]

    assert warnings == [
        (
            ": no line below the header",
            "add lines, or take charge.budgets out of the configuration",
        )
    ]


def test_a_fixed_cost_of_a_tenant_that_there_is_not_is_told(patient: Patient) -> None:
    (patient.folder / "f.csv").write_text(
        "item,amount,currency,valid_from,split,tenant\nFee,1,EUR,2026-10,even,acne\n"
    )
    patient.configure('[charge]\nfixed_costs = "f.csv"')

    found = patient.find("finance files")

    assert (found.state, found.exit_code) == ("fail", 2)
    assert (
        "f.csv, line 2, column tenant: expected nothing, or one of acme" in found.found
    )


def test_the_folder_of_the_marts_is_tried(patient: Patient) -> None:
    patient.configure('[export]\nmarts = "out/marts"')
    before = sorted(patient.folder.rglob("*"))

    assert patient.find("export.marts").found.endswith("marts, which a run makes")
    assert sorted(patient.folder.rglob("*")) == before


def test_marts_that_a_run_could_not_replace_are_told(patient: Patient) -> None:
    folder = patient.folder / "marts"
    folder.mkdir()
    (folder / "mine.txt").touch()
    patient.configure('[export]\nmarts = "marts"')

    found = patient.find("export.marts")

    assert (found.state, found.exit_code) == ("fail", 6)
    assert "has what is no export of marts: mine.txt" in found.found
    assert "name a new folder" in found.remedy


def test_marts_where_no_folder_can_be_made_are_told(patient: Patient) -> None:
    (patient.folder / "shared").touch()
    patient.configure('[export]\nmarts = "shared/marts"')

    found = patient.find("export.marts")

    assert (found.state, found.exit_code) == ("fail", 6)
    assert "shared cannot be written to: Not a directory" in found.found
