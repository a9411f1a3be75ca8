"""What the tests of pages may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from pipeline import report
from tools.browser import started
from worlds.report import AS_OF, make_warehouse
from worlds.runs import run_of


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium without a page."""
    with started() as one:
        yield one


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the small world, where a file has none of its own."""
    folder = tmp_path_factory.mktemp("world")
    database = make_warehouse(folder)
    return report.render(database, folder / "pages", run_of(folder, AS_OF)).parent
