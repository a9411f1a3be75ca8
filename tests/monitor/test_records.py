"""Run records: written whatever the end is, and read whatever is among them."""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from pipeline.monitor import Message, Recorder, RunRecord, current, read
from pipeline.monitor.records import FORMAT, encode

NOW = datetime(2026, 3, 3, 2, tzinfo=UTC)


def record(number: int = 0, **values: object) -> RunRecord:
    run_id = f"20260303T02{number:04d}Z-00000a"
    begun = RunRecord(FORMAT, run_id, "1.0", "run", date(2026, 3, 3), NOW)
    return msgspec.structs.replace(begun, **values)


def written(folder: Path, one: RunRecord) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{one.id}.json"
    path.write_bytes(encode(one))
    return path


def test_a_record_says_that_its_run_is_under_way_until_it_ends(tmp_path: Path) -> None:
    one = Recorder(record())
    one.begin(tmp_path / "runs")
    begun = read(tmp_path / "runs").runs
    with one.stage("extract"):
        pass
    one.tenant("acme", 7, "GET /x: 500\nfor ada@example.com")
    for _ in range(2):
        one.warn("warn_days_are_missing", "line\nof ada@example.com\n3\n4")
    one.message(Message("mail", date(2026, 2, 1), None, is_final=False))
    one.end(one.ended(3, "tenant acme: GET /x: 500"))

    (ended,) = read(tmp_path / "runs").runs
    assert (begun[0].state, begun[0].exit_code) == ("running", None)
    assert (ended.state, ended.exit_code, ended.is_good) == ("ended", 3, False)
    assert [(one.name, one.outcome) for one in ended.stages] == [("extract", "ok")]
    assert ended.failed_tenants == ("acme",)
    assert ended.warnings[0].count == 2
    assert ended.warnings[0].lines == ("line", "of (an address)", "3")
    assert "@" not in encode(ended).decode()


def test_a_record_that_cannot_be_written_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "runs").write_text("a file")
    one = Recorder(record())

    one.begin(tmp_path / "runs")
    one.end(one.ended(0))

    assert "the run record cannot be written" in caplog.text


def test_what_is_noted_outside_of_a_run_is_lost() -> None:
    current().tenant("acme", 1, None)

    assert current().failures == {}


def newer(path: Path) -> None:
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "format": FORMAT + 1, "version": "9.0"}))


def foreign(path: Path) -> None:
    path.rename(path.with_name("notes.json"))


def copied(path: Path) -> None:
    path.rename(path.with_name("20260303T029999Z-00000b.json"))


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def nested(path: Path) -> None:
    path.write_text("[" * 100_000)


def retyped(path: Path) -> None:
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "stages": 3}))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def flipped(path: Path) -> None:
    path.write_bytes(b"\xff" + path.read_bytes()[1:])


def linked(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


@pytest.mark.parametrize(
    "change",
    [newer, foreign, copied, piped, nested, retyped, cut, emptied, flipped, linked],
)
def test_a_file_that_is_no_record_is_named_and_the_others_are_read(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    written(tmp_path, record(1))
    change(written(tmp_path, record(2)))
    written(tmp_path, record(3))

    found = read(tmp_path)

    assert list(found.runs) == [record(1), record(3)]
    assert len(found.skipped) == 1
    assert str(tmp_path) in found.skipped[0]
    assert ("9.0" in found.skipped[0]) == (change is newer)


def test_keys_of_a_later_version_of_the_same_format_are_ignored(tmp_path: Path) -> None:
    path = written(tmp_path, record())
    path.write_text(json.dumps({**json.loads(path.read_text()), "colour": "red"}))

    assert len(read(tmp_path).runs) == 1


def test_the_newest_are_read_only_where_that_is_enough(tmp_path: Path) -> None:
    for number in range(4):
        written(tmp_path, record(number))

    assert [one.id for one in read(tmp_path, 2).runs] == [
        record(number).id for number in (2, 3)
    ]


def test_a_partial_of_a_run_that_was_killed_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".20260302T020000Z-00000c.json.partial").write_text("{")

    Recorder(record()).begin(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [f"{record().id}.json"]
