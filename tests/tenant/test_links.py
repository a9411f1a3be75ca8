"""From page to page: every link a tenant may send, and those that it may not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pipeline.config import Extract, TenantAccess
from pipeline.endpoints import SPACES
from pipeline.errors import TenantError
from pipeline.tenant import Tenant, pagination
from pipeline.tenant.pagination import OtherOriginError, resolve
from servers.script import Answer, Script, page, serve

FIRST = "/api/v1/spaces?limit=100"


@pytest.fixture
def script() -> Iterator[Script]:
    with serve() as script:
        yield script


def connected(script: Script) -> Tenant:
    access = TenantAccess("acme", script.url, api_key="a-key")
    return Tenant(access, Extract(requests_per_minute=600_000))


def ids(script: Script) -> list[str]:
    with connected(script) as client:
        return [i for rows in client.pages(SPACES) for i in rows["space_id"]]


def test_pages_are_followed_to_the_last_one(script: Script) -> None:
    script.routes = {
        FIRST: [page({"id": "a"}, next_href=f"{script.url}/api/v1/spaces?next=2")],
        "/api/v1/spaces?next=2": [page({"id": "b"}, next_href="?next=3")],
        "/api/v1/spaces?next=3": [page({"id": "c"}, next_href="/api/v1/spaces?next=4")],
        "/api/v1/spaces?next=4": [page(next_href=None)],
    }

    assert ids(script) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "links",
    [
        {},
        {"links": None},
        {"links": {}},
        {"links": {"next": None}},
        {"links": {"next": ""}},
        {"links": {"next": {}}},
        {"links": {"next": {"href": None}}},
        {"links": {"next": {"href": ""}}},
    ],
)
def test_every_way_to_have_no_next_page_ends_the_listing(
    script: Script, links: dict[str, Any]
) -> None:
    script.routes = {FIRST: [Answer({"data": [{"id": "a"}], **links})]}

    assert ids(script) == ["a"]


@pytest.mark.parametrize(
    "href",
    [
        "https://evil.example/api/v1/spaces?next=2",
        "//evil.example/api/v1/spaces",
        "http://127.0.0.1:1/api/v1/spaces",
        "https://127.0.0.1/api/v1/spaces",
        "http://[::1/api",
        "file:///etc/passwd",
    ],
)
def test_a_next_link_off_the_tenant_is_refused_before_a_byte_is_sent(
    script: Script, href: str
) -> None:
    script.routes = {FIRST: [page({"id": "a"}, next_href=href)]}

    with pytest.raises(TenantError, match="next link"):
        ids(script)

    assert script.paths() == [FIRST]


def test_a_next_link_with_a_user_in_it_is_refused(script: Script) -> None:
    href = script.url.replace("http://", "http://user:word@") + "/api/v1/spaces?next=2"
    script.routes = {FIRST: [page({"id": "a"}, next_href=href)]}

    with pytest.raises(TenantError, match="next link"):
        ids(script)


def test_a_link_to_another_port_is_not_followed(script: Script) -> None:
    with serve() as other:
        script.routes = {FIRST: [page(next_href=f"{other.url}/api/v1/spaces")]}

        with pytest.raises(TenantError, match="next link"):
            ids(script)

        assert other.requests == []


def test_a_cursor_that_repeats_ends_in_an_error(script: Script) -> None:
    second = "/api/v1/spaces?next=2"
    script.routes = {
        FIRST: [page({"id": "a"}, next_href=second)],
        second: [page({"id": "b"}, next_href=FIRST)],
    }

    with pytest.raises(TenantError, match="do not end"):
        ids(script)

    assert script.paths() == [FIRST, second]


def test_empty_pages_without_end_end_in_an_error(script: Script) -> None:
    script.routes = {FIRST: [page(next_href="/api/v1/spaces?next=0")]}
    for n in range(200):
        route = f"/api/v1/spaces?next={n}"
        script.routes[route] = [page(next_href=f"/api/v1/spaces?next={n + 1}")]

    with pytest.raises(TenantError, match="do not end"):
        ids(script)


def test_pages_that_stay_the_same_under_new_links_end_in_an_error(
    script: Script,
) -> None:
    script.routes = {FIRST: [page({"id": "a"}, next_href="?next=0")]}
    for n in range(99):
        route, following = f"/api/v1/spaces?next={n}", f"?next={n + 1}"
        script.routes[route] = [page({"id": "a"}, next_href=following)]

    with pytest.raises(TenantError, match="do not end"):
        ids(script)

    assert len(script.requests) == 2


def test_a_link_is_encoded_as_a_url_must_be(script: Script) -> None:
    following = "/api/v1/spaces?next=a%2Fb%20c%22%C3%A9"
    script.routes = {
        FIRST: [page({"id": "a"}, next_href='/api/v1/spaces?next=a%2Fb c"é')],
        following: [page({"id": "b"})],
    }

    assert ids(script) == ["a", "b"]


def test_a_link_that_is_longer_than_any_url_is_an_error(script: Script) -> None:
    script.routes = {FIRST: [page({"id": "a"}, next_href=f"?next={'x' * 70_000}")]}

    with pytest.raises(TenantError, match=r"(?s)acme: GET .*link is not usable"):
        ids(script)

    assert script.paths() == [FIRST]


def test_a_full_page_without_a_link_is_asked_for_again(script: Script) -> None:
    first = [{"id": f"{n:03}"} for n in range(100)]
    script.routes = {
        FIRST: [page(*first), page(*first, next_href="?next=2")],
        "/api/v1/spaces?next=2": [page({"id": "b"})],
    }

    assert ids(script) == [*(row["id"] for row in first), "b"]


@contextmanager
def endless(record: Callable[[int], Any]) -> Iterator[Script]:
    """A tenant whose every page has a fresh link, and a *record* by its number."""
    with serve() as script:

        def take(path: str) -> Answer:  # noqa: ARG001 (each has the same answer)
            number = len(script.requests)
            return page(record(number), next_href=f"?next={number}")

        script.take = take  # type: ignore[method-assign]
        yield script


@pytest.mark.parametrize(
    ("record", "most"),
    [
        (lambda n: {"id": f"s{n % 2}"}, 6),
        (lambda n: {"id": f"s{n % 7}", "name": f"n{n}"}, 12),
        (lambda n: {"id": f"s{n}"} if n < 30 else {"id": "s1", "name": f"n{n}"}, 34),
    ],
    ids=["two by turns", "seven by turns", "the first one again"],
)
def test_pages_that_bring_nothing_new_end_in_an_error(
    record: Callable[[int], Any], most: int
) -> None:
    with endless(record) as script:
        with pytest.raises(TenantError, match="they repeat: the tenant's pages do not"):
            ids(script)

        assert len(script.requests) <= most


@pytest.mark.parametrize(
    ("cap", "most", "message"),
    [
        ("MAX_PAGES", 40, "40 with 40 records were read"),
        ("MAX_RECORDS", 40, "41 with 41 records were read"),
        ("MAX_SECONDS", -1, "more than -1 hours"),
    ],
)
def test_records_that_are_ever_new_end_in_an_error(
    monkeypatch: pytest.MonkeyPatch, cap: str, most: int, message: str
) -> None:
    monkeypatch.setattr(pagination, cap, most)
    with (
        endless(lambda n: {"id": f"s{n}"}) as script,
        pytest.raises(TenantError, match=f"{message}.*pages do not end"),
    ):
        ids(script)


def test_some_records_may_come_twice(script: Script) -> None:
    """Others were added while pages were read, which moved these to the next one."""
    script.routes = {
        FIRST: [page({"id": "a"}, {"id": "b"}, next_href="?next=2")],
        "/api/v1/spaces?next=2": [page({"id": "b"}, {"id": "a"}, next_href="?next=3")],
        "/api/v1/spaces?next=3": [page({"id": "b"}, {"id": "c"})],
    }

    assert ids(script) == ["a", "b", "b", "a", "b", "c"]


BASE = "https://acme.eu.qlikcloud.com"
NAMES = frozenset({"acme.example.com"})


@pytest.mark.parametrize(
    "origin",
    [
        BASE,
        f"{BASE}:443",
        "http://acme.eu.qlikcloud.com",
        "http://acme.eu.qlikcloud.com:80",
        "https://ACME.eu.qlikcloud.com",
        "https://acme.example.com",
        "http://acme.example.com",
        "https://acme.example.com:443",
        "https://acme.example.com.",
        "//acme.example.com",
    ],
)
def test_a_link_to_another_name_or_scheme_of_the_tenant_is_asked_for_at_its_url(
    origin: str,
) -> None:
    found = resolve(BASE, "/api/v1/spaces", f"{origin}/api/v1/spaces?next=2", NAMES)

    assert found == "/api/v1/spaces?next=2"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://acme.example.com.evil.example",
        "https://acme.eu.qlikcloud.com@evil.example",
        "https://acme.example.com:8443",
        "https://acme.eu.qlikcloud.com:8443",
        "https://user@acme.example.com",
        "ftp://acme.example.com",
    ],
)
def test_a_link_to_no_name_of_the_tenant_is_refused(origin: str) -> None:
    with pytest.raises(OtherOriginError, match="leads to"):
        resolve(BASE, "/api/v1/spaces", f"{origin}/api/v1/spaces?next=2", NAMES)


@pytest.mark.parametrize("name", ["other.example", "OTHER.example"])
def test_links_and_redirects_to_a_name_of_the_tenant_are_followed(
    script: Script, name: str
) -> None:
    there = f"https://{name}/api/v1/spaces"
    moved = Answer(status=307, headers={"Location": f"{there}?moved"})
    script.routes = {
        FIRST: [page({"id": "a"}, next_href=f"{there}?next=2")],
        "/api/v1/spaces?next=2": [moved],
        "/api/v1/spaces?moved": [page({"id": "b"})],
    }

    with connected(script) as client:
        client.names.known = frozenset({"other.example"})
        found = [i for rows in client.pages(SPACES) for i in rows["space_id"]]

    assert found == ["a", "b"]


@pytest.mark.parametrize("how", ["link", "redirect"])
def test_what_leads_elsewhere_says_what_to_set(script: Script, how: str) -> None:
    there = "https://other.example/api/v1/spaces?next=2"
    moved = Answer(status=308, headers={"Location": there})
    script.routes = {FIRST: [page(next_href=there) if how == "link" else moved]}

    with pytest.raises(TenantError, match=r"(?s)other\.example.*set tenant\.url to it"):
        ids(script)


ME = "/api/v1/tenants/me"
THERE = "https://other.example/api/v1/spaces?next=2"


@pytest.mark.parametrize(
    ("me", "expected"),
    [
        (Answer({"id": "x", "hostnames": ["Other.example"]}), ["a", "b"]),
        (Answer({"hostnames": ["evil.example"]}), None),
        (Answer({"hostnames": None}), None),
        (Answer({"hostnames": "other.example"}), None),
        (Answer({}, status=404), None),
        (Answer(status=308, headers={"Location": THERE}), None),
        (Answer(b"<html>"), None),
    ],
    ids=["named", "others", "null", "text", "none", "moved", "page"],
)
def test_the_tenant_is_asked_once_for_its_names(
    script: Script, me: Answer, expected: list[str] | None
) -> None:
    script.routes = {
        FIRST: [page({"id": "a"}, next_href=THERE)],
        "/api/v1/spaces?next=2": [page({"id": "b"})],
        ME: [me],
    }

    for _ in range(2):
        with connected(script) as client:
            client.names.are_looked_up = True
            if expected is None:
                with pytest.raises(TenantError, match=r"set tenant\.url"):
                    list(client.pages(SPACES))
            else:
                found = [i for rows in client.pages(SPACES) for i in rows["space_id"]]
                assert found == expected
    assert script.paths().count(ME) == 2
