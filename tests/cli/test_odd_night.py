"""A run that meets odd records, as a command: what is whole goes out all the same."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.sandbox import SandboxServer, World
from pipeline.sandbox.api.routes import Answer
from pipeline.sandbox.http.faults import Fault
from pipeline.sandbox.http.server import Request
from servers import mail as mail_server
from tools.commands import AS_OF, KEY, Folder

pytestmark = pytest.mark.slow

MAIL = """
[charge]
rate_card = "rates.csv"
[mail]
host = "localhost"
port = {port}
security = "none"
from = "chargeback@acme.example"
recipients = ["finance@acme.example"]
"""


NOT_STARTED = ["0001-01-01T00:00:00Z", "1899-12-30T00:00:00Z", "9999-12-31T00:00:00Z"]


class OddServer(SandboxServer):
    """A tenant whose usage of the first of March has an item without an automation.

    Some of its runs start in years that stand for none.
    """

    def reply(self, request: Request, body: bytes) -> tuple[Answer, Fault | None]:
        answer, fault = super().reply(request, body)
        if request.path.endswith("/usage") and "2026-03-01" in request.query:
            content = json.loads(answer.body)
            del content["data"][0]["automation"]
            content["data"].append({"value": float("inf")})
            answer = answer._replace(body=json.dumps(content).encode())
        if request.path.endswith("/runs"):
            content = json.loads(answer.body)
            for run, text in zip(content["data"], NOT_STARTED, strict=False):
                run |= {"status": "queued", "startTime": text, "stopTime": text}
            answer = answer._replace(body=json.dumps(content).encode())
        return answer, fault


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    now = datetime(2026, 3, 3, 2, tzinfo=UTC)
    world = World(now=now, start=date(2026, 2, 1), automations=12)
    with OddServer(world, api_key=KEY) as server:
        folder = Folder(tmp_path, server)
        folder.configure()
        yield folder


def test_a_month_that_is_whole_is_mailed_and_the_odd_day_is_named(
    folder: Folder,
) -> None:
    config = folder.path / "chargeback.toml"
    rates = "meter,unit_price,currency,valid_from\nduration_hours,1,EUR,2026-01-01\n"
    (folder.path / "rates.csv").write_text(rates)
    with mail_server.serve() as inbox:
        config.write_text(config.read_text() + MAIL.format(port=inbox.port))
        result = folder.chargeback("run", "--as-of", AS_OF)

        assert inbox.recipients == ["finance@acme.example"]
        # What is due by the last good build is mailed though no tenant answers.
        more = '["finance@acme.example", "boss@acme.example"]'
        text = config.read_text().replace('["finance@acme.example"]', more)
        config.write_text(text)
        unread = folder.chargeback("run", "--as-of", AS_OF, key="wrong")

        assert inbox.recipients == ["finance@acme.example", "boss@acme.example"]
    assert unread.returncode == 3
    assert unread.stderr.count("HTTP-401") == 1
    assert result.returncode == 3
    assert "tenant acme: 2 records were set aside, ? among them" in result.stderr
    assert "filter=date%20ge%20%222026-03-01%22" in result.stderr
    assert "Traceback" not in result.stderr
    pages = {path.name for path in (folder.path / "data" / "reports").glob("charge*")}
    assert pages == {"chargeback-2026-02.html", "chargeback-2026-03.html"}
    quality = (folder.path / "data" / "reports" / "quality.html").read_text("utf-8")
    assert "◐" in quality
    assert list((folder.path / "data" / "quarantine" / "tenant=acme").iterdir())
    missing = folder.chargeback(
        "query",
        "select date, status, missing from coverage where missing is not null",
        "--format",
        "csv",
    )
    assert missing.stdout.splitlines()[1:] == ["2026-03-01,partial,?"]
