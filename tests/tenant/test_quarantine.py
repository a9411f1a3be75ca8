"""A page that is not as documented: refused with its place, kept without secrets."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.config import Extract, TenantAccess
from pipeline.endpoints import AUTOMATIONS, RUNS, SPACES, USAGE, Endpoint
from pipeline.tenant import InvalidPageError, Tenant
from servers.script import Answer, Script, page, serve

FIRST = "/api/v1/spaces?limit=100"
CANARY = "canary-of-what-may-not-be-kept"
HIDDEN = {
    "executionToken": CANARY,
    "workspace": {"blocks": [{"inputs": CANARY}]},
    "lastRun": {"inputs": {"x": CANARY}},
    "error": [{"response": CANARY}],
}


@pytest.fixture
def script() -> Iterator[Script]:
    with serve() as script:
        yield script


def refusal(script: Script, endpoint: Endpoint) -> InvalidPageError:
    access = TenantAccess("acme", script.url, api_key=CANARY)
    limits = Extract(requests_per_minute=600_000)
    with Tenant(access, limits) as client, pytest.raises(InvalidPageError) as caught:
        list(client.pages(endpoint, "p"))
    return caught.value


USED = {"date": "2026-10-01", "name": "runs", "value": 1, "automation": {"guid": "g"}}


@pytest.mark.parametrize(
    ("endpoint", "record", "odd", "place"),
    [
        (AUTOMATIONS, {"id": "a"}, {"id": 7}, "$.data[1].id"),
        (AUTOMATIONS, {"id": "a"}, {}, "$.data[1]"),
        (AUTOMATIONS, {"id": "a"}, {"id": "b", "name": HIDDEN}, "$.data[1].name"),
        (AUTOMATIONS, {"id": "a"}, {"id": "b", "name": [CANARY]}, "$.data[1].name"),
        (RUNS, {"id": "a"}, {"id": "b", "duration": 2.5}, "$.data[1].duration"),
        (RUNS, {"id": "a"}, {"id": "b" * 300}, "$.data[1].id"),
        (AUTOMATIONS, {"id": "a"}, {"id": "b c"}, "$.data[1].id"),
        (USAGE, USED, USED | {"value": 2**63}, "$.data[1].value"),
        (USAGE, USED, USED | {"automation": None}, "$.data[1].automation"),
        (USAGE, USED, USED | {"automation": {}}, "$.data[1].automation"),
        (SPACES, {"id": "a"}, [1], "$.data[1]"),
    ],
)
def test_of_an_odd_record_is_kept_what_our_records_name(
    script: Script, endpoint: Endpoint, record: Any, odd: Any, place: str
) -> None:
    limit = f"?limit={endpoint.page_size}" if endpoint.page_size else ""
    path = endpoint.path.format(parent="p") + limit
    other = odd | HIDDEN if isinstance(odd, dict) else odd
    script.routes = {path: [page(record | HIDDEN, other)]}

    error = refusal(script, endpoint)

    kept = json.loads(error.invalid.kept)
    assert (error.invalid.request, error.invalid.place) == (path, place)
    assert set(kept) == {"data"}
    assert CANARY not in error.invalid.kept.decode()
    (record,) = kept["data"]
    assert not isinstance(record, dict) or not HIDDEN.keys() & record.keys()


@pytest.mark.parametrize("error", [CANARY, [CANARY], {"message": CANARY}, 7])
def test_of_errors_a_refused_page_keeps_nothing(script: Script, error: Any) -> None:
    """They are taken as they come, and a text among them would look like a value."""
    path = RUNS.path.format(parent="p") + f"?limit={RUNS.page_size}"
    script.routes = {
        path: [page({"id": "a", "error": error}, {"id": 7, "error": error})]
    }

    kept = json.loads(refusal(script, RUNS).invalid.kept)

    assert kept == {"data": [{"id": 7}]}


@pytest.mark.parametrize("body", [[], 7, {}, {"data": {"a": 1}}, {"data": 0}, "x"])
def test_a_page_that_is_none_is_refused_with_its_place(
    script: Script, body: Any
) -> None:
    script.routes = {FIRST: [Answer(body)]}

    error = refusal(script, SPACES)

    assert error.invalid.place.startswith("$")
    assert set(json.loads(error.invalid.kept)) == {"data"}
    assert script.paths() == [FIRST]


def test_a_page_that_is_cut_short_is_no_odd_page(script: Script) -> None:
    """Its first record is odd; but then the rest may be missing: it is read again."""
    cut = Answer(b'{"data": [{"id": 7}, {"id":')
    script.routes = {FIRST: [cut, page({"id": 7})]}

    refusal(script, SPACES)

    assert script.paths() == [FIRST, FIRST]
