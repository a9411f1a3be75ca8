"""What a tenant says of the end of an endpoint is logged, once for each of them."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from pipeline.config import Extract, TenantAccess
from pipeline.endpoints import AUTOMATIONS, RUNS, SPACES
from pipeline.sandbox import Fault, SandboxServer, World
from pipeline.tenant import Tenant
from servers.script import Answer, Script, page, serve

KEY = "the-key-nobody-may-see"
FIRST = "/api/v1/spaces?limit=100"


@pytest.fixture
def script() -> Iterator[Script]:
    with serve() as script:
        yield script


def tenant(url: str) -> Tenant:
    access = TenantAccess("acme", url, api_key=KEY)
    return Tenant(access, Extract(requests_per_minute=600_000))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.message for r in caplog.records if r.levelno == logging.WARNING]


def warned(
    script: Script, caplog: pytest.LogCaptureFixture, headers: dict[str, str]
) -> list[str]:
    """The warnings of a night in which spaces are listed twice."""
    script.routes = {FIRST: [replace(page({"id": "a"}), headers=headers)]}
    with tenant(script.url) as client:
        for _ in range(2):
            list(client.pages(SPACES))
    return warnings(caplog)


SUNSET = "Tue, 30 Nov 2027 23:59:59 GMT"
UNTIL = ", and answers until 2027-11-30"
BEGIN = "tenant acme: /api/v1/spaces is deprecated"
END = ": look for a newer version"


@pytest.mark.parametrize(
    ("headers", "described"),
    [
        (
            {"Deprecation": "@1772323200", "Sunset": SUNSET},
            f" since 2026-03-01{UNTIL} (Deprecation: @1772323200; Sunset: {SUNSET})",
        ),
        (
            {"Sunset": SUNSET},
            f"{UNTIL} (Sunset: {SUNSET})",
        ),
        (
            {"Deprecation": "Sun, 01 Mar 2026 00:00:00 GMT"},
            " since 2026-03-01 (Deprecation: Sun, 01 Mar 2026 00:00:00 GMT)",
        ),
        ({"Deprecation": "true"}, " (Deprecation: true)"),
        ({"Deprecation": "@" + "9" * 30}, f" (Deprecation: @{'9' * 30})"),
        ({"Deprecation": "@soon"}, " (Deprecation: @soon)"),
        ({"X-Vendor-Deprecated": "2027-03"}, " (X-Vendor-Deprecated: 2027-03)"),
    ],
    ids=str,
)
def test_what_the_headers_say_is_logged_once(
    script: Script,
    caplog: pytest.LogCaptureFixture,
    headers: dict[str, str],
    described: str,
) -> None:
    assert warned(script, caplog, headers) == [BEGIN + described + END]


def test_what_others_wrote_is_cut_and_holds_no_key(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    (line,) = warned(script, caplog, {"Deprecation": f"{KEY}\t{'x' * 9_000}"})

    assert KEY not in line
    assert "\t" not in line
    assert len(line) < 400


def test_an_endpoint_is_described_without_ids_and_pages(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Two automations, some pages each, and a refusal: it is one endpoint."""
    now = datetime(2026, 11, 23, 2, tzinfo=UTC)
    world = World(now=now, start=date(2026, 11, 1), automations=20, seed=3)
    fault = Fault(kind="headers", headers={"Deprecation": "@1772323200"})
    with (
        SandboxServer(world, api_key=KEY, faults=[fault]) as server,
        tenant(server.url) as client,
    ):
        for one in world.listed_automations()[:3]:
            list(client.pages(replace(RUNS, page_size=5), one.id))
        for _ in range(2):
            list(client.pages(replace(AUTOMATIONS, page_size=5)))

        assert len(server.requests) > 5

    assert [line.split()[2] for line in warnings(caplog)] == [
        "/api/workflows/automations/{parent}/runs",
        "/api/workflows/automations",
    ]


def test_without_such_headers_nothing_is_logged(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.routes = {FIRST: [Answer({"data": []})]}
    with tenant(script.url) as client:
        list(client.pages(SPACES))

    assert warnings(caplog) == []
