"""What a run writes is for its user, and for whom `[files]` names."""

import grp
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.files.access import Access, giving, python_of_one_user
from pipeline.report import folder as pages_folder
from tools.modes import OWN, modes
from worlds.closing import FEBRUARY, Company

ROOT = Path(__file__).parents[2]

OURS = grp.getgrgid(os.getegid()).gr_name

# Groups that every Debian has, in place of analysts and of a web server.
ANALYSTS, SERVER = "games", "www-data"

GROUPS = {one.gr_name for one in grp.getgrall()}

only_root = pytest.mark.skipif(
    os.geteuid() != 0
    or not shutil.which("setpriv")
    or not {ANALYSTS, SERVER, "nogroup"} <= GROUPS,
    reason="only root can be others, in groups that this machine has",
)


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
@only_root
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


def as_nobody_of(group: str, *command: str) -> subprocess.CompletedProcess[str]:
    """What a user of *group* and no other one is answered."""
    number = grp.getgrnam(group).gr_gid
    user = ["setpriv", "--reuid=65534", f"--regid={number}", "--clear-groups"]
    return subprocess.run(
        [*user, *command], capture_output=True, text=True, check=False, cwd="/"
    )


@pytest.fixture
def open_path(tmp_path: Path) -> Path:
    """A folder that every user can enter, as those of a machine."""
    for path in (tmp_path, *tmp_path.parents[:-2]):
        path.chmod(path.stat().st_mode | 0o055)
    return tmp_path


def publish(folder: Path, access: Access, page: bytes = b"page") -> None:
    """A run: a file of the lake, and a page where the link leads to."""
    with giving(access, folder / "data", [folder / "data" / "lake"]):
        (folder / "data" / "lake").mkdir(exist_ok=True)
        (folder / "data" / "lake" / "usage").write_text("usage")
        if not (folder / "data" / "reports").is_symlink():
            (folder / "data" / "reports").symlink_to(folder / "www")
        pages_folder.replace(folder / "data" / "reports", {"index.html": page}, access)


@only_root
@pytest.mark.parametrize("mode", [0o2750, 0o750, 0o755])
def test_analysts_read_the_data_and_the_server_its_pages(
    open_path: Path, mode: int
) -> None:
    (open_path / "www").mkdir()
    shutil.chown(open_path / "www", group=SERVER)
    (open_path / "www").chmod(mode)
    access = Access(0o640, ANALYSTS)
    page, usage = open_path / "www" / "index.html", open_path / "data" / "lake/usage"

    publish(open_path, Access())  # as of before
    publish(open_path, access)

    assert as_nobody_of(SERVER, "cat", str(page)).stdout == "page"
    assert as_nobody_of(ANALYSTS, "cat", str(usage)).stdout == "usage"
    for group, path in ((SERVER, usage), (ANALYSTS, page), ("nogroup", page)):
        assert "Permission denied" in as_nobody_of(group, "cat", str(path)).stderr
    assert page.stat().st_mode & 0o777 == 0o640
    assert stat.S_IMODE((open_path / "www").stat().st_mode) == mode


@only_root
def test_what_is_no_longer_set_is_taken_back(open_path: Path) -> None:
    (open_path / "www").mkdir()
    shutil.chown(open_path / "www", group=SERVER)
    (open_path / "www").chmod(0o2750)
    publish(open_path, Access(0o640, ANALYSTS))
    shutil.chown(open_path / "www", group=OURS)
    (open_path / "www").chmod(0o700)

    publish(open_path, Access(0o640))

    found = [open_path / "www" / "index.html", *(open_path / "data").rglob("*")]
    assert {path.stat().st_gid for path in found} == {os.getegid()}
    assert modes(open_path / "data" / "lake") == {"folder 0750", "file 0640"}
    publish(open_path, Access())
    assert modes(open_path / "data" / "lake") == OWN
    assert (open_path / "www" / "index.html").stat().st_mode & 0o777 == 0o600


@only_root
def test_root_takes_no_group_from_the_files_of_another_user(tmp_path: Path) -> None:
    publish(tmp_path, Access())
    usage = tmp_path / "data" / "lake" / "usage"
    os.chown(usage, 65534, grp.getgrnam(ANALYSTS).gr_gid)
    usage.parent.chmod(0o755)

    publish(tmp_path, Access())

    assert grp.getgrgid(usage.stat().st_gid).gr_name == ANALYSTS


@only_root
def test_a_page_that_cannot_be_given_says_what_to_do(open_path: Path) -> None:
    """The user is not in the group of the folder, and new files do not inherit it."""
    folder = open_path / "www"
    folder.mkdir()
    os.chown(folder, 65534, grp.getgrnam(SERVER).gr_gid)
    folder.chmod(0o750)
    (open_path / "reports").symlink_to(folder)
    script = (
        "from pathlib import Path\n"
        "from pipeline.report.folder import replace\n"
        f"replace(Path({str(open_path / 'reports')!r}), {{'index.html': b'page'}})"
    )
    python = [sys.executable, "-c", f"import sys; sys.path[:0] = [{str(ROOT)!r}]"]
    python[-1] += f"\n{script}"

    found = as_nobody_of("nogroup", *python)

    assert found.returncode == 0, found.stderr
    assert f"{folder}: pages cannot be given to its group {SERVER}" in found.stderr
    assert f"chmod g+s {folder}" in found.stderr


def test_a_python_of_one_user_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", "/usr")
    monkeypatch.setattr("sys.executable", "/usr/bin/env")
    assert python_of_one_user() is None

    (tmp_path / "hidden" / "bin").mkdir(parents=True, mode=0o755)
    (tmp_path / "hidden").chmod(0o700)
    (tmp_path / "hidden" / "bin" / "python").touch()
    (tmp_path / "python").symlink_to(tmp_path / "hidden" / "bin" / "python")
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    assert python_of_one_user() == tmp_path / "hidden" / "bin" / "python"

    monkeypatch.setattr("sys.executable", "/home/somebody/python/bin/python")
    assert python_of_one_user() == Path("/home/somebody/python/bin/python")
