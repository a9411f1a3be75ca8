import pytest

from pipeline.sandbox import World
from pipeline.sandbox.world.automations import Automation
from servers.sandbox import AUTOMATIONS


@pytest.fixture(scope="module")
def busy(world: World) -> Automation:
    """The automation with the most runs listed."""
    return max(world.listed_automations(), key=lambda one: len(world.listed_runs(one)))


@pytest.fixture
def runs(busy: Automation) -> str:
    return f"{AUTOMATIONS}/{busy.id}/runs"
