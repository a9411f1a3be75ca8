"""What every test may use, and options of the test run."""

import os
from collections.abc import Iterator

import pytest
import stamina


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="Accept the pages as they render now; then read the diff.",
    )


def pytest_configure() -> None:
    """Give each worker a core of its own: threads of two would wait for each other."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker[2:]) % len(cores)]})


@pytest.fixture
def fast_retries() -> Iterator[None]:
    """At most three attempts, without a wait between them."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield
