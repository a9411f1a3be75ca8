"""What a user or a terminal can do to a command: a line or two, never a trace."""

import re
import signal
import time

import pytest

from pipeline.sandbox import Fault
from tools.commands import AS_OF, Folder, unlabelled

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("number", "word", "code"),
    [(signal.SIGINT, "interrupted", 130), (signal.SIGTERM, "terminated", 143)],
)
def test_a_night_that_is_interrupted_ends_at_once_and_keeps_what_it_read(
    folder: Folder, number: signal.Signals, word: str, code: int
) -> None:
    """At two requests a second it would go on for half a minute."""
    folder.configure(extract="requests_per_minute = 120")
    night = folder.start("run", "--as-of", AS_OF)
    while not any("/usage" in r.path for r in list(folder.server.requests)):
        time.sleep(0.01)
        assert night.poll() is None

    began = time.monotonic()
    night.send_signal(number)
    _, told = night.communicate(timeout=20)

    assert night.returncode == code
    assert time.monotonic() - began < 5
    warned = f"warning: {word}; what was saved before is as it was\n"
    assert unlabelled(told).endswith(warned)
    assert re.search(rf"info: run \S+: exit {code}, .* requests, .*\n\Z", told)
    assert "Traceback" not in told
    assert list(folder.path.rglob("automations.parquet"))
    assert not list(folder.path.rglob("*.partial"))


@pytest.mark.parametrize("stage", ["run", "extract", "build"])
def test_a_first_day_that_is_still_to_come_is_wrong_usage(
    folder: Folder, stage: str
) -> None:
    folder.configure(first_day="2026-03-04")

    result = folder.chargeback(stage, "--as-of", AS_OF)

    assert result.returncode == 2
    assert result.stderr == (
        "error: first_day 2026-03-04 is after 2026-03-03, the last day\n"
    )


def test_a_since_before_the_first_day_is_wrong_usage(folder: Folder) -> None:
    result = folder.chargeback("extract", "--as-of", AS_OF, "--since", "2026-01-31")

    assert result.returncode == 2
    assert "--since 2026-01-31 is before first_day 2026-02-01" in result.stderr
    assert not folder.server.requests


def test_an_output_that_knows_no_arrow_gets_its_code(folder: Folder) -> None:
    result = folder.process("doctor", PYTHONIOENCODING="ascii")

    assert result.returncode == 0
    assert r"none is configured \u2192 set charge.rate_card" in result.stdout


MAIL = '[mail]\nhost = "h"\nfrom = "a@b"\nrecipients = ["c@d"]\n'
QUOTAS = "[sources]\nlicence = true\nconsumption = true\n"


@pytest.mark.parametrize("status", [400, 500])
def test_an_optional_source_that_fails_leaves_pages_and_mail_and_ends_in_3(
    folder: Folder, status: int
) -> None:
    folder.configure()
    config = folder.path / "chargeback.toml"
    config.write_text(config.read_text() + QUOTAS + MAIL)
    folder.server.faults.add(Fault(kind="status", match="/consumption", status=status))

    result = folder.chargeback("run", "--as-of", AS_OF)

    rows = [line.split()[:2] for line in result.stderr.splitlines()]
    assert result.returncode == 3
    assert "error: tenant acme: GET /api/v1/consumption/executions" in result.stderr
    assert (folder.path / "data" / "reports" / "index.html").is_file()
    assert "mail: 0 delivered, nothing is left" in result.stderr
    assert ["acme", "runs"] in rows
    assert ["acme", "licence"] in rows
    assert ["acme", "consumption"] not in rows
