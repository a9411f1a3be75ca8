"""What a run writes is for its user, and for whom `[files]` names."""

import grp
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.files.access import Access, giving
from tools.modes import OWN, modes
from worlds.closing import FEBRUARY, Company

OURS = grp.getgrgid(os.getegid()).gr_name


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A lake, a warehouse, a closed month and pages, all as an earlier version left."""
    folder = tmp_path_factory.mktemp("company")
    company = Company(folder)
    company.start(FEBRUARY)
    before = os.umask(0o022)
    assert company.close("2026-01", str(FEBRUARY)).returncode == 0
    for path in (folder / "data", *(folder / "data").rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    yield company
    os.umask(before)


@pytest.mark.slow
def test_the_next_run_tightens_and_loosens_all_that_is_there(company: Company) -> None:
    data = company.path / "data"
    assert modes(data) == {"folder 0755", "file 0644"}

    assert company.chargeback("deliver").returncode == 0
    tight = modes(data)
    company.configure(f'[files]\nmode = "0640"\ngroup = "{OURS}"')
    assert company.chargeback("deliver").returncode == 0
    of_group = modes(data)
    company.configure()
    assert company.chargeback("deliver").returncode == 0

    assert tight == modes(data) == OWN
    assert of_group == {"folder 2750", "file 0640"}
    assert stat.S_IMODE((data / ".lock").stat().st_mode) == 0o600
    assert os.umask(0o022) == 0o022


@pytest.mark.slow
@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can be nobody"
)
def test_nobody_can_read_or_change_anything(company: Company) -> None:
    data = company.path / "data"
    assert company.chargeback("report", "--as-of", str(FEBRUARY)).returncode == 0
    for path in data.parents[:-2]:  # the folders that pytest made
        path.chmod(path.stat().st_mode | 0o055)
    script = (
        'cat $(find "$0" -type f) $1; ls -R $0; flock -ns $0/.lock echo held; >$0/new'
    )
    paths = " ".join(str(path) for path in data.rglob("*") if path.is_file())

    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    found = subprocess.run(
        [*nobody, "sh", "-c", script, str(data), *paths],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.stdout.strip() in {"", f"{data}:"}
    assert "Permission denied" in found.stderr


def test_new_files_and_folders_have_the_mode_and_the_group(tmp_path: Path) -> None:
    access = Access(0o640, OURS)

    with giving(access, tmp_path / "data", ()):
        (tmp_path / "data" / "a" / "b").mkdir(parents=True)
        (tmp_path / "data" / "a" / "b" / "c").write_text("1")

    assert modes(tmp_path / "data") == {"folder 2750", "file 0640"}


def test_what_is_not_of_a_run_is_left_alone(tmp_path: Path) -> None:
    """Files beside, what links lead to, and the folder of the configuration."""
    (tmp_path / "lake").mkdir()
    for name in ("chargeback.toml", "mine", "lake/usage", "elsewhere"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o664)
    (tmp_path / "lake" / "link").symlink_to(tmp_path / "elsewhere")
    tmp_path.chmod(0o755)

    with giving(Access(), tmp_path, [tmp_path / "lake"]):
        pass

    found = {p.name: p.stat().st_mode & 0o777 for p in (tmp_path, *tmp_path.rglob("*"))}
    assert found.pop(tmp_path.name) == 0o755
    assert found.pop("lake") == 0o700
    assert found.pop("usage") == 0o600
    assert set(found.values()) == {0o664}


def test_an_unknown_group_is_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match=r"files\.group: no-such-group: this"),
        giving(Access(group="no-such-group"), tmp_path, ()),
    ):
        pass
