"""What another user left in the data folder is named, with the way to take it back."""

import os
from pathlib import Path

import pytest

from pipeline.cli.outcome import Outcome
from pipeline.errors import ConfigError, PipelineError
from pipeline.files import owners
from pipeline.files.access import Access, giving
from tools.commands import call
from worlds.run_records import CONFIGURATION

NOBODY = 65534

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give away")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder of the user nobody, with a file that is ours."""
    (tmp_path / "data" / "state").mkdir(parents=True)
    (tmp_path / "data" / "state" / "format.json").write_text('{"format": 1}')
    (tmp_path / "data" / "reports").symlink_to(tmp_path)
    return tmp_path / "data"


@only_root
def test_root_writes_nothing_into_the_folder_of_another_user(data: Path) -> None:
    (data.parent / "chargeback.toml").write_text(CONFIGURATION)
    os.chown(data, NOBODY, NOBODY)

    result = call("report", folder=data.parent, env={})
    looked = call("status", folder=data.parent, env={})

    user = owners.name_of(NOBODY)
    assert result.returncode == 2
    assert f"{data}: belongs to {user}, who could not replace" in result.stderr
    assert f"sudo -u {user} chargeback" in result.stderr
    assert not (data / ".lock").exists()
    assert "no run has been recorded" in looked.stderr


def test_ones_own_folder_and_one_that_is_not_there_are_written_to(data: Path) -> None:
    for folder in (data, data.parent / "new"):
        with giving(Access(), folder, ()):
            assert folder.is_dir()


def test_a_file_that_is_denied_says_whose_it_is(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever says so: the system, or an error of ours or of DuckDB's about it."""
    ours = owners.name_of(os.geteuid())
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    denied = PermissionError(13, "Permission denied", f"{data}/lake")
    said = PipelineError(f"{data}/lake: cannot be read: Permission denied\ngive it")

    outcome = Outcome(data_dir=data)
    chown = f"sudo chown -R {owners.name_of(NOBODY)}: {data}"
    for exc in (denied, said):
        first, remedy = outcome.line_of(exc).split("\n")
        assert first.startswith(f"{data}/lake: ")
        assert remedy == f"{data} belongs to {ours}: {chown}"
    assert "chown" not in outcome.line_of(ConfigError("no: wrong\ncorrect it"))


@only_root
def test_each_entry_of_another_user_is_found_and_no_link(data: Path) -> None:
    path = data / "state" / "format.json"
    os.chown(path, NOBODY, NOBODY)
    os.chown(data / "reports", NOBODY, NOBODY, follow_symlinks=False)

    assert list(owners.others(data)) == [(path, NOBODY)]
