"""`chargeback status`: whether all is well, by what runs have left."""

import fcntl
import json
import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from pipeline.cli import clock
from pipeline.endpoints import USAGE
from pipeline.files import lock
from pipeline.lake import Lake
from pipeline.lake.coverage import DayCoverage
from pipeline.monitor import Gap, Listing, RunRecord, TenantRecord, WarningRecord
from tools.commands import call
from worlds.run_records import CONFIGURATION, NOW, record, under_way, written


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    (tmp_path / "chargeback.toml").write_text(CONFIGURATION)
    return tmp_path


def read_lake(data_dir: Path) -> None:
    """Leave a day of acme in the lake, as a run that read it."""
    read = {date(2026, 2, 1): DayCoverage("complete", NOW)}
    Lake(data_dir / "lake").cover(USAGE.table, "acme", read)


def status(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return call("status", *args, folder=folder, env={})


STATES = {
    "good": ([record(10)], "good", 0),
    "good, and a stage failed later": (
        [record(10), record(1, "build", exit_code=4)],
        "good",
        0,
    ),
    "tenant not read": (
        [record(10, exit_code=3, error="tenant acme: 401")],
        "error",
        3,
    ),
    "not delivered": ([record(10, exit_code=6)], "error", 6),
    "terminated": ([record(10, exit_code=143, error="terminated")], "error", 1),
    "too old": ([record(27)], "late", 1),
    "bad and old": ([record(27, exit_code=4)], "error", 4),
    "killed": ([record(30), under_way(8)], "died", 1),
    "never": ([], "never", 1),
    "stages one by one": ([record(3, "extract"), record(2, "deliver")], "good", 0),
    "a stage of them failed": ([record(2, "deliver", exit_code=6)], "error", 6),
    "only closed": ([record(2, "close")], "never", 1),
    "of a clock that was ahead": ([record(10, exit_code=3), record(-48)], "error", 3),
}


@pytest.mark.parametrize("case", STATES)
def test_the_exit_code_says_how_the_last_run_was(folder: Path, case: str) -> None:
    records, state, code = STATES[case]
    written(folder / "data", *records)

    found = status(folder, "--format", "json")

    answer = json.loads(found.stdout)
    assert (answer["status"], answer["exit_code"], found.returncode) == (
        *(state, code),
        code,
    )
    assert (found.stderr == "") == (code == 0)
    assert len(found.stderr.splitlines()) <= 2


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([record(10), under_way(0.1)], 0),
        ([record(10, exit_code=3), under_way(0.1)], 3),
        ([under_way(0.1)], 1),
        ([record(50), under_way(27)], 1),
    ],
)
def test_while_a_run_is_at_work_the_one_before_it_counts(
    folder: Path,
    records: list[RunRecord],
    code: int,
) -> None:
    written(folder / "data", *records)
    with lock.locked(folder / "data"):
        found = status(folder)
        with pytest.raises(BlockingIOError):  # it did not end with the question
            fcntl.flock(
                os.open(folder / "data" / ".lock", os.O_RDWR),
                fcntl.LOCK_EX | fcntl.LOCK_NB,
            )

    assert found.returncode == code
    assert "is at work since" in found.stdout + found.stderr


@pytest.mark.parametrize(
    ("age", "code"), [("11h", 0), ("9h", 1), ("1d", 0), ("599m", 1), ("601m", 0)]
)
def test_how_old_the_last_run_may_be_is_an_option(
    folder: Path, age: str, code: int
) -> None:
    written(folder / "data", record(10))

    assert status(folder, "--max-age", age).returncode == code


@pytest.mark.parametrize("age", ["", "26", "0h", "-1h", "1w", "99999999d", "2 d", "٣h"])
def test_an_age_that_is_none_is_wrong_usage(folder: Path, age: str) -> None:
    assert status(folder, "--max-age", age).returncode == 2


ACME = TenantRecord(
    "acme",
    requests=1234,
    sources=(Listing("usage", 1200, 1_234_567, 1, 0, 0, 1.5),),
    gaps=(Gap("runs", date(2026, 2, 3), date(2026, 2, 5)),),
    failure="tenant acme: no",
)
WARNED = WarningRecord("extract.extraction", 12, ("x" * 200,))


def test_a_table_is_for_a_terminal_of_80_columns(folder: Path) -> None:
    written(folder / "data", record(10, tenants=(ACME,), warnings=(WARNED,)))
    read_lake(folder / "data")

    lines = status(folder).stdout.splitlines()

    assert max(map(len, lines)) <= 80
    assert lines[0] == "good: 20260303T015900Z-00000a ended 10 h 0 min ago with exit 0"
    assert lines[3].split() == [
        *("2026-03-03", "01:59", "run", "1", "min", "0", "1,234", "1,234,567"),
        *("12", "3"),
    ]
    assert "  acme  runs  2026-02-03 to 2026-02-05  (3 days)" in lines
    assert "next month to close: 2026-02, it has ended" in lines


def test_an_error_is_said_once_and_a_warning_whole(folder: Path) -> None:
    last = record(1, exit_code=4, error="check x failed\nrows", warnings=(WARNED,))
    written(folder / "data", last)

    found = status(folder)

    assert found.stdout.splitlines()[0] == f"error: {last.id}"
    assert (found.stdout + found.stderr).count("check x failed") == 1
    assert found.stdout.count("x") >= 200


def test_a_file_that_is_no_record_is_named(folder: Path) -> None:
    written(folder / "data", record(10))
    (folder / "data" / "state" / "runs" / "cat.png").write_text("meow")

    found = status(folder)

    assert found.returncode == 0
    assert f"left out: {folder / 'data/state/runs/cat.png'}: not a run" in found.stdout


def test_what_is_damaged_elsewhere_is_no_matter(folder: Path) -> None:
    written(folder / "data", record(10))
    (folder / "data" / "warehouse.duckdb").write_text("none")
    (folder / "data" / "lake").write_text("none")
    (folder / "data" / "closed").mkdir()
    (folder / "data" / "closed" / "register").write_text("none")

    found = status(folder)

    assert found.returncode == 0
    assert "next month to close: not known: " in found.stdout


def test_quiet_is_silent_where_all_is_well_and_an_error_where_not(folder: Path) -> None:
    written(folder / "data", record(10))
    good = status(folder, "--quiet")
    written(folder / "data", record(1, exit_code=4, error="check x failed\nrows"))
    bad = status(folder, "--quiet")

    assert (good.stdout, good.stderr) == ("", "")
    assert bad.stdout == ""
    assert "ended with exit 4: check x failed" in bad.stderr


def test_nothing_is_written(folder: Path) -> None:
    status(folder)

    assert [path.name for path in folder.iterdir()] == ["chargeback.toml"]


def test_no_month_is_due_where_nothing_is_kept(folder: Path) -> None:
    """As after a change of data_dir: the first day alone says nothing."""
    found = status(folder)
    asked = json.loads(status(folder, "--format", "json").stdout)

    reason = f"nothing is kept in {folder / 'data'} yet"
    assert f"next month to close: not known: {reason}" in found.stdout
    assert (asked["next_month"], asked["next_month_unknown"]) == (None, reason)


def test_no_month_is_due_where_closed_months_were_lost(folder: Path) -> None:
    read_lake(folder / "data")
    written(folder / "data", record(10))
    head = '{"entries": 4, "head": "0123"}'
    (folder / "data" / "state" / "register.json").write_text(head)

    found = status(folder)

    assert "next month to close: not known: " in found.stdout
    assert "register: had 4 entries" in found.stdout
