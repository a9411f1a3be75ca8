"""The commands as cron and a person call them: a process, its exit code, its words."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from pipeline.files.lock import locked
from pipeline.monitor import read
from pipeline.sandbox import SandboxServer
from tools.commands import AS_OF, KEY, Folder

pytestmark = pytest.mark.slow


FAST = "requests_per_minute = 600000"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, server: SandboxServer) -> Folder:
    """A folder in which a night went well."""
    folder = Folder(tmp_path_factory.mktemp("done"), server)
    folder.configure()
    assert folder.chargeback("run", "--as-of", AS_OF).returncode == 0
    return folder


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_night_ends_with_the_page_to_open(folder: Folder) -> None:
    result = folder.process("run", "--as-of", AS_OF)

    page = Path(result.stdout.strip())
    assert result.returncode == 0
    assert page == folder.path / "data" / "reports" / "index.html"
    assert page.is_file()
    assert (page.parent / "chargeback-2026-02.html").is_file() or "no prices" in (
        page.read_text()
    )


def test_the_stages_one_by_one_are_the_night(folder: Folder, done: Folder) -> None:
    for stage in ("extract", "build", "report"):
        assert folder.process(stage, "--as-of", AS_OF).returncode == 0

    page = "data/reports/index.html"
    assert (folder.path / page).read_bytes() == (done.path / page).read_bytes()


def test_log_lines_can_be_json(folder: Folder) -> None:
    result = folder.chargeback("extract", "--as-of", AS_OF, "--log-format", "json")

    lines = [json.loads(line) for line in result.stderr.splitlines()]
    assert {"time", "level", "logger", "message"} <= set(lines[0])


def test_a_good_first_night_says_nothing_if_it_is_quiet(folder: Folder) -> None:
    """What it warns of is in its record: a page and `status` show it."""
    result = folder.chargeback("run", "--as-of", AS_OF, "--quiet")

    (record,) = read(folder.path / "data" / "state" / "runs").runs
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert {one.name for one in record.warnings} == {
        "warn_days_are_missing",
        "warn_metered_and_listed_differ",
        "warn_third_party_runs_are_unknown",
    }


def test_a_night_that_fails_says_what_it_warned_of_too(folder: Folder) -> None:
    config = folder.path / "chargeback.toml"
    failing = '\n[checks]\nfail_on = ["warn_days_are_missing"]\n'
    config.write_text(config.read_text() + failing)

    result = folder.chargeback("run", "--as-of", AS_OF, "--quiet")

    assert (result.returncode, result.stdout) == (4, "")
    assert "warn_metered_and_listed_differ: " in result.stderr
    assert "check warn_days_are_missing failed" in result.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["run", "--config", "none.toml"], "none.toml: no such file"),
        (["run", "--as-of", "2099-01-01"], "is in the future"),
        (["run", "--as-of", AS_OF, "--since", "2026-04-01"], "is after"),
        (["run", "--as-of", "yesterday"], "Invalid value for '--as-of'"),
        (["run", "--tenant", "other"], "--tenant other: not configured; there is acme"),
        (["rune"], "No such command"),
        (["run", "--speed"], "No such option"),
        (["simulate", "2026-02"], "2026-02: nothing is included in this month"),
        (["simulate", "February"], "Invalid value for 'MONTH'"),
        (["query", "select nonsense"], "nonsense"),
        (["query", "create table marts.x as select 1"], "found create"),
        (["query", " -- nothing"], "query: expected one select, found 0 statements"),
        (["query", "select 1", "--timeout", "0"], "--timeout"),
        (["query", "select 1", "--max-rows", "none"], "--max-rows"),
        (["query", "from read_csv('/etc/passwd')"], "disabled"),
    ],
)
def test_wrong_usage_ends_in_2_and_names_what_is_wrong(
    done: Folder, args: list[str], message: str
) -> None:
    result = done.chargeback(*args)

    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_tenant_that_refuses_ends_in_3_and_leaves_the_pages(done: Folder) -> None:
    page = done.path / "data" / "reports" / "index.html"
    before = page.read_bytes()

    result = done.chargeback("run", "--as-of", AS_OF, key="wrong")

    assert result.returncode == 3
    assert "tenant acme: GET /api/v1/tenants/me" in result.stderr
    assert "401" in result.stderr
    assert len(result.stderr.splitlines()) == 2
    assert page.read_bytes() == before


def test_a_tenant_that_is_not_there_ends_in_3(folder: Folder) -> None:
    folder.configure(url="http://127.0.0.1:1")

    result = folder.chargeback("run", "--as-of", AS_OF)

    assert result.returncode == 3
    assert "refused" in result.stderr


def test_a_broken_lake_file_is_named(folder: Folder) -> None:
    folder.chargeback("extract", "--as-of", AS_OF)
    file = next((folder.path / "data").rglob("usage.parquet"))
    file.write_bytes(b"nonsense")

    result = folder.chargeback("build", "--as-of", AS_OF)

    assert result.returncode == 4
    assert str(file) in result.stderr
    assert "Traceback" not in result.stderr


def test_a_second_run_at_the_same_time_ends_in_5(folder: Folder) -> None:
    with locked(folder.path / "data"):
        result = folder.chargeback("run", "--as-of", AS_OF)

    assert result.returncode == 5
    assert "another run" in result.stderr


def test_a_night_delivers_unless_it_is_told_not_to(folder: Folder) -> None:
    """Without prices there is no statement, so that no server is asked."""
    mail = '[mail]\nhost = "h"\nfrom = "a@b"\nrecipients = ["c@d"]\n'
    config = folder.path / "chargeback.toml"
    config.write_text(config.read_text() + mail)

    delivered = folder.chargeback("run", "--as-of", AS_OF)
    held_back = folder.chargeback("run", "--as-of", AS_OF, "--no-deliver")

    assert (delivered.returncode, held_back.returncode) == (0, 0)
    assert "mail: 0 delivered" in delivered.stderr
    assert "mail:" not in held_back.stderr


@pytest.mark.parametrize("more", [[], ["--debug"], ["--log-format", "json"]])
def test_no_secret_is_printed_whatever_happens(folder: Folder, more: list[str]) -> None:
    folder.configure(url="http://127.0.0.1:1")

    result = folder.process("run", "--as-of", AS_OF, *more, key="canary-key")

    assert result.returncode == 3
    assert "canary-key" not in result.stdout + result.stderr


def test_a_trace_is_shown_only_when_asked_for(folder: Folder) -> None:
    folder.configure(url="http://127.0.0.1:1")

    assert "Traceback" in folder.chargeback("run", "--debug").stderr
    assert "Traceback" not in folder.chargeback("run").stderr


def test_a_missing_configuration_beside_real_history_is_refused(done: Folder) -> None:
    config = done.path / "chargeback.toml"
    text = config.read_text()
    config.unlink()

    result = done.chargeback("run", "--as-of", AS_OF)

    config.write_text(text)
    assert result.returncode == 2
    assert "data holds tenant acme" in result.stderr


def test_without_a_warehouse_a_query_says_what_to_do(folder: Folder) -> None:
    result = folder.chargeback("query", "select 1")

    assert result.returncode == 1
    assert "chargeback run" in result.stderr


QUESTION = (
    "select date '2026-02-01' as day, 2::hugeint ** 70 as bytes, 1.250::decimal(18, 3)"
    " as amount, '=1+1' as name, null as nothing"
)


def test_a_query_is_a_table_with_numbers_to_the_right(done: Folder) -> None:
    result = done.chargeback("query", "select 'x' as name, 12::bigint as runs")

    assert [line.split() for line in result.stdout.splitlines() if line.split()][
        -1
    ] == [
        "x",
        "12",
    ]


def test_a_query_as_csv_has_no_formula_in_it(done: Folder) -> None:
    result = done.chargeback("query", QUESTION, "--format", "csv")

    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert row["amount"] == "1.250"
    assert row["name"] == "'=1+1"
    assert row["nothing"] == ""


MOMENTS = [
    "select timestamptz '2026-02-01 01:00:00+01' as at;",
    "select [timestamptz '2026-02-01 01:00:00+01'] as at -- listed",
    "select now() as at, 1 as at, timestamptz '2026-02-01 01:00:00+01'",
]


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize("form", ["table", "csv", "json"])
@pytest.mark.parametrize("sql", MOMENTS)
def test_moments_are_shown_in_utc(done: Folder, sql: str, form: str) -> None:
    result = done.chargeback("query", sql, "--format", form)

    assert (result.returncode, result.stderr) == (0, "")
    assert "2026-02-01" in result.stdout
    assert "00:00:00" in result.stdout


@pytest.mark.parametrize("sql", MOMENTS)
def test_moments_are_utc_in_a_file(done: Folder, sql: str) -> None:
    env = {**os.environ, "SANDBOX_KEY": KEY, "TZ": "America/New_York"}
    command = [sys.executable, "-m", "pipeline", "query", sql, "--format", "parquet"]

    result = subprocess.run(
        command, cwd=done.path, env=env, capture_output=True, check=False
    )

    assert (result.returncode, result.stderr) == (0, b"")
    *_, moments = pl.read_parquet(io.BytesIO(result.stdout)).iter_columns()
    assert "2026-02-01 00:00:00" in str(moments.explode().to_list()[0])


def test_columns_of_one_name_are_all_there(done: Folder) -> None:
    sql = "select 1 as a, 2 as a, 3 as a_2"

    result = done.chargeback("query", sql, "--format", "json")

    assert json.loads(result.stdout) == [{"a": 1, "a_3": 2, "a_2": 3}]


def test_small_decimals_have_all_their_digits(done: Folder) -> None:
    sql = "select 0::decimal(18, 9) as nothing, 0.0000001::decimal(18, 9) as small"

    for form in ("csv", "table"):
        result = done.chargeback("query", sql, "--format", form)

        assert "0.000000000" in result.stdout
        assert "0.000000100" in result.stdout


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "| true", "2>&1 | head -c 1"])
def test_an_output_that_is_closed_is_no_failure(done: Folder, closed: str) -> None:
    sql = "select repeat('x', 200) as x from range(20000)"
    command = f'{sys.executable} -m pipeline query "{sql}" --format csv'
    env = {**os.environ, "SANDBOX_KEY": KEY}

    result = subprocess.run(
        ["/bin/bash", "-c", f"set -o pipefail; {command} {closed}"],
        check=False,
        cwd=done.path,
        env=env,
        capture_output=True,
    )

    assert (result.returncode, result.stderr) == (0, b"")


def test_names_of_columns_move_nothing_on_the_terminal(done: Folder) -> None:
    sql = 'select 1 as "a\x1b[2J\u202eb"'

    for wrong in (sql, f"{sql}, nonsense"):
        result = done.chargeback("query", wrong)

        assert "\x1b" not in result.stdout + result.stderr
        assert "\u202e" not in result.stdout + result.stderr


def test_a_query_as_json_keeps_every_digit(done: Folder) -> None:
    result = done.chargeback("query", QUESTION, "--format", "json")

    assert '"amount": 1.250' in result.stdout
    assert json.loads(result.stdout)[0]["nothing"] is None


def test_a_query_as_parquet_keeps_the_types(done: Folder) -> None:
    sql = "select sum(runs) as runs, sum(amount) as amount from usage_daily, charges"
    env = {**os.environ, "SANDBOX_KEY": KEY}
    command = [sys.executable, "-m", "pipeline", "query", sql, "--format", "parquet"]

    done_bytes = subprocess.run(
        command, cwd=done.path, env=env, capture_output=True, check=True
    ).stdout

    schema = pl.read_parquet(io.BytesIO(done_bytes)).schema
    assert schema == {"runs": pl.Decimal(38, 0), "amount": pl.Decimal(38, 3)}


def test_names_of_people_are_no_markup_on_the_terminal(done: Folder) -> None:
    result = done.chargeback("query", "select '[red]x[/red]' || chr(27) || '[2J' as n")

    assert "[red]x[/red]" in result.stdout
    assert "\x1b[2J" not in result.stdout


@pytest.mark.parametrize(
    "command",
    [
        "init",
        "doctor",
        "run",
        "extract",
        "build",
        "report",
        "simulate",
        "export",
        "query",
        "sandbox",
    ],
)
def test_every_command_has_help_and_the_common_options(command: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "pipeline", command, "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    for option in ("--config", "--quiet", "--log-format"):
        assert option in result.stdout


def test_init_then_doctor_then_a_night(
    tmp_path: Path, server: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a beginner does: a url in the file, a key in the environment."""
    folder = Folder(tmp_path, server)

    written = folder.chargeback("init")
    without_key = folder.chargeback("doctor")
    config = tmp_path / "chargeback.toml"
    url = "https://acme.eu.qlikcloud.com"
    text = config.read_text().replace(url, server.url)
    config.write_text(text.replace("#requests_per_minute = 450", FAST))
    monkeypatch.setenv("ACME_API_KEY", KEY)
    doctor = folder.chargeback("doctor")
    night = folder.chargeback("run", "--as-of", AS_OF)

    assert written.returncode == 0
    assert "written         chargeback.toml" in written.stdout
    assert without_key.returncode == 2
    assert "the variable ACME_API_KEY is not set" in without_key.stdout
    assert (doctor.returncode, night.returncode) == (0, 0)


