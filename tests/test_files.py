"""A file is the old one or the new one, and a folder belongs to one run."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import LockError
from pipeline.files import locked, replacing


def test_a_file_is_replaced_at_the_end_of_the_block(tmp_path: Path) -> None:
    path = tmp_path / "new" / "figures"

    with replacing(path) as partial:
        partial.write_text("1")
        before = path.exists()

    assert not before
    assert path.read_text() == "1"
    assert list(path.parent.iterdir()) == [path]


def test_the_old_file_stands_when_the_block_fails(tmp_path: Path) -> None:
    path = tmp_path / "figures"
    path.write_text("old")

    with pytest.raises(IsADirectoryError), replacing(path) as partial:
        (partial.write_text("half"), tmp_path.write_text("no file"))

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_run_left_is_no_part_of_the_next(tmp_path: Path) -> None:
    path = tmp_path / "figures"
    with replacing(path) as partial:
        name = partial
        partial.write_text("1")
    name.write_text("left by a kill")

    with replacing(path) as partial:
        assert not partial.exists()
        partial.write_text("2")

    assert path.read_text() == "2"


def test_a_partial_file_is_outside_of_every_glob_for_parquet(tmp_path: Path) -> None:
    with replacing(tmp_path / "usage.parquet") as partial:
        partial.write_text("x")

        assert list(tmp_path.rglob("*.parquet")) == []


def test_a_second_run_is_told_of_the_first(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from pipeline.files import locked\n"
        "from pipeline.errors import LockError\n"
        "try:\n with locked(Path(sys.argv[1])): print('mine')\n"
        "except LockError as exc: print(exc)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]

    with locked(tmp_path):
        during = subprocess.run(command, capture_output=True, text=True, check=True)
    after = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "another run" in during.stdout
    assert after.stdout == "mine\n"


def test_a_lock_in_the_same_process_is_held_too(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(LockError), locked(tmp_path):
        pass
