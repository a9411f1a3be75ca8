"""A file is the old one or the new one, and a folder belongs to one run."""

import errno
import fcntl
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipeline import files
from pipeline.errors import LockError, PipelineError
from pipeline.files import disk, replacing
from pipeline.files.lock import locked


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


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, bool]]:
    """What was synced, and whether the file `figures` had its name by then."""
    found: list[tuple[Path, bool]] = []
    fsync = os.fsync

    def record(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        found.append((path, any(path.glob("figures"))))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    return found


def test_a_file_is_on_the_disk_before_its_name_and_both_at_the_end(
    tmp_path: Path, synced: list[tuple[Path, bool]]
) -> None:
    with replacing(tmp_path / "figures") as partial:
        partial.write_text("1")

    assert synced == [(partial, False), (tmp_path, True)]


def test_each_new_folder_is_on_the_disk_in_the_one_above(
    tmp_path: Path, synced: list[tuple[Path, bool]]
) -> None:
    files.make_folder(tmp_path / "a" / "b" / "c")
    files.make_folder(tmp_path / "a" / "b")

    found = [path for path, _ in synced]
    assert found == [tmp_path, tmp_path / "a", tmp_path / "a" / "b"]


def test_a_move_is_on_the_disk_in_both_folders(
    tmp_path: Path, synced: list[tuple[Path, bool]]
) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    (tmp_path / "old/figures").write_text("1")

    files.move(tmp_path / "old/figures", tmp_path / "new/figures")

    assert synced == [(tmp_path / "new", True), (tmp_path / "old", False)]


def test_a_content_is_on_the_disk_before_its_name_and_both_at_the_end(
    tmp_path: Path, synced: list[tuple[Path, bool]]
) -> None:
    path = tmp_path / "new" / "figures"
    (tmp_path / "new").mkdir()
    partial = path.with_name(".figures.partial")
    partial.write_text("left by a kill")

    for text in (b"1", b"2"):
        files.replace(path, text)

    assert synced == [(partial, False), (path.parent, True)] * 2
    assert path.read_bytes() == b"2"
    assert list(path.parent.iterdir()) == [path]


def failing(number: int, of: Callable[[int], bool]) -> Callable[[int], None]:
    def fsync(descriptor: int) -> None:
        if of(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))

    return fsync


def test_a_folder_that_cannot_be_synced_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on CIFS."""
    monkeypatch.setattr(os, "fsync", failing(errno.EINVAL, stat.S_ISDIR))

    with replacing(tmp_path / "new" / "figures") as partial:
        partial.write_text("1")

    assert (tmp_path / "new" / "figures").read_text() == "1"


@pytest.mark.parametrize(
    ("number", "of"), [(errno.EINVAL, stat.S_ISREG), (errno.EIO, stat.S_ISDIR)]
)
def test_what_a_sync_says_of_a_file_or_a_broken_disk_counts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    of: Callable[[int], bool],
) -> None:
    monkeypatch.setattr(os, "fsync", failing(number, of))

    expected = pytest.raises(OSError, match=str(tmp_path))
    with expected as failed, replacing(tmp_path / "figures") as partial:
        partial.write_text("1")
    with expected as again:
        files.replace(tmp_path / "figures", b"1")

    assert failed.value.errno == again.value.errno == number
    assert not (tmp_path / ".figures.partial").exists()


def test_what_duckdb_cannot_sync_is_a_broken_disk() -> None:
    exc = duckdb.FatalException("FATAL Error: fsync failed!")

    assert "the disk failed" in (disk.remedy(exc) or "")


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "mount the disk"),
        (errno.EIO, "dmesg"),
        (errno.ENOLCK, "local disk"),
        (errno.EXDEV, "what was saved before is as it was"),
    ],
)
def test_a_disk_error_names_the_file_the_cause_and_what_to_do(
    number: int, remedy: str
) -> None:
    first, second = disk.described(OSError(number, os.strerror(number), "f")).split(
        "\n"
    )

    assert first == f"f: {os.strerror(number)}"
    assert remedy in second


def test_what_duckdb_says_of_a_disk_is_understood_and_nothing_else() -> None:
    full = duckdb.IOException('Could not write file "w": No space left on device')
    wrapped = PipelineError("stg_usage.sql: failed")
    wrapped.__cause__ = full

    assert "disk is full" in (disk.remedy(wrapped) or "")
    assert disk.remedy(duckdb.IOException("No magic bytes found")) is None


def test_a_second_run_is_told_of_the_first(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from pipeline.files.lock import locked\n"
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


def test_a_lock_is_its_owners_alone_and_is_not_emptied(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    lock.write_text("of an earlier version")
    lock.chmod(0o666)

    with locked(tmp_path):
        pass

    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    assert lock.read_text() == "of an earlier version"


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "another's"])
def test_a_lock_that_others_could_hold_is_refused(tmp_path: Path, kind: str) -> None:
    lock, other = tmp_path / ".lock", tmp_path / "other"
    other.write_text("kept")
    match kind:
        case "link":
            lock.symlink_to(other)
        case "folder":
            lock.mkdir()
        case "pipe":
            os.mkfifo(lock)
        case _ if os.geteuid() == 0:
            lock.write_text("")
            os.chown(lock, 65534, 65534)
        case _:
            pytest.skip("only root can give a file away")

    with (
        pytest.raises(PipelineError, match=r"\.lock: .*\n.*remove it"),
        locked(tmp_path),
    ):
        pass

    assert other.read_text() == "kept"


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_disk_without_locks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def flock(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)

    with (
        pytest.raises(PipelineError, match=r"\.lock: .*\n.*local disk"),
        locked(tmp_path),
    ):
        pass
