"""The wheel works from any folder; the docs and the lock are true."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

import production_lock
from tools.containerfile import Step, stages

ROOT = Path(__file__).parents[1]


STAGES = stages(ROOT / "deploy" / "Containerfile")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the image is made of, built of what its first stage copies."""
    folder = tmp_path_factory.mktemp("wheel")
    for step in STAGES[0]:
        if step.instruction == "COPY":
            *names, target = step.words
            assert all((ROOT / name).exists() for name in names)
            for name in names:
                place = folder / "source" / target / ("" if target == name else name)
                _copy(ROOT / name, place)
        elif step.instruction == "RUN":
            words = [word.replace("/wheels", f"{folder}/wheels") for word in step.words]
            assert words[:2] == ["pip", "wheel"]
            offline = ["--no-build-isolation", "--no-index", "--quiet"]
            command = [sys.executable, "-m", *words[:2], *offline, *words[2:]]
            subprocess.run(command, cwd=folder / "source", check=True)
        else:
            assert step.instruction in {"FROM", "WORKDIR"}, step
    (wheel,) = (folder / "wheels").glob("*.whl")
    return wheel


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, target, ignore=unwanted)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


@pytest.fixture(scope="module")
def site(wheel: Path) -> Path:
    """The wheel, unpacked where no checkout is near."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(wheel.parent / "site")
    return wheel.parent / "site"


CLOSED = "http://127.0.0.1:9"  # nobody listens there


def _placed(word: str, places: dict[str, str]) -> str:
    """*word* with the folders of the image as folders of the test."""
    for name, place in places.items():
        word = re.sub(f"^(\\w+=)?{name}\\b", rf"\g<1>{place}", word)
    return word


def _added(words: Sequence[str], root: Path) -> str:
    """Add a user to the files of *root*, where only root may; its id."""
    options = [word.removeprefix(str(root)) for word in words]
    if os.geteuid() == 0:
        for name in ("passwd", "group", "shadow", "gshadow"):
            (root / "etc").mkdir(parents=True, exist_ok=True)
            (root / "etc" / name).touch()
        subprocess.run([options[0], "--prefix", root, *options[1:]], check=True)
        assert "chargeback:x:10001:" in (root / "etc/passwd").read_text()
    return options[options.index("--uid") + 1]


def _done_otherwise(step: Step, words: Sequence[str]) -> None:
    """Make a folder for the user, as only root can; what else has no part here."""
    if words[0] == "install":
        if os.geteuid() == 0:
            subprocess.run(words, check=True)
            assert Path(words[-1]).stat().st_uid == 10001
        return
    # Copied or installed otherwise, or of a container alone.
    known = {"FROM", "COPY", "USER", "VOLUME"}
    assert step.instruction in known or "--require-hashes" in words, step


@pytest.mark.slow
def test_the_image_starts_what_was_built(wheel: Path, tmp_path: Path) -> None:
    """Its second stage, step by step: in an environment in place of a root folder."""
    root, environment = tmp_path / "root", tmp_path / "environment"
    venv.create(environment)
    (packages,) = environment.glob("lib/python*/site-packages")
    # In place of what is installed by the lock, which needs a network.
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))
    places = {
        "/wheels": str(wheel.parent),
        "/var": f"{root}/var",
        "/etc": f"{root}/etc",
    }
    env = {"PATH": f"{environment}/bin:/usr/bin:/bin"}
    command: list[str] = []
    done = []
    for step in STAGES[1]:
        words = [_placed(word, places) for word in step.words]
        if step.instruction == "ENV":
            name, _, value = words[0].partition("=")
            env[name] = value
        elif step.instruction in {"ENTRYPOINT", "CMD"}:
            command += words
        elif step.instruction == "WORKDIR":
            Path(words[0]).mkdir(parents=True, exist_ok=True)
            folder = Path(words[0])
        elif words[:2] == ["pip", "install"] and "--no-deps" in words:
            pip = [sys.executable, "-m", "pip", "--python", str(environment), "install"]
            files = [str(one) for one in wheel.parent.glob(Path(words[-1]).name)]
            options = ["--quiet", "--no-index", *words[2:-1]]
            subprocess.run([*pip, *options, *files], check=True)
            done.append("wheel")
        elif words[0] == "useradd":
            done.append(_added(words, root))
        else:
            _done_otherwise(step, words)
    config = Path(env["CHARGEBACK_CONFIG"])
    program = environment / "bin" / command[0]
    for arguments in (["init", str(config.parent)], command[1:]):
        ended = subprocess.run(
            [program, *arguments],
            cwd=folder,
            env={**env, "ACME_API_KEY": "a key"},
            capture_output=True,
            text=True,
            check=False,
        )
        if arguments[0] == "init":
            text = config.read_text().replace("https://acme.eu.qlikcloud.com", CLOSED)
            text = text.replace("#retries = 6", "retries = 0")
            config.write_text(text.replace('"data"', f'"{folder}/data"', 1))

    assert sorted(done) == ["10001", "wheel"]
    assert ended.returncode == 3, ended.stderr
    assert "Connection refused" in ended.stderr
    assert len(ended.stderr.splitlines()) == 2
    assert {path.name for path in (folder / "data").iterdir()} >= {"state", ".lock"}


def test_a_wheel_finds_its_resources(site: Path, tmp_path: Path) -> None:
    script = "from pipeline.resources import resource as r; print(*map(r, {}))".format(
        "['sql', 'templates', 'seeds', 'examples']"
    )
    command = [sys.executable, "-S", "-c", script]

    result = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )

    found = [Path(name) for name in result.stdout.split()]
    assert [path.is_relative_to(site) for path in found] == [True] * 4
    assert list((found[0] / "models").glob("*/*.sql"))
    assert (found[1] / "base.html").is_file()
    assert (found[2] / "seed_meters.csv").is_file()
    assert (found[3] / "rates.csv").is_file()


def test_a_wheel_holds_every_file_of_the_source(site: Path) -> None:
    for source, packed in (
        ("pipeline", "pipeline"),
        ("sql", "pipeline/_resources/sql"),
        ("reports/templates", "pipeline/_resources/templates"),
        ("data/seeds", "pipeline/_resources/seeds"),
        ("data/examples", "pipeline/_resources/examples"),
    ):
        paths = (p for p in (ROOT / source).rglob("*") if p.is_file())
        names = {p.relative_to(ROOT / source) for p in paths if p.suffix != ".pyc"}

        assert names == {n for n in names if (site / packed / n).is_file()}


NAMES = [f"requirements{part}.lock" for part in ("", "-production", "-focus")]


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_has_hashes_and_no_address(name: str) -> None:
    lock = (ROOT / name).read_text()

    assert "://" not in lock
    assert "--index" not in lock
    requirements = re.findall(
        r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", lock, re.MULTILINE | re.DOTALL
    )
    assert all("==" in r and "--hash=sha256:" in r for r in requirements)


def test_the_lock_pins_every_dependency_that_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    locked = re.findall(
        r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE
    )

    assert {re.split(r"[<>=]", name)[0] for name in declared} <= set(locked)


def test_the_lock_of_spark_pins_the_extra_and_what_both_need_alike() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = {
        name: dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))
        for name in ("requirements.lock", "requirements-spark.lock")
        if (text := (ROOT / name).read_text())
    }
    every, spark = pinned.values()

    declared = project["optional-dependencies"]["spark"]
    assert {re.split(r"[<>=[]", name)[0] for name in declared} <= set(spark)
    assert {name: every[name] for name in spark if name in every} == {
        name: version for name, version in spark.items() if name in every
    }


def test_an_installation_has_its_lock() -> None:
    """All that is needed, as it was tested, and nothing for development."""
    lock = production_lock.PRODUCTION.read_text("utf-8")
    names = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))

    assert lock == production_lock.production_lock(), "run `make lock`"
    assert {"duckdb", "httpx", "idna", "polars", "tenacity"} <= names
    assert not {"pytest", "ruff", "hypothesis"} & names


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    declared = project["dependencies"] + extras["dev"] + extras["spark"]
    decisions = (ROOT / "docs" / "decisions.md").read_text()

    for name in declared:
        assert re.split(r"[<>=[]", name)[0] in decisions


def test_make_lists_its_targets() -> None:
    result = subprocess.run(
        ["make", "--no-print-directory"],  # noqa: S607
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if "MAKE" not in name},
        capture_output=True,
        text=True,
        check=True,
    )

    targets = [line.split()[0] for line in result.stdout.splitlines() if line.strip()]
    assert targets == [
        "help",
        "setup",
        "lint",
        "types",
        "test",
        "test-fast",
        "endurance",
        "faults",
        "year",
        "old-clients",
        "spark",
        "check",
        "bench",
        "golden",
        "words",
        "docs",
        "site",
        "export-check",
        "focus-check",
        "audit",
        "lock",
        "run",
        "clean",
    ]


def test_hooks_run_what_make_lint_and_make_types_run() -> None:
    makefile = (ROOT / "Makefile").read_text().replace("$(PYTHON)", ".venv/bin/python")
    recipes = re.findall(r"^(?:lint|types):.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()

    entries = re.findall(r"^ +entry: (.*)", hooks, re.MULTILINE)

    assert entries == [line.strip() for one in recipes for line in one.splitlines()]
    assert set(re.findall(r"repo: (.*)", hooks)) == {"local"}


def test_the_folders_of_tests_are_those_of_the_package() -> None:
    """Besides the cases of models, and what tests are made of."""
    package, tests = ROOT / "pipeline", ROOT / "tests"
    folders = {
        path.relative_to(tests).parts[0] for path in tests.glob("*/**/test_*.py")
    }
    others = {path.parent.name for path in tests.glob("*/*.py")} - folders

    assert {path.parent.name for path in package.glob("*/__init__.py")} <= folders
    assert folders <= {path.stem for path in package.iterdir()}
    assert others == {"servers", "tools", "worlds"}
