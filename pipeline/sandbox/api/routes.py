"""The tenant's API: routes, callers and their tokens, answers; without a socket."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import msgspec

from pipeline.sandbox.api import (
    audits,
    consumption,
    listings,
    pagination,
    records,
    runs,
)
from pipeline.sandbox.api.errors import RedirectError, StatusError, bad_request
from pipeline.sandbox.api.request_context import ListingCache, RequestContext
from pipeline.sandbox.api.tenant_options import Options
from pipeline.sandbox.api.usage import usage
from pipeline.sandbox.world.population import User
from pipeline.sandbox.world.world import World

JSON = "application/json; charset=utf-8"
_TOKEN_SECONDS = 21_600
_BEARER = "Bearer "
_ONE = "([^/]+)"


class Answer(NamedTuple):
    """Status, body and headers besides the length."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Route(NamedTuple):
    """A path, its parameters, and the endpoint behind it."""

    path: re.Pattern[str]
    known: tuple[str, ...]
    endpoint: Callable[..., object]


def _settings(_: RequestContext) -> dict[str, Any]:
    return {"maxConcurrentRunsPerAutomation": 10}


def _me(request: RequestContext) -> dict[str, Any]:
    return listings.user(request, request.caller)


def _tenant_id(request: RequestContext) -> str:
    derived = hashlib.sha256(f"tenant of seed {request.world.seed}".encode())
    return request.options.tenant_id or derived.hexdigest()[:32]


def _own_tenant(request: RequestContext) -> object:
    """GET /api/v1/tenants/me, which leads to the tenant of the caller."""
    raise RedirectError(f"/api/v1/tenants/{_tenant_id(request)}")


def _tenant(request: RequestContext, identity: str) -> dict[str, Any]:
    """GET /api/v1/tenants/{id}; nobody sees another tenant than their own."""
    if identity != _tenant_id(request):
        raise StatusError(HTTPStatus.NOT_FOUND, "no such tenant")
    self_link = {"href": f"{request.base}/api/v1/tenants/{identity}"}
    hosts = [request.base.partition("://")[2]]
    return {
        "id": identity,
        "name": "Sandbox",
        "status": "active",
        "hostnames": hosts,
        "links": {"self": self_link},
    }


def _truth(request: RequestContext) -> dict[str, Any]:
    """GET /sandbox/truth, which no tenant has: what was really used."""
    return {"data": [row._asdict() for row in request.world.truth()]}


def _routes() -> tuple[Route, ...]:
    automations = "/api/workflows/automations"
    listed = ("limit", "cursor", "sort", "filter")
    with_tokens = ("limit", "next", "prev", "sort")
    table: tuple[tuple[str, tuple[str, ...], Callable[..., object]], ...] = (
        (automations, (*listed, "listAll"), listings.automations),
        (f"{automations}/settings", (), _settings),
        (f"{automations}/usage", ("filter", "breakdownBy", "cursor"), usage),
        (f"{automations}/{_ONE}", (), listings.automation),
        (f"{automations}/{_ONE}/runs", listed, runs.runs),
        (f"{automations}/{_ONE}/runs/{_ONE}", (), runs.run),
        ("/api/workflows/automation-connectors", listed, listings.connectors),
        ("/api/v1/tenants/me", (), _own_tenant),
        (f"/api/v1/tenants/{_ONE}", (), _tenant),
        ("/api/v1/users", (*with_tokens, "filter", "totalResults"), listings.users),
        ("/api/v1/users/me", (), _me),
        ("/api/v1/spaces", (*with_tokens, "name", "ownerId", "type"), listings.spaces),
        ("/api/v1/licenses/overview", (), consumption.overview),
        ("/api/v1/consumption/executions", consumption.KNOWN, consumption.executions),
        ("/api/v1/audits", audits.KNOWN, audits.audits),
        ("/api/v1/audits/archive", ("date",), audits.archive),
        ("/sandbox/truth", (), _truth),
    )
    return tuple(
        Route(re.compile(path), known, endpoint) for path, known, endpoint in table
    )


_ROUTES = _routes()


