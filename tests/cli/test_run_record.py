"""Every command that changes data leaves a record, whatever its end is."""

import fcntl
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import msgspec
import pytest

from pipeline.cli import clock
from pipeline.monitor import RunRecord, read
from pipeline.sandbox import Fault, SandboxServer
from servers import script as script_server
from servers.script import Answer
from tools.commands import AS_OF, KEY, Folder, call

pytestmark = pytest.mark.slow

Ended = subprocess.CompletedProcess[str]

NOW = datetime(2026, 3, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def done(
    tmp_path_factory: pytest.TempPathFactory, server: SandboxServer
) -> Iterator[Folder]:
    folder = Folder(tmp_path_factory.mktemp("done"), server)
    folder.configure()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: NOW)
        assert chargeback(folder, "run").returncode == 0
        yield folder


def chargeback(folder: Folder, *args: str, key: str = KEY, **env: str) -> Ended:
    return call(*args, folder=folder.path, env={"SANDBOX_KEY": key, **env})


def records(folder: Folder) -> tuple[RunRecord, ...]:
    return read(folder.path / "data" / "state" / "runs").runs


def after(folder: Folder, *args: str, key: str = KEY) -> RunRecord:
    """The record that a command leaves."""
    before = {one.id for one in records(folder)}
    chargeback(folder, *args, key=key)
    (new,) = [one for one in records(folder) if one.id not in before]
    return new


def test_a_night_says_what_it_did(done: Folder) -> None:
    (one,) = [each for each in records(done) if each.command == "run"][:1]
    (acme,) = one.tenants
    listed = {each.source: each for each in acme.sources}

    stages = [(each.name, each.outcome) for each in one.stages]
    assert stages == [(n, "ok") for n in ("extract", "build", "report", "deliver")]
    assert one.is_good
    assert (one.started, f"{one.as_of}") == (NOW, AS_OF)
    assert acme.requests > sum(each.requests for each in acme.sources) > 0
    assert listed["usage"].rows > 0
    assert {each.name for each in one.warnings} == {
        "warn_days_are_missing",
        "warn_metered_and_listed_differ",
        "warn_third_party_runs_are_unknown",
    }
    # The tenant lists runs of 30 days only, and February began 30 days ago.
    assert [(each.source, each.days) for each in acme.gaps] == [("runs", 1)]


def test_the_warehouse_shows_the_run_that_made_it(done: Folder) -> None:
    with duckdb.connect(done.path / "data" / "warehouse.duckdb", read_only=True) as db:
        sql = "select command, state, exit_code, request_count from marts.run_history"
        (row,) = db.execute(sql).fetchall()

    assert row[:3] == ("run", "running", None)
    assert row[3] == 0


def test_a_record_of_a_run_that_was_killed_is_one_that_died(done: Folder) -> None:
    folder = done.path / "data" / "state" / "runs"
    killed = msgspec.structs.replace(
        records(done)[0], id="20260302T020000Z-00000a", state="running", exit_code=None
    )
    path = folder / f"{killed.id}.json"
    path.write_bytes(msgspec.json.encode(killed))
    (folder / "notes.txt").write_text("mine")

    said = chargeback(done, "build").stderr

    path.unlink()
    with duckdb.connect(done.path / "data" / "warehouse.duckdb", read_only=True) as db:
        sql = "select state from marts.run_history order by run_id limit 1"
        assert db.execute(sql).fetchall() == [("died",)]
    assert said.count("notes.txt: not a run record; left out") == 1
    (folder / "notes.txt").unlink()


@pytest.mark.parametrize("command", ["extract", "build", "report", "deliver"])
def test_each_stage_leaves_a_record_of_its_own(done: Folder, command: str) -> None:
    one = after(done, command)

    assert (one.command, one.exit_code) == (command, 0)
    assert [each.name for each in one.stages] == [command]


def test_a_month_that_is_not_closed_leaves_one_too(done: Folder) -> None:
    one = after(done, "close", "2026-02")

    assert (one.command, one.exit_code) == ("close", 4)
    assert one.error
    assert [each.outcome for each in one.stages] == ["error"]