def test_a_doctor_without_a_configuration_says_how_to_get_one(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "pipeline", "doctor"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 2
    assert "chargeback.toml: no such file" in result.stdout
    assert "chargeback init" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_doctor_says_a_line_each_and_the_mend(folder: Folder) -> None:
    result = folder.chargeback("doctor", key="wrong")

    lines = result.stdout.splitlines()
    assert result.returncode == 3
    assert all(line.startswith(("ok    ", "warn  ", "fail  ")) for line in lines)
    (failed,) = [line for line in lines if line.startswith("fail")]
    assert failed.startswith("fail  acme: credentials: ")
    assert failed.endswith("→ the key or client is wrong, expired or revoked")
    assert result.stderr == ""


def test_a_doctor_in_json_has_an_object_a_line(folder: Folder) -> None:
    result = folder.chargeback("doctor", "--log-format", "json")

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0
    assert {"state", "subject", "found", "remedy", "exit_code"} == set(lines[0])
    assert {line["state"] for line in lines} == {"ok", "warn"}


def test_a_quiet_doctor_says_only_what_to_mend(folder: Folder) -> None:
    result = folder.chargeback("doctor", "--quiet")

    (line,) = result.stdout.splitlines()
    assert result.returncode == 0
    assert line.startswith("warn  rate card: none is configured")


def test_a_doctor_on_a_terminal_wraps_within_its_columns(folder: Folder) -> None:
    """`script` gives it a pseudo-terminal of 80 columns."""
    command = f"stty cols 80; {sys.executable} -m pipeline doctor"
    result = subprocess.run(
        ["script", "-qec", command, "/dev/null"],  # noqa: S607
        cwd=folder.path,
        env={**os.environ, "SANDBOX_KEY": "wrong", "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    plain = re.sub(r"\x1b\[[\d;]*m", "", result.stdout)
    assert result.returncode == 3
    assert plain != result.stdout
    assert max(map(len, plain.splitlines())) <= 80
    assert re.search(r"^fail {2}acme: credentials {2,}tenant acme", plain, re.MULTILINE)


DEAD_TENANT = """
[[tenant]]
name = "dead"
url = "http://127.0.0.1:1"
api_key = "env:SANDBOX_KEY"
"""


def test_a_tenant_that_fails_does_not_stop_the_others(folder: Folder) -> None:
    """The pages are made, the coverage says what is missing, and so does the code."""
    config = folder.path / "chargeback.toml"
    config.write_text(config.read_text() + DEAD_TENANT)

    result = folder.chargeback("run", "--as-of", AS_OF)

    asked = (
        "select tenant, status, count(*) as days from coverage where source = 'usage'"
    )
    rows = folder.chargeback("query", f"{asked} group by all", "--format", "csv")
    assert result.returncode == 3
    assert "error: tenant dead: GET /api/v1/tenants/me" in result.stderr
    assert sorted(rows.stdout.splitlines()[1:]) == [
        "acme,complete,30",
        "acme,partial,1",
        "dead,missing,31",
    ]
    assert "dead" in (folder.path / "data" / "reports" / "index.html").read_text()


def test_one_tenant_can_be_chosen(folder: Folder) -> None:
    config = folder.path / "chargeback.toml"
    config.write_text(config.read_text() + DEAD_TENANT)

    result = folder.chargeback("extract", "--as-of", AS_OF, "--tenant", "acme")

    assert result.returncode == 0


def test_when_all_tenants_fail_the_earlier_pages_stand(done: Folder) -> None:
    page = done.path / "data" / "reports" / "index.html"
    before = page.read_bytes()
    config = done.path / "chargeback.toml"
    text = config.read_text()
    config.write_text(text + DEAD_TENANT)

    result = done.chargeback("run", "--as-of", AS_OF, key="wrong")

    config.write_text(text)
    assert result.returncode == 3
    assert "2 tenants could not be read whole: acme, dead" in result.stderr
    assert page.read_bytes() == before
