"""What `deploy/` holds is what systemd, cron, an image and a CI server take."""

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pipeline.cli.commands import cli
from pipeline.config import load
from pipeline.config.schema import schema
from pipeline.errors import ConfigError
from pipeline.files import format as data_format
from tools.commands import call
from worlds.closing import Company
from worlds.small_builds import small_builds

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PROGRAM = "/opt/chargeback/bin/chargeback"
TODAY = "2026-02-15"

ANALYZE = shutil.which("systemd-analyze") or ""
BASH = shutil.which("bash") or ""

SHELLCHECK = shutil.which("shellcheck") or ""

needs_systemd = pytest.mark.skipif(not ANALYZE, reason="needs systemd-analyze")


def commands() -> list[list[str]]:
    """What each of the files calls."""
    texts = [path.read_text() for path in sorted(DEPLOY.iterdir())]
    found = re.findall(rf"{PROGRAM} ([^\n]*)", "\n".join(texts))
    return [one.split() for one in found]


def test_each_command_is_one() -> None:
    assert len(commands()) == 5
    for name, *options in commands():
        command = cli.commands[name]
        command.make_context("chargeback", [*options], resilient_parsing=False)


def verify_units(folder: Path, **drop_ins: str) -> subprocess.CompletedProcess[str]:
    """What systemd says of the units, and of *drop_ins* to the service."""
    for path in DEPLOY.glob("chargeback.*"):
        text = path.read_text().replace(PROGRAM, sys.executable)
        (folder / path.name).write_text(text)
    units = sorted(map(str, folder.iterdir()))
    for name, text in drop_ins.items():
        place = folder / "chargeback.service.d" / f"{name}.conf"
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    return subprocess.run(
        [ANALYZE, "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )


@needs_systemd
def test_drop_ins_of_the_docs_are_right(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "deploy.md").read_text()
    shown = re.findall(
        r"^```ini\n# \S+/(\w+)\.conf\n(.*?)^```", text, re.DOTALL | re.MULTILINE
    )

    verified = verify_units(tmp_path, **dict(shown))
    wrong = verify_units(tmp_path, wrong="[Service]\nReadWritePath=/srv\n")

    assert {name for name, _ in shown} == {"paths", "group"}
    assert (verified.returncode, verified.stderr) == (0, "")
    assert "ReadWritePath" in wrong.stderr


@needs_systemd
def test_the_units_are_right_and_hardened(tmp_path: Path) -> None:
    verified = verify_units(tmp_path)
    hardened = subprocess.run(
        [
            *(ANALYZE, "security", "--offline=true", "--threshold=20"),
            str(tmp_path / "chargeback.service"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (verified.returncode, verified.stderr) == (0, "")
    assert hardened.returncode == 0, hardened.stdout


def scripts() -> dict[str, str]:
    """The shell scripts of the repository, and the commands that the docs show."""
    skipped = {".venv", ".venv-focus", ".venv-bench", ".old-clients", ".git"}
    skipped |= {"data", "dist", "build"}
    tops = [path for path in ROOT.iterdir() if path.name not in skipped]
    below = [path for top in tops if top.is_dir() for path in top.rglob("*")]
    found = {}
    for path in sorted(path for path in (*tops, *below) if path.is_file()):
        place = path.relative_to(ROOT)
        with path.open("rb") as file:
            begins = file.read(64).split(b"\n", 1)[0]
        if re.match(rb"#!.*\b(ba|da)?sh\b", begins):
            found[str(place)] = path.read_text("utf-8")
        elif path.suffix == ".md":
            blocks = re.findall(
                r"^```bash\n(.*?)^```",
                path.read_text("utf-8"),
                re.DOTALL | re.MULTILINE,
            )
            if blocks:
                found[str(place)] = "#!/bin/bash -e\n" + "\n".join(blocks)
    return found


@pytest.mark.skipif(not SHELLCHECK, reason="needs shellcheck")
def test_shell_scripts_and_commands_of_the_docs_are_right(tmp_path: Path) -> None:
    found = scripts()
    for name, text in found.items():
        (tmp_path / name.replace("/", "_")).write_text(text)

    checked = subprocess.run(
        [SHELLCHECK, "--severity=style", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ".ci/run" in found
    assert "docs/deploy.md" in found
    assert checked.stdout == ""


def test_cron_runs_it_every_night() -> None:
    lines = [
        line
        for line in (DEPLOY / "crontab").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    *variables, job, morning = lines
    daily = rf"\d+ \d+ \* \* \* chargeback {PROGRAM}"

    assert all(re.fullmatch(r"[A-Z_]+=\S+", one) for one in variables)
    assert re.fullmatch(f"{daily} run --quiet", job)
    assert re.fullmatch(f"{daily} alerts --quiet", morning)


def test_the_image_copies_what_is_there_and_pins_all() -> None:
    text = (DEPLOY / "Containerfile").read_text()

    for line in re.findall(r"^COPY (?!--from)(.*)$", text, flags=re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name
    assert "--require-hashes" in text
    assert re.search(r"^USER \d+$", text, flags=re.MULTILINE)


def test_a_workflow_asks_for_no_right() -> None:
    text = (DEPLOY / "nightly.yml").read_text()

    assert "permissions: {}" in text
    assert "self-hosted" in text


def test_init_of_a_machine_goes_where_things_are(tmp_path: Path) -> None:
    said = call("init", "--system", str(tmp_path), folder=tmp_path, env={})

    assert said.returncode == 0, said.stderr
    config = tmp_path / "etc/chargeback/chargeback.toml"
    assert load(config, None).data_dir == Path("/var/lib/chargeback")
    assert (tmp_path / "var/lib/chargeback").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "var/www/chargeback").stat().st_mode & 0o777 == 0o750
    link = tmp_path / "var/lib/chargeback/reports"
    assert str(link.readlink()) == "/var/www/chargeback"
    before = config.read_bytes()
    again = call("init", "--system", str(tmp_path), folder=tmp_path, env={})
    assert again.stdout.count("left as it was") == 11
    assert config.read_bytes() == before


@pytest.mark.parametrize(
    ("data_dir", "said"),
    [
        ("data", "line 1: data_dir: 'data' is relative"),
        ("./x/../data", "line 1: data_dir: './x/../data' is relative"),
        ("../../var/x", ""),
        ("/etc/x", ""),
    ],
)
def test_data_does_not_get_under_etc_by_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_dir: str, said: str
) -> None:
    monkeypatch.setattr("pipeline.config._SETTINGS", str(tmp_path / "etc"))
    config = tmp_path / "etc" / "chargeback" / "chargeback.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        f'data_dir = "{data_dir}"\n[[tenant]]\nname = "a"\n'
        'url = "https://a.example"\napi_key = "env:X"\n'
    )

    if not said:
        assert load(config, None)
        return
    with pytest.raises(ConfigError, match=re.escape(said)):
        load(config, None)


def test_a_shell_completes_commands() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline"],
        env={
            **os.environ,
            "_CHARGEBACK_COMPLETE": "bash_complete",
            "COMP_WORDS": "chargeback ver",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.split() == ["plain,verify"]


def test_the_schema_is_printed_and_takes_numbers(tmp_path: Path) -> None:
    done = call("schema", folder=tmp_path, env={})

    assert done.stdout == schema().decode()
    assert '"format": "decimal"' in done.stdout
    assert '"type": "number"' in done.stdout


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    company = Company(tmp_path_factory.mktemp("company"))
    company.start(date(2026, 2, 15))
    with small_builds():
        assert company.close("2026-01", TODAY).returncode == 0
    return company


def test_an_older_folder_is_raised_and_a_newer_one_refused(company: Company) -> None:
    note = company.path / "data" / data_format.FILE
    note.unlink()
    with small_builds():
        company.build(TODAY)
    assert note.read_text() == '{"format":1}\n'

    for content in ('{"format": 2}', "{}"):
        note.write_text(content)
        for command in (["build", "--as-of", TODAY], ["verify"], ["query", "select 1"]):
            done = company.chargeback(*command)
            assert done.returncode == 2
            assert str(data_format.FILE) in done.stderr
    note.write_text('{"format": 1}')


def replayed(
    block: str, company: Company, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Lines of the docs, done; what builds and makes pages is left out."""
    program = company.path / "bin" / "chargeback"
    program.parent.mkdir(exist_ok=True)
    program.write_text(
        f'#!/bin/sh\n[ "$1" = build ] || [ "$1" = report ] ||'
        f' exec {sys.executable} -m pipeline "$@"\n'
    )
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [BASH, "-euc", block],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_backup_is_made_and_restored(company: Company) -> None:
    """By the lines of docs/deploy.md, for a folder that holds its configuration."""
    text = (ROOT / "docs" / "deploy.md").read_text()
    (block,) = re.findall(r"```bash\n(mkdir -p restored .*?)```", text, re.DOTALL)

    done = replayed(block, company, company.path)

    assert done.returncode == 0, done.stderr
    assert "closed months: 1" in done.stdout
    assert (company.path / "backup.tar.gz").stat().st_mode & 0o777 == 0o600
    restored = Company(company.path / "restored")
    asked = "from statement order by all"
    assert restored.ask(asked) == company.ask(asked)
    with small_builds():
        restored.build(TODAY)
    assert restored.ask(asked) == company.ask(asked)


def test_a_machine_is_backed_up_and_restored(company: Company, tmp_path: Path) -> None:
    """By the lines of docs/deploy.md, below a folder and as this user."""
    text = (ROOT / "docs" / "deploy.md").read_text()
    section = text[text.index("## Back up and restore") :]
    backup, restore = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)[:2]
    config = tmp_path / "etc/chargeback/chargeback.toml"
    data = tmp_path / "var/lib/chargeback"
    shutil.copytree(company.path / "data", data)
    config.parent.mkdir(parents=True)
    for path in (company.path / "chargeback.toml", *company.path.glob("*.csv")):
        shutil.copy(path, config.parent)
    config.write_text(f'data_dir = "{data}"\n{config.read_text()}')
    (config.parent / "acme-api-key").write_text("key")

    def here(block: str) -> str:
        block = re.sub(r"(?<![\w.*])/(?=var/|etc/|\s)", f"{tmp_path}/", block)
        block = block.replace("runuser -u chargeback -- ", "")
        return block.replace("-o chargeback -g chargeback ", "")

    made = replayed(here(backup), company, tmp_path)
    assert made.returncode == 0, made.stderr
    (archive,) = (tmp_path / "var/backups/chargeback").iterdir()
    assert archive.stat().st_mode & 0o777 == 0o600
    assert archive.parent.stat().st_mode & 0o777 == 0o700
    for path in (data, config.parent):
        shutil.rmtree(path)
    export = f"export CHARGEBACK_CONFIG={config}\n"
    done = replayed(export + here(restore), company, tmp_path)

    assert done.returncode == 0, done.stderr
    assert "closed months: 1" in done.stdout
    assert (config.parent / "acme-api-key").read_text() == "key"