def test_a_tenant_that_refuses_is_named_with_the_reason(done: Folder) -> None:
    one = after(done, "run", key="not-its-key")

    assert one.exit_code == 3
    assert one.failed_tenants == ("acme",)
    assert "401" in (one.tenants[0].failure or "")
    assert "not-its-key" not in msgspec.json.encode(one).decode()


def test_an_unexpected_error_in_a_tenant_is_kept_with_its_trace(
    done: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the tenant's key in it is not written down."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError(KEY)

    monkeypatch.setattr("pipeline.extract.required.read_usage", fail)
    one = after(done, "extract")

    (acme,) = one.tenants
    assert one.exit_code == 3
    assert "ZeroDivisionError" in (acme.trace or "")
    assert KEY not in msgspec.json.encode(one).decode()


def test_what_no_command_may_do_leaves_no_record(done: Folder) -> None:
    before = records(done)

    assert chargeback(done, "run", "--as-of", "2027-01-01").returncode == 2
    assert chargeback(done, "query", "select 1").returncode == 0

    assert records(done) == before


def test_a_record_that_cannot_be_written_changes_no_exit_code(done: Folder) -> None:
    folder = done.path / "data" / "state" / "runs"
    folder.rename(folder.with_name("before"))
    folder.write_text("a file")

    ended = chargeback(done, "report")

    folder.unlink()
    folder.with_name("before").rename(folder)
    assert ended.returncode == 0
    assert "the run record cannot be written" in ended.stderr


def test_every_line_has_time_level_run_and_tenant(
    done: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Fault(kind="status", match="/users", status=500, times=1)
    done.server.faults.add(fault)
    monkeypatch.setattr("tools.commands.unlabelled", lambda lines: lines)

    text = chargeback(done, "extract").stderr.splitlines()
    form = ["--log-format", "json"]
    lines = list(map(json.loads, chargeback(done, "run", *form).stderr.splitlines()))

    run_id = text[0].split()[1]
    label = rf"2\S+T\S+Z {run_id} (acme )?(info|warning|error): +\S"
    assert all(re.match(label, line) for line in text)
    assert any(" acme info: acme: runs, " in line for line in text)
    assert re.search(r"info: extract \S+: exit \d, .* s, 1 tenant, .*", text[-1])
    assert {one["run"] for one in lines} == {lines[-1]["run"]}
    assert {one["day"] for one in lines} == {AS_OF}
    assert {one.get("tenant") for one in lines} == {None, "acme"}
    assert {one.get("stage") for one in lines} >= {"extract", "build", "report"}
    assert lines[-1]["exit_code"] == 0
    assert lines[-1]["seconds"] > 0


@pytest.mark.parametrize("command", ["report", "deliver", "extract"])
def test_a_quiet_command_is_silent_where_all_is_well(
    done: Folder, command: str
) -> None:
    ended = chargeback(done, command, "--quiet")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_a_second_run_meanwhile_leaves_no_record(done: Folder) -> None:
    before = records(done)
    with (done.path / "data" / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = chargeback(done, "report")

    assert ended.returncode == 5
    assert records(done) == before


def test_a_warning_that_is_named_ends_with_4_and_delivers_nothing(done: Folder) -> None:
    configuration = done.path / "chargeback.toml"
    before = configuration.read_text()
    configuration.write_text(
        f'{before}[checks]\nfail_on = ["warn_metered_and_listed_differ"]\n'
        '[monitor]\nmetrics_file = "chargeback.prom"\n'
    )
    one = after(done, "run")
    configuration.write_text(before)

    assert one.exit_code == 4
    assert "warn_metered_and_listed_differ failed for" in (one.error or "")
    (error,) = one.errors
    assert (error.stage, error.text) == ("build", one.error)
    assert [(each.name, each.outcome) for each in one.stages] == [
        ("extract", "ok"),
        ("build", "error"),
    ]
    assert "exit_code 4\n" in (done.path / "chargeback.prom").read_text()


def test_a_night_that_failed_tells_a_chat_and_a_watcher(done: Folder) -> None:
    """Also that it began; and nobody gets an alert where nothing is to be sent."""
    configuration = done.path / "chargeback.toml"
    before = configuration.read_text()
    with script_server.serve() as served:
        served.default = Answer("ok")
        configuration.write_text(
            f'{before}[monitor]\nping_url = "env:PING"\n'
            '[alerts]\nwebhook = "env:CHAT"\non = ["runs"]\n'
        )
        env = {"PING": f"{served.url}/ping", "CHAT": f"{served.url}/chat"}
        silent = chargeback(done, "run", "--no-deliver", key="not-its-key", **env)
        bad = chargeback(done, "run", key="not-its-key", **env)
        good = chargeback(done, "run", **env)
    configuration.write_text(before)

    assert (silent.returncode, bad.returncode, good.returncode) == (3, 3, 0)
    assert served.paths() == [
        *("/ping/start", "/ping/3"),
        *("/ping/start", "/ping/3", "/chat"),
        *("/ping/start", "/ping", "/chat"),
    ]
    texts = [json.loads(one)["text"] for one in served.bodies if one]
    assert "exit code 3: acme" in texts[0]
    assert "Runs are well again" in texts[1]


def test_an_alert_that_waits_is_shown_and_sent_when_quiet_hours_are_over(
    done: Folder,
) -> None:
    configuration = done.path / "chargeback.toml"
    before = configuration.read_text()
    alerts = '[alerts]\nwebhook = "env:CHAT"\non = ["runs"]\n'
    with script_server.serve() as served:
        served.default = Answer("ok")
        env = {"CHAT": f"{served.url}/chat"}
        configuration.write_text(f'{before}{alerts}quiet_hours = "00:00-23:59"\n')
        bad = chargeback(done, "run", key="not-its-key", **env)
        waits = chargeback(done, "alerts", "--dry-run", **env)
        configuration.write_text(before + alerts)
        shown = chargeback(done, "alerts", "--dry-run", **env)
        assert served.paths() == []
        sent = [chargeback(done, "alerts", "--quiet", **env) for _ in range(2)]
        chargeback(done, "run", **env)
    configuration.write_text(before)

    assert (bad.returncode, waits.returncode, shown.returncode) == (3, 0, 0)
    assert waits.stdout == "to webhook: 1 alert later\n"
    assert "to webhook: Chargeback: Run ended with exit code 3: acme" in shown.stdout
    assert [(one.returncode, one.stdout) for one in sent] == [(0, ""), (0, "")]
    assert served.paths() == ["/chat", "/chat"]  # and that runs are well again


def test_pages_that_cannot_be_written_stop_no_later_stage(
    done: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "index.html")

    monkeypatch.setattr("pipeline.nightly.report", fail)
    one = after(done, "run")

    assert one.exit_code == 1
    assert (one.error or "").startswith("index.html: No space left on device")
    assert [(each.stage, each.text) for each in one.errors] == [("report", one.error)]
    assert [(each.name, each.outcome) for each in one.stages][2:] == [
        ("report", "error"),
        ("deliver", "ok"),
    ]


def test_a_secret_that_is_missing_is_a_run_that_ended_with_2(done: Folder) -> None:
    configuration = done.path / "chargeback.toml"
    before, known = configuration.read_text(), set(records(done))
    with script_server.serve() as served:
        served.default = Answer("ok")
        configuration.write_text(f'{before}[alerts]\nwebhook = "env:CHAT"\n')
        env = {"CHAT": f"{served.url}/chat"}
        ended = call("run", folder=done.path, env=env)
    configuration.write_text(before)

    (one,) = set(records(done)) - known
    assert (ended.returncode, one.command, one.exit_code) == (2, "run", 2)
    assert "SANDBOX_KEY is not set" in (one.error or "")
    assert "SANDBOX_KEY is not set" in served.bodies[0].decode()
    assert ended.stderr.count("SANDBOX_KEY") == 1
