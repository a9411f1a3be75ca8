"""What every test may use, and options of the test run."""

from collections.abc import Iterator

import pytest
import stamina


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="Accept the pages as they render now; then read the diff.",
    )


@pytest.fixture
def fast_retries() -> Iterator[None]:
    """At most three attempts, without a wait between them."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield
