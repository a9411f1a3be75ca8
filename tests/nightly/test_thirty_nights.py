"""Thirty nights on a bad network, and the year of a tenant whose night is killed."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import stamina

from pipeline.sandbox import Fault, SandboxServer, World
from worlds.nights import HOUR, KEY, Nights, pace, truth, usage_daily

pytestmark = [pytest.mark.slow, pytest.mark.endurance]

FIRST_NIGHT = date(2026, 4, 20)
NIGHTS = 30

# One request in twenty each, at different places of the row.
BAD_DAYS = (
    Fault(kind="reset", every=60),
    Fault(kind="reset_headers", every=60, skip=20),
    Fault(kind="reset_body", every=60, skip=40),
    Fault(kind="status", status=429, retry_after="0", every=20, skip=3),
    Fault(kind="status", status=503, body="html", every=40, skip=7),
    Fault(kind="status", status=500, every=40, skip=27),
    Fault(kind="cut", every=20, skip=11),
    Fault(kind="row_twice", match="/runs", every=20, skip=5),
    Fault(kind="row_missed", match="/runs", every=20, skip=15),
)


def test_thirty_nights_of_faults_end_equal_to_the_truth(tmp_path: Path) -> None:
    """Moves, new owners, deletions, late usage, queued and long runs, to the unit.

    The first night reads weeks, whose pages shift; what was wiped before it is gone.
    """
    world = World(
        now=datetime.combine(FIRST_NIGHT, HOUR),
        start=FIRST_NIGHT - timedelta(days=25),
        automations=210,
        late_usage=True,
    )
    last = FIRST_NIGHT + timedelta(days=NIGHTS - 1)

    with (
        stamina.set_testing(True, attempts=8, cap=True),
        SandboxServer(world, api_key=KEY, faults=BAD_DAYS) as server,
    ):
        nights = Nights(server, tmp_path, pace(30), world.start)
        for n in range(NIGHTS):
            nights.extract(FIRST_NIGHT + timedelta(days=n))
        fired = server.faults.fired
        expected = truth(server.world, last)

    with nights.build(last) as connection:
        found = usage_daily(connection)
    settled = [FIRST_NIGHT + timedelta(days=n) for n in range(NIGHTS - 4)]
    assert fired
    assert {k: v for k, v in found.items() if k[0] in settled} == {
        k: v for k, v in expected.items() if k[0] in settled
    }
