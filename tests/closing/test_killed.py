"""A kill at any moment leaves a month open or closed, and a repeat completes it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from worlds.closing import FEBRUARY, Company

pytestmark = [
    pytest.mark.slow,
    pytest.mark.endurance,
    pytest.mark.usefixtures("few_tables"),
]

SCRIPT = Path(__file__).parents[1] / "tools" / "killed_at.py"
ROOT = SCRIPT.parents[2]

# What is done last before the kill, and who is closed then.
MOMENTS = {
    "a file is written": ("open", "statement", "1", []),
    "the page is written": ("open", "pages/", "1", []),
    "the manifest is written": ("open", "manifest.json", "2", []),
    "the register is written": ("open", ".register", "1", []),
    "before it is the register": ("os.rename", ".register", "1", []),
    "before the first rename": ("os.rename", "month=", "1", []),
    "between the renames": ("os.rename", "month=", "2", ["acme"]),
    "before what it is made of is kept": ("os.rename", ".closing.duckdb", "1", []),
    "before the warehouse": ("os.rename", ".closing.duckdb", "2", []),
    "before the head is noted": ("open", ".register.json", "1", ["acme", "beta"]),
    "before it is shown": ("os.rename", ".closing.duckdb", "3", ["acme", "beta"]),
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Company:
    company = Company(tmp_path_factory.mktemp("ended"), ("acme", "beta"))
    company.start(FEBRUARY)
    return company


@pytest.fixture
def company(tmp_path: Path, ended: Company) -> Iterator[Company]:
    company = Company(tmp_path / "company", ended.tenants)
    copytree(ended.path, company.path)
    yield company
    rmtree(company.path)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_leaves_no_half_closed_month(company: Company, moment: str) -> None:
    event, word, number, closed = MOMENTS[moment]
    args = ["close", "2026-01", "--as-of", "2026-02-01", "--quiet"]

    killed = subprocess.run(
        [sys.executable, str(SCRIPT), event, word, number, *args],
        cwd=company.path,
        env={
            **os.environ,
            **company.env,
            "PYTHONPATH": str(ROOT),
            "SMALL_BUILDS": "yes",
        },
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL, "the moment never came"
    names = [t for t in company.tenants if company.folder("2026-01", t).exists()]
    assert names == closed
    assert company.close("2026-01", "2026-02-01").returncode == 0
    assert company.ask("select tenant from closed_months order by tenant") == [
        ("acme",),
        ("beta",),
    ]
    beside = {path.name for path in (company.path / "data").iterdir()}
    assert beside == {"lake", "closed", "state", "warehouse.duckdb", ".lock"}
    for tenant in company.tenants:
        folder = company.folder("2026-01", tenant).parent
        assert [path.name for path in folder.iterdir()] == ["month=2026-01"]