@dataclass(slots=True)
class Api:
    """The tenant behind the server: answers requests, issues and revokes tokens."""

    world: World
    options: Options
    base: str
    _tokens: dict[str, int] = field(default_factory=dict, repr=False)
    cache: ListingCache = field(default_factory=ListingCache, repr=False)
    _traces: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """What the tenant says to a request; *target* is path and query."""
        try:
            found = self._find(method, target, headers, body)
        except RedirectError as exc:
            return Answer(HTTPStatus.FOUND, b"", {"Location": exc.path})
        except StatusError as exc:
            return self.error_answer(exc.status, exc.detail)
        return Answer(HTTPStatus.OK, msgspec.json.encode(found), {"Content-Type": JSON})

    def error_answer(self, status: int, detail: str = "") -> Answer:
        """An answer with the tenant's error body."""
        error = {"code": f"HTTP-{status}", "title": HTTPStatus(status).phrase}
        if detail:
            error["detail"] = detail
        trace = hashlib.md5(
            f"{next(self._traces)}".encode(), usedforsecurity=False
        ).hexdigest()
        body = msgspec.json.encode({"errors": [error], "traceId": trace})
        return Answer(status, body, {"Content-Type": JSON})

    def revoke_tokens(self) -> None:
        """Make every OAuth token that was issued invalid."""
        self._tokens.clear()

    def _find(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> object:
        path, _, query = target.partition("?")
        world = self.world.at(self.world.now)
        if path == "/oauth/token":
            if method != "POST":
                raise StatusError(HTTPStatus.METHOD_NOT_ALLOWED)
            return self._issue(world, headers.get("Content-Type", ""), body)
        caller = self._caller(world, headers.get("Authorization") or "")
        for route in _ROUTES:
            if match := route.path.fullmatch(path):
                if method != "GET":
                    raise StatusError(HTTPStatus.METHOD_NOT_ALLOWED)
                request = RequestContext(
                    world=world,
                    options=self.options,
                    base=self.base,
                    path=path,
                    query=pagination.parameters(query, route.known),
                    caller=caller,
                    is_admin=self.options.role == "admin",
                    cache=self.cache,
                )
                return route.endpoint(request, *map(unquote, match.groups()))
        raise StatusError(HTTPStatus.NOT_FOUND, f"no such path: {path}")

    def _caller(self, world: World, authorization: str) -> User:
        """The user of the bearer token."""
        token = authorization.removeprefix(_BEARER)
        if authorization.startswith(_BEARER):
            if hmac.compare_digest(token.encode(), self.options.api_key.encode()):
                people = world.population
                return (
                    people.admin if self.options.role == "admin" else people.owners[0]
                )
            if self._tokens.get(token, 0) > world.second:
                return world.population.bot
        raise StatusError(HTTPStatus.UNAUTHORIZED, "a valid bearer token is required")

    def _issue(self, world: World, kind: str, body: bytes) -> dict[str, Any]:
        """An OAuth token for the client's own user."""
        form = _form(kind, body)
        if form.get("grant_type") != "client_credentials":
            raise bad_request("grant_type must be client_credentials")
        given = form.get("client_id"), form.get("client_secret")
        if None in given:
            raise bad_request("client_id and client_secret are required")
        if given != (self.options.client_id, self.options.client_secret):
            raise StatusError(HTTPStatus.UNAUTHORIZED, "invalid client credentials")
        number = f"{self.options.client_id}/{next(self._traces)}"
        token = hashlib.sha256(number.encode()).hexdigest()
        self._tokens[token] = world.second + _TOKEN_SECONDS
        return records.token_record(token, world.now, _TOKEN_SECONDS)


def _form(kind: str, body: bytes) -> dict[str, str]:
    """The fields of a form or a JSON object."""
    try:
        if kind.startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(body.decode()))
        if kind.startswith("application/json"):
            return msgspec.json.decode(body, type=dict[str, str])
    except (ValueError, msgspec.DecodeError):
        raise bad_request("cannot read the request's body") from None
    raise bad_request("send a form or JSON")
