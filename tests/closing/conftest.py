"""What the tests of closing may use."""

from collections.abc import Iterator

import pytest

from worlds.small_builds import small_builds


@pytest.fixture
def few_tables(request: pytest.FixtureRequest) -> Iterator[None]:
    """Small builds, but for tests marked `whole`, which read pages or files too."""
    if request.node.get_closest_marker("whole"):
        yield
    else:
        with small_builds():
            yield
