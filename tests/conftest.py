"""What every test may use, and options of the test run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
import stamina

from pipeline import warehouse
from pipeline.warehouse import runner

# Folders whose tests build small warehouses for what comes after them. How they are
# built is tried in others: build, nightly, models, warehouse.
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


@pytest.fixture(scope="module", autouse=True)
def unoptimized(request: pytest.FixtureRequest) -> Iterator[None]:
    """Builds in this process whose queries run as written: of tables this small, to
    plan a query takes longer than to answer it, or to compress a column than to write
    it, and one thread is enough. Grains are not proved, which is a query for each
    model.
    """
    replacing = warehouse.replacing

    @contextmanager
    def plain(path: Path, *_: object) -> Iterator[duckdb.DuckDBPyConnection]:
        with replacing(path) as connection:
            connection.execute("set threads = 1; pragma disable_optimizer")
            connection.execute("set force_compression = 'uncompressed'")
            yield connection

    folder = request.path.relative_to(Path(__file__).parent).parts[0]
    with pytest.MonkeyPatch.context() as patch:
        if folder in _AFTER:
            patch.setattr(warehouse, "replacing", plain)
            patch.setattr(runner, "prove_grain", lambda *_, **__: None)
        yield
