"""What the tests of closing may use."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from pipeline import warehouse
from worlds.small_builds import small_builds


@pytest.fixture(scope="module", autouse=True)
def unoptimized() -> Iterator[None]:
    """Builds in this process whose queries run as written: of tables this small, to
    plan a query takes longer than to answer it.
    """
    replacing = warehouse.replacing

    @contextmanager
    def plain(path: Path, *_: object) -> Iterator[duckdb.DuckDBPyConnection]:
        with replacing(path) as connection:
            connection.execute("pragma disable_optimizer")
            yield connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse, "replacing", plain)
        yield


@pytest.fixture
def few_tables(request: pytest.FixtureRequest) -> Iterator[None]:
    """Small builds, but for tests marked `whole`, which read pages or files too."""
    if request.node.get_closest_marker("whole"):
        yield
    else:
        with small_builds():
            yield
