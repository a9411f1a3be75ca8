"""A disk that is full ends a closing in a line, and leaves all that is closed."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from worlds.closing import FEBRUARY, MARCH, Company

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """January is closed, February is over."""
    company = Company(tmp_path_factory.mktemp("company"))
    company.start(MARCH)
    assert company.close("2026-01", str(FEBRUARY)).returncode == 0
    return company


# A file of so many bytes can be written: none, half of the log, half of the warehouse.
@pytest.mark.parametrize("size", [1_000, 60_000, 4_000_000])
def test_a_full_disk_closes_nothing_and_is_told_in_a_line(
    company: Company, size: int
) -> None:
    before = company.files()

    command = [sys.executable, "-m", "pipeline", "close", "2026-02", "--quiet"]
    result = subprocess.run(
        [*command, "--as-of", "2026-03-01"],
        cwd=company.path,
        env={**os.environ, **company.env, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert "File too large" in result.stderr
    assert "unexpected" not in result.stderr
    assert len(result.stderr.partition("error: ")[2].splitlines()) == 2
    assert company.files() == before


def test_with_space_again_the_month_is_closed(company: Company) -> None:
    result = company.close("2026-02", str(MARCH))

    assert (result.returncode, result.stderr) == (0, "")
