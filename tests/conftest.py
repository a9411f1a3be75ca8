"""What every test may use, and options of the test run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from pipeline import warehouse
from pipeline.warehouse import runner
from worlds.plain_builds import plain_replacing
from worlds.small_builds import small_builds

# Folders whose tests build small warehouses for what comes after them. How they are
# built is tried in others: build, models, nightly, warehouse.
_AFTER = {"cli", "closing", "export", "files", "finance", "mail", "report", "upkeep"}


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


@pytest.fixture
def few_tables(request: pytest.FixtureRequest) -> Iterator[None]:
    """Small builds, but for tests marked `whole`, which read pages or files too."""
    if request.node.get_closest_marker("whole"):
        yield
    else:
        with small_builds():
            yield


@pytest.fixture(scope="module", autouse=True)
def plain_builds(request: pytest.FixtureRequest) -> Iterator[None]:
    """Builds in this process are plain; grains, a query for each model, not proved."""
    folder = request.path.relative_to(Path(__file__).parent).parts[0]
    with pytest.MonkeyPatch.context() as patch:
        if folder in _AFTER:
            patch.setattr(warehouse, "replacing", plain_replacing)
            patch.setattr(runner, "prove_grain", lambda *_, **__: None)
        yield
