"""The wheel works from any folder; the docs and the lock are true."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import production_lock

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked where no checkout is near."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        str(folder),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


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


def test_an_installation_has_its_lock() -> None:
    """All that is needed, as it was tested, and nothing for development."""
    lock = production_lock.PRODUCTION.read_text("utf-8")
    names = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))

    assert lock == production_lock.production_lock(), "run `make lock`"
    assert {"duckdb", "httpx", "idna", "polars", "tenacity"} <= names
    assert not {"pytest", "ruff", "hypothesis"} & names


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    decisions = (ROOT / "docs" / "decisions.md").read_text()

    for name in declared:
        assert re.split(r"[<>=]", name)[0] in decisions


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
        "check",
        "golden",
        "docs",
        "site",
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
